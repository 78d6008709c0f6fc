// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// How the monitor is doing: what `io.tocsin.Monitor.Status` gives and `tocsin status` prints.
///
/// Its JSON keys and their meaning belong to `version`.
struct MonitorStatus: Codable, Sendable {
    static let currentVersion = 2

    /// What of one log has been read.
    struct Stream: Codable, Sendable {
        enum State: String, Codable, Sendable {
            /// As far as its file goes.
            case live
            /// There is more to read.
            case behind
            /// No file holds it.
            case gone
        }

        var stream: String
        var file: String
        var state: State
        var compressedBytes: Int
        var decompressedBytes: Int
        var lagBytes: Int
        var records: Int
        var malformed: Int
        var gaps: Int
        var lostBytes: Int
        var updatedAt: Timestamp
        var goneSince: Timestamp?

        private enum CodingKeys: String, CodingKey {
            case stream, file, state, records, malformed, gaps
            case compressedBytes = "compressed_bytes"
            case decompressedBytes = "decompressed_bytes"
            case lagBytes = "lag_bytes"
            case lostBytes = "lost_bytes"
            case updatedAt = "updated_at"
            case goneSince = "gone_since"
        }
    }

    struct Rules: Codable, Sendable {
        var digest: String
        var summary: String
        var loadedAt: Timestamp

        private enum CodingKeys: String, CodingKey {
            case digest, summary
            case loadedAt = "loaded_at"
        }
    }

    struct Queue: Codable, Sendable {
        var ready: Int
        var claimed: Int
        var dead: Int
        var acknowledged: Int
        var dropped: Int
        var usedBytes: Int
        var limitBytes: Int

        private enum CodingKeys: String, CodingKey {
            case ready, claimed, dead, acknowledged, dropped
            case usedBytes = "used_bytes"
            case limitBytes = "limit_bytes"
        }
    }

    struct Delivery: Codable, Sendable {
        /// What stands as the sink of bare findings that are owed to the stream.
        static let findings = "findings"

        var sink: String
        var pending: Int
        var sent: Int
    }

    struct Work: Codable, Sendable {
        var records: Int
        var malformed: Int
        var decompressedBytes: Int
        var reports: Int
        var recordsPerSecond: Double
        var bytesPerSecond: Double

        private enum CodingKeys: String, CodingKey {
            case records, malformed, reports
            case decompressedBytes = "decompressed_bytes"
            case recordsPerSecond = "records_per_second"
            case bytesPerSecond = "bytes_per_second"
        }
    }

    struct Alert: Codable, Sendable {
        var id: String
        var level: String
        var summary: String
        var at: Timestamp
    }

    struct Trouble: Codable, Sendable {
        var about: String
        var message: String
    }

    var version = Self.currentVersion
    var tocsin: String
    var host: String
    var process: Int
    var startedAt: Timestamp
    var rules: Rules
    var streams: [Stream]
    var queue: Queue
    var deliveries: [Delivery]
    var work: Work
    var lastAlert: Alert?
    var troubles: [Trouble]

    private enum CodingKeys: String, CodingKey {
        case version, tocsin, host, process, rules, streams, queue, deliveries, work, troubles
        case startedAt = "started_at"
        case lastAlert = "last_alert"
    }
}
