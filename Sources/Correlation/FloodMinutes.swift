// SPDX-License-Identifier: Apache-2.0

/// How many reports each rule made in each minute of event time, and what was too many.
struct FloodMinutes: Sendable {
    static let lengthMilliseconds: Int64 = 60_000

    private struct Key: Hashable {
        let rule: Int
        /// When the minute begins; before 1970 too.
        let start: Int64

        init(_ rule: Int, _ time: Int64) {
            self.rule = rule
            let rest = time % lengthMilliseconds
            start = time - (rest < 0 ? rest + lengthMilliseconds : rest)
        }
    }

    private struct Minute: Ending {
        let end: Int64
        var reports = 0
        var flood: Suppressor.Summary?
    }

    private var minutes: ClosingMap<Key, Minute>

    init(limit: Int) { minutes = ClosingMap(limit: limit) }

    var forgottenCount: Int { minutes.forgottenCount }

    /// Counts a finding that would be reported.
    ///
    /// - Returns: Nil if it may be; otherwise the first finding of the flood that it belongs to.
    mutating func count(
        _ rule: Int, _ identity: String, _ time: Int64, limit: Int
    ) -> String? {
        guard let minute = minutes[Key(rule, time)], minute.reports >= limit else {
            noteReport(rule, time)
            return nil
        }
        return noteFlood(rule, identity, time)
    }

    mutating func noteReport(_ rule: Int, _ time: Int64) {
        var minute = minute(rule, time)
        minute.reports += 1
        minutes.set(minute, for: Key(rule, time))
    }

    /// - Returns: The first finding of the flood.
    @discardableResult
    mutating func noteFlood(_ rule: Int, _ identity: String, _ time: Int64) -> String {
        var minute = minute(rule, time)
        var flood =
            minute.flood
            ?? Suppressor.Summary(
                rule: rule, key: nil, first: identity, count: 0, firstTime: time, lastTime: time)
        flood.count += 1
        flood.firstTime = min(flood.firstTime, time)
        flood.lastTime = max(flood.lastTime, time)
        minute.flood = flood
        minutes.set(minute, for: Key(rule, time))
        return flood.first
    }

    private func minute(_ rule: Int, _ time: Int64) -> Minute {
        let key = Key(rule, time)
        return minutes[key] ?? Minute(end: key.start + Self.lengthMilliseconds - 1)
    }

    /// The floods of minutes that ended before a time, and of those that were given up.
    mutating func close(before time: Int64) -> [Suppressor.Summary] {
        var floods: [Suppressor.Summary] = []
        while let (_, minute) = minutes.popEnded(before: time) {
            if let flood = minute.flood { floods.append(flood) }
        }
        return floods
    }
}
