// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Reports

/// The status for people.
struct StatusText {
    private let status: MonitorStatus

    init(_ status: MonitorStatus) { self.status = status }

    private static let columns = [
        "STATE", "READ", "LAG", "TEXT", "RECORDS", "MALFORMED", "GAPS", "LOST", "FILE",
    ]

    /// What is the matter, then the figures of the whole, then a line a log.
    var text: String {
        var lines = status.troubles.map { "TROUBLE  \($0.about): \($0.message)" }
        lines += overview
        lines += table
        return lines.joined(separator: "\n") + "\n"
    }

    private var overview: [String] {
        let lag = status.streams.reduce(0) { $0 + $1.lagBytes }
        let gaps = status.streams.reduce(0) { $0 + $1.gaps }
        let queue = status.queue
        let work = status.work
        var lines = [
            "daemon   Tocsin \(status.tocsin) on \(status.host), process \(status.process), "
                + "since \(status.startedAt)",
            "rules    \(status.rules.summary), loaded \(status.rules.loadedAt)",
            "logs     \(status.streams.count), \(Self.size(lag)) not yet read, "
                + "\(gaps) coverage gap\(gaps == 1 ? "" : "s")",
            "work     \(work.records) records, \(work.malformed) malformed, "
                + "\(Int(work.recordsPerSecond.rounded()))/s, "
                + "\(Self.size(Int(work.bytesPerSecond)))/s",
            "queue    \(queue.ready) ready, \(queue.claimed) claimed, \(queue.dead) dead, "
                + "\(queue.acknowledged) acknowledged; \(Self.size(queue.usedBytes)) of "
                + Self.size(queue.limitBytes),
        ]
        for delivery in status.deliveries {
            lines.append(
                "\(delivery.sink.padded(to: 8)) \(delivery.pending) to send, "
                    + "\(delivery.sent) sent and not yet seen there")
        }
        if let canary = status.canary { lines.append("canary   \(Self.text(canary))") }
        if let alert = status.lastAlert { lines.append("last     \(alert.at) \(alert.summary)") }
        return lines
    }

    /// When the monitor last saw its own record, and how long that took.
    static func text(_ canary: MonitorStatus.Canary) -> String {
        guard let seen = canary.seenAt, let latency = canary.latencySeconds else {
            return canary.isMissed ? "MISSED, never seen" : "not yet seen"
        }
        let time = String(format: "%.1f s", latency)
        return canary.isMissed ? "MISSED, last seen \(seen)" : "seen \(seen), after \(time)"
    }

    private var table: [String] {
        guard !status.streams.isEmpty else { return [] }
        let rows = [Self.columns] + status.streams.map(row)
        let widths = Self.columns.indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        return rows.map { row in
            // The file's name, which may be long, stands last and unpadded.
            let cells = zip(row, widths).dropLast().map { $0.padded(to: $1) } + [row[row.count - 1]]
            return cells.joined(separator: "  ")
        }
    }

    private func row(_ stream: MonitorStatus.Stream) -> [String] {
        [
            stream.state.rawValue, Self.size(stream.compressedBytes), Self.size(stream.lagBytes),
            Self.size(stream.decompressedBytes), "\(stream.records)", "\(stream.malformed)",
            "\(stream.gaps)", Self.size(stream.lostBytes), stream.file,
        ]
    }

    /// A number of bytes to three digits or so.
    static func size(_ count: Int) -> String {
        guard count >= 10_000 else { return "\(count) B" }
        let (unit, name) =
            count < 10_000_000 ? (1e3, "kB") : count < 10_000_000_000 ? (1e6, "MB") : (1e9, "GB")
        return "\(Int((Double(count) / unit).rounded())) \(name)"
    }
}
