// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// The status in the text format of Prometheus
/// (prometheus.io, "Exposition formats", version 0.0.4).
struct Metrics {
    private let status: MonitorStatus

    init(_ status: MonitorStatus) { self.status = status }

    /// Each figure's name, what it is, whether it only grows, and its values with their labels.
    private struct Family {
        let name: String
        let help: String
        var isCounter = false
        let samples: [(labels: [(String, String)], value: Double)]
    }

    /// All figures, each line ending with a newline.
    var text: String {
        (whole + canary + streams + queue).map { family in
            let lines = family.samples.map { labels, value in
                let marks = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
                return "\(family.name)\(marks.isEmpty ? "" : "{\(marks)}") \(Self.number(value))\n"
            }
            return """
                # HELP \(family.name) \(family.help)
                # TYPE \(family.name) \(family.isCounter ? "counter" : "gauge")
                \(lines.joined())
                """
        }.joined()
    }

    private var whole: [Family] {
        let work = status.work
        func counter(_ name: String, _ help: String, _ value: Int) -> Family {
            Family(
                name: "tocsin_\(name)_total", help: help, isCounter: true,
                samples: [([], Double(value))])
        }
        let troubles = StatusBoard.Trouble.allCases.map { trouble in
            let isThere = status.troubles.contains { $0.about == trouble.rawValue }
            return ([("about", trouble.rawValue)], isThere ? 1.0 : 0)
        }
        return [
            Family(
                name: "tocsin_info", help: "The program and the rules that it evaluates.",
                samples: [([("version", status.tocsin), ("rules", status.rules.digest)], 1)]),
            Family(
                name: "tocsin_start_time_seconds", help: "When the daemon started.",
                samples: [([], Double(status.startedAt.milliseconds) / 1000)]),
            counter("records", "Records evaluated since the start.", work.records),
            counter("malformed_records", "Records of no known shape.", work.malformed),
            counter(
                "decompressed_bytes", "Bytes evaluated since the start.", work.decompressedBytes),
            counter("reports", "Reports stored since the start.", work.reports),
            Family(
                name: "tocsin_trouble",
                help: "1 while something cannot be done; see tocsin status.",
                samples: troubles),
        ]
    }

    private var canary: [Family] {
        guard let canary = status.canary else { return [] }
        func gauge(_ name: String, _ help: String, _ value: Double?) -> Family? {
            value.map { Family(name: "tocsin_canary_\(name)", help: help, samples: [([], $0)]) }
        }
        return [
            gauge(
                "last_success_timestamp_seconds",
                "When the monitor last saw its own record in queue and journal.",
                canary.seenAt.map { Double($0.milliseconds) / 1000 }),
            gauge(
                "latency_seconds", "How long that took from its writing.", canary.latencySeconds),
            gauge(
                "missed", "1 while the last record did not come through.", canary.isMissed ? 1 : 0),
        ].compactMap(\.self)
    }

    private var streams: [Family] {
        // One file may hold several streams in turn; what is gone is told no more.
        let present = status.streams.filter { $0.state != .gone }
        func family(
            _ name: String, _ help: String, isCounter: Bool = false,
            _ value: (MonitorStatus.Stream) -> Int
        ) -> Family {
            Family(
                name: "tocsin_stream_\(name)", help: help, isCounter: isCounter,
                samples: present.map {
                    (
                        [("file", $0.file), ("stream", String($0.stream.prefix(16)))],
                        Double(value($0))
                    )
                })
        }
        return [
            family("lag_bytes", "Bytes of the file that are not read yet.") { $0.lagBytes },
            family("read_bytes", "Bytes of the file that are read.") { $0.compressedBytes },
            family("records_total", "Records of the stream.", isCounter: true) { $0.records },
            family("malformed_total", "Its records of no known shape.", isCounter: true) {
                $0.malformed
            },
            family("gaps_total", "Its coverage gaps.", isCounter: true) { $0.gaps },
            family("lost_bytes_total", "Bytes that could not be read.", isCounter: true) {
                $0.lostBytes
            },
        ]
    }

    private var queue: [Family] {
        let queue = status.queue
        let states = [
            ("ready", queue.ready), ("claimed", queue.claimed), ("dead", queue.dead),
            ("acknowledged", queue.acknowledged),
        ]
        return [
            Family(
                name: "tocsin_queue_reports", help: "Reports of the queue by state.",
                samples: states.map { ([("state", $0)], Double($1)) }),
            Family(
                name: "tocsin_queue_open_reports",
                help: "Reports that nobody has acknowledged, by level.",
                samples: queue.levels.counts.map {
                    ([("level", $0.level.rawValue)], Double($0.count))
                }),
            Family(
                name: "tocsin_queue_used_bytes", help: "Bytes that the store holds.",
                samples: [([], Double(queue.usedBytes))]),
            Family(
                name: "tocsin_queue_limit_bytes",
                help: "Bytes above which old reports are dropped.",
                samples: [([], Double(queue.limitBytes))]),
            Family(
                name: "tocsin_delivery_outstanding", help: "Reports that a sink has yet to hold.",
                samples: status.deliveries.map {
                    ([("sink", $0.sink)], Double($0.pending + $0.sent))
                }),
        ]
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
    }

    private static func number(_ value: Double) -> String {
        Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}
