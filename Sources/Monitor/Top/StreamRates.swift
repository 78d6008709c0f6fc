// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// How many records a second each log has had lately, from the statuses of the last seconds.
struct StreamRates {
    private struct Sample {
        let milliseconds: Int
        let records: [String: Int]
    }

    /// Of which the oldest is compared with the newest.
    private static let spanMilliseconds = 10_000

    private var samples: [Sample] = []

    mutating func add(_ status: MonitorStatus, at time: Timestamp) {
        let records = Dictionary(
            status.streams.map { ($0.stream, $0.records) }, uniquingKeysWith: { $1 })
        let now = time.milliseconds
        // A clock that was set back starts anew.
        samples.removeAll {
            $0.milliseconds >= now || now - $0.milliseconds > Self.spanMilliseconds
        }
        samples.append(Sample(milliseconds: now, records: records))
    }

    /// 0 for a log that is new.
    func perSecond(_ stream: String) -> Double {
        guard let last = samples.last, let now = last.records[stream],
            let first = samples.first(where: { $0.records[stream] != nil }),
            let before = first.records[stream], last.milliseconds > first.milliseconds
        else { return 0 }
        return Double(now - before) * 1000 / Double(last.milliseconds - first.milliseconds)
    }
}
