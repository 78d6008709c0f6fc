// SPDX-License-Identifier: Apache-2.0
internal import Decompression
internal import Foundation
internal import Interactions
internal import TextViews
internal import Logging
internal import Reports

/// `tocsin scan`: prints what a scan finds, then what it covered.
package struct ScanCommand {
    private let scanner: LogScanner
    private let format: ReportFormat

    /// - Throws: ``SettingsError`` or ``RuleFaults``.
    package init(
        rules: [String], shape: String, views: [String], inflater: String, excerptBytes: Int,
        format: ReportFormat
    ) throws {
        let logger = Logger(label: "tocsin") { _ in LogOutput(level: .warning) }
        guard let inflater = Inflater(rawValue: inflater) else {
            throw SettingsError("\(inflater): no such inflater; give isal or zlib")
        }
        let rules = try RuleSet(paths: rules)
        for warning in rules.warnings { logger.warning("\(warning)") }
        var settings = EvaluationSettings()
        settings.shape = try ShapeFile.shape(named: shape, from: ".")
        settings.views = try ViewSet(names: views) { SettingsError("--views: \($0)") }
        settings.evidence = .excerpt(bytes: excerptBytes)
        // A flood has no reader to spare in a file that is scanned.
        settings.floodLimit = 0
        scanner = LogScanner([rules], settings, inflater: inflater, logger: logger)
        self.format = format
    }

    /// Scans and prints; the exit status: 0 nothing found, 1 something, 2 a file unreadable, 130
    /// interrupted.
    package func run(_ files: [String]) throws -> Int32 {
        let bar = WorkProgress(total: FileSize.of(files), unit: .bytes)
        let output = FileHandle.standardOutput
        let summary = try scanner.scan(files, progress: bar.show) { report, _ in
            let lines = format == .json ? [report.json] : ReportText(report).lines
            bar.clear()
            try output.write(contentsOf: Data(lines.map { $0 + "\n" }.joined().utf8))
        }
        bar.clear()
        if format == .text { printSummary(summary) }
        if summary.isInterrupted { return Interruption.status }
        if summary.unreadableFiles > 0 { return 2 }
        return summary.reports > 0 || summary.gaps > 0 ? 1 : 0
    }

    private func printSummary(_ summary: LogScanner.Summary) {
        let megabytes = Double(summary.decompressedBytes) / 1e6
        let text = String(
            format: "%d files, %.1f MB, %d records (%d malformed), %d reports, %d gaps; %.3f s\n",
            summary.files, megabytes, summary.records, summary.malformedRecords, summary.reports,
            summary.gaps, summary.seconds)
        FileHandle.standardError.write(Data(text.utf8))
    }
}
