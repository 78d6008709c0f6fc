// SPDX-License-Identifier: Apache-2.0

/// Up to which event time all has probably been seen.
///
/// The newest time of all streams less the lateness; and not past the newest time less the
/// lateness of a stream that has more to read, however far the others are. When nothing has come
/// for the lateness by the wall clock, nothing is waited for any more.
package struct Watermark: Sendable {
    private struct Stream {
        var newest: Int64?
        var isBehind: Bool
    }

    /// Event times may be so far ahead of the wall clock: clocks of other hosts.
    package static let aheadMilliseconds: Int64 = 86_400_000

    private let latenessMilliseconds: Int64
    private var streams: [String: Stream] = [:]
    /// The time of the newest record.
    package private(set) var newest: Int64?
    private var lastCame: Int64?
    private var reached: Int64?
    /// Records of a time so far ahead that it cannot be true.
    package private(set) var clampedCount = 0

    package init(latenessSeconds: Int) {
        latenessMilliseconds = Int64(min(max(latenessSeconds, 0), 1 << 39)) * 1_000
    }

    /// The time to take a record's events at: its own; the wall clock's if it has none, or one
    /// that is more than a day ahead.
    package static func time(of eventTime: Int64?, now: Int64) -> Int64 {
        guard let eventTime, eventTime <= now + aheadMilliseconds else { return now }
        // Far from what would overflow.
        return max(eventTime, -Int64(1) << 60)
    }

    /// Takes note of a record.
    ///
    /// - Parameters:
    ///   - eventTime: In milliseconds since 1970, as `now`; nil if the record has none.
    /// - Returns: The time to take the record's events at, as ``time(of:now:)``.
    package mutating func observe(stream: String, eventTime: Int64?, now: Int64) -> Int64 {
        let time = Self.time(of: eventTime, now: now)
        if let eventTime, eventTime > now + Self.aheadMilliseconds { clampedCount += 1 }
        streams[stream, default: Stream(newest: nil, isBehind: false)].newest =
            max(streams[stream]?.newest ?? time, time)
        newest = max(newest ?? time, time)
        lastCame = now
        return time
    }

    /// There is more to read of the stream.
    package mutating func markBehind(stream: String) {
        streams[stream, default: Stream(newest: nil, isBehind: true)].isBehind = true
    }

    /// The stream has been read as far as it goes; it holds nothing up.
    ///
    /// Its times are forgotten: they have gone into the newest time of all.
    package mutating func markAtRest(stream: String) { streams[stream] = nil }

    /// The time to work up to, never before an earlier answer; nil before there is any.
    package mutating func milliseconds(now: Int64) -> Int64? {
        guard let newest, let lastCame else { return nil }
        let mark: Int64
        if now - lastCame >= latenessMilliseconds {
            // Windows that look forward close though nothing more is logged.
            mark = max(newest, now - latenessMilliseconds)
        } else {
            var slowest = newest
            for stream in streams.values where stream.isBehind {
                // Of a stream not yet read, any time may come.
                guard let seen = stream.newest else { return reached }
                slowest = min(slowest, seen)
            }
            mark = slowest - latenessMilliseconds
        }
        reached = max(reached ?? mark, mark)
        return reached
    }
}
