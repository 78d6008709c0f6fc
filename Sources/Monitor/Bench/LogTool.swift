// SPDX-License-Identifier: Apache-2.0
internal import Decompression
internal import Detection
internal import Foundation
internal import Interactions
internal import Logging
internal import Reports

/// A pass over logs as the operators' tools make it: with progress, until its end or Ctrl-C.
struct LogTool {
    private let ruleSets: [RuleSet]
    private let settings: EvaluationSettings
    private let inspector: TurnInspector?

    /// - Parameters:
    ///   - excerptBytes: Of reports.
    ///   - inspector: Is shown each turn before the first of the rule sets evaluates it.
    /// - Throws: ``SettingsError``.
    init(
        _ ruleSets: [RuleSet], shape: String, excerptBytes: Int, inspector: TurnInspector? = nil
    ) throws {
        self.ruleSets = ruleSets
        self.inspector = inspector
        var settings = EvaluationSettings()
        settings.shape = try ShapeFile.shape(named: shape, from: ".")
        settings.evidence = .excerpt(bytes: excerptBytes)
        settings.floodLimit = 0
        self.settings = settings
    }

    /// Reads the logs and hands on each report with the index of the rule set that it is by.
    func run(
        _ files: [String], onReport: (Report, Int) throws -> Void
    ) throws -> LogScanner.Summary {
        let logger = Logger(label: "tocsin") { _ in LogOutput(level: .warning) }
        let scanner = LogScanner(
            ruleSets, settings, inflater: .isal, logger: logger, inspector: inspector)
        let progress = WorkProgress(total: FileSize.of(files), unit: .bytes)
        defer { progress.clear() }
        return try scanner.scan(files, progress: progress.show, onReport: onReport)
    }
}

extension LogScanner.Summary {
    /// What was read, for the end of a tool's output.
    var words: String {
        let text = String(
            format: "%d files, %.1f MB, %d records (%d malformed), %d gaps; %.3f s", files,
            Double(decompressedBytes) / 1e6, records, malformedRecords, gaps, seconds)
        return isInterrupted ? "interrupted: only what was read so far; \(text)" : text
    }

    /// What a tool ends with: 2 when a file could not be read, 130 when it was interrupted, else
    /// `status`.
    func exitStatus(otherwise status: Int32) -> Int32 {
        if isInterrupted { return Interruption.status }
        return unreadableFiles > 0 ? 2 : status
    }
}
