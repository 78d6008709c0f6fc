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

    /// Reports that nobody has acknowledged, by how urgent they are.
    struct Levels: Codable, Sendable {
        var informational = 0
        var low = 0
        var medium = 0
        var high = 0
        var critical = 0

        /// The most urgent first.
        var counts: [(level: Report.Level, count: Int)] {
            [
                (.critical, critical), (.high, high), (.medium, medium), (.low, low),
                (.informational, informational),
            ]
        }
    }

    struct Queue: Codable, Sendable {
        var ready: Int
        var claimed: Int
        var dead: Int
        var acknowledged: Int
        var dropped: Int
        var levels = Levels()
        var usedBytes: Int
        var limitBytes: Int

        private enum CodingKeys: String, CodingKey {
            case ready, claimed, dead, acknowledged, dropped, levels
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

    /// The record that the monitor writes to a log of its own every so often.
    struct Canary: Codable, Sendable {
        var everySeconds: Int
        var withinSeconds: Int
        var writtenAt: Timestamp?
        /// When the last that came through was seen in queue and journal, and how long it took.
        var seenAt: Timestamp?
        var latencySeconds: Double?
        /// The last one did not come through.
        var isMissed: Bool

        private enum CodingKeys: String, CodingKey {
            case everySeconds = "every_seconds"
            case withinSeconds = "within_seconds"
            case writtenAt = "written_at"
            case seenAt = "seen_at"
            case latencySeconds = "latency_seconds"
            case isMissed = "missed"
        }
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
    /// The last reports, the newest first, also those of before the start.
    var recent: [Alert] = []
    /// Nil where the monitor writes none.
    var canary: Canary?
    var troubles: [Trouble]

    private enum CodingKeys: String, CodingKey {
        case version, tocsin, host, process, rules, streams, queue, deliveries, work, recent,
            canary,
            troubles
        case startedAt = "started_at"
        case lastAlert = "last_alert"
    }
}
