// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Foundation
internal import Reports

/// `tocsin status`: what of each log has been read, and what has not.
package struct StatusCommand {
    private let store: ReportStore
    private let format: ReportFormat

    /// - Throws: `StoreError` when there is no Tocsin state in the folder.
    package init(state: String, format: ReportFormat) throws {
        self.format = format
        store = try ReportStore(existing: state)
    }

    package func run() throws {
        let overview = Overview(
            daemon: store.daemonProcess, streams: Self.coverage(try store.streamStatus()))
        switch format {
        case .text: print(overview.text, terminator: "")
        case .json: print(try overview.json)
        }
    }

    /// The stored figures, with the size that each file has now.
    ///
    /// Of several streams that were last read under one name, only the newest can be what the
    /// name leads to.
    static func coverage(_ stored: [StreamStatus]) -> [StreamCoverage] {
        var newest: [String: Int] = [:]
        for (index, status) in stored.enumerated() {
            let path = status.checkpoint.file.path
            if let other = newest[path], stored[other].updatedAt >= status.updatedAt { continue }
            newest[path] = index
        }
        return stored.enumerated().map { index, status in
            let file = status.checkpoint.file
            let size = newest[file.path] == index ? FileSize.of(file.path) : nil
            return StreamCoverage(status, sizeBytes: max(size ?? 0, file.sizeBytes))
        }
    }
}

/// What of one stream has been read.
struct StreamCoverage: Encodable {
    let stream: String
    let file: String
    /// `live`: as far as its file goes; `behind`: there is more; `gone`: no file holds it.
    let state: String
    let compressedBytes: Int
    let decompressedBytes: Int
    let lagBytes: Int
    let records: Int
    let malformed: Int
    let gaps: Int
    let lostBytes: Int
    let updatedAt: String
    let goneSince: String?

    init(_ status: StreamStatus, sizeBytes: Int) {
        let point = status.checkpoint
        let lag = status.goneSince == nil ? max(0, sizeBytes - point.file.readBytes) : 0
        stream = point.stream.text
        file = point.file.path
        state = status.goneSince != nil ? "gone" : lag > 0 ? "behind" : "live"
        compressedBytes = point.file.readBytes
        decompressedBytes = point.offset
        lagBytes = lag
        records = status.counts.records
        malformed = status.counts.malformed
        gaps = status.gaps
        lostBytes = status.lostBytes
        updatedAt = status.updatedAt.description
        goneSince = status.goneSince?.description
    }
}

/// All streams and whether a daemon reads them.
private struct Overview: Encodable {
    let version = 1
    /// Its process id.
    let daemon: Int?
    let streams: [StreamCoverage]

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    private static let columns = [
        "STATE", "READ", "LAG", "TEXT", "RECORDS", "MALFORMED", "GAPS", "LOST", "FILE",
    ]

    var text: String {
        let running = daemon.map { "running, process \($0)" } ?? "not running"
        let lag = streams.reduce(0) { $0 + $1.lagBytes }
        let gaps = streams.reduce(0) { $0 + $1.gaps }
        var lines = [
            "daemon   \(running)",
            "logs     \(streams.count), \(bytes(lag)) not yet read, "
                + "\(gaps) coverage gap\(gaps == 1 ? "" : "s")",
        ]
        guard !streams.isEmpty else { return lines.joined(separator: "\n") + "\n" }
        let rows = [Self.columns] + streams.map(row)
        let widths = Self.columns.indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        for row in rows {
            // The file's name, which may be long, stands last and unpadded.
            let cells = zip(row, widths).dropLast().map { $0.padded(to: $1) } + [row[row.count - 1]]
            lines.append(cells.joined(separator: "  "))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func row(_ stream: StreamCoverage) -> [String] {
        [
            stream.state, bytes(stream.compressedBytes), bytes(stream.lagBytes),
            bytes(stream.decompressedBytes), "\(stream.records)", "\(stream.malformed)",
            "\(stream.gaps)", bytes(stream.lostBytes), stream.file,
        ]
    }

    /// A number of bytes to three digits or so.
    private func bytes(_ count: Int) -> String {
        guard count >= 10_000 else { return "\(count) B" }
        let (unit, name) =
            count < 10_000_000 ? (1e3, "kB") : count < 10_000_000_000 ? (1e6, "MB") : (1e9, "GB")
        return "\(Int((Double(count) / unit).rounded())) \(name)"
    }
}
