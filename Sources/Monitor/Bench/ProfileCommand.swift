// SPDX-License-Identifier: Apache-2.0
internal import Detection
internal import Foundation
internal import Reports

/// `tocsin rules profile`: what each rule finds in logs, and what it costs.
package struct ProfileCommand {
    /// The texts on which the search for patterns is measured: enough for the pass to take
    /// milliseconds, and few enough to be searched some thousand times.
    private static let sampleBytes = 2 << 20
    private let rules: RuleSet
    private let profiler: RuleProfiler
    private let tool: LogTool
    private let format: ReportFormat

    /// - Throws: ``SettingsError`` or ``RuleFaults``.
    package init(rules: [String], shape: String, format: ReportFormat) throws {
        self.rules = try RuleSet(paths: rules)
        profiler = RuleProfiler(self.rules.plan, sampleBytes: Self.sampleBytes)
        tool = try LogTool([self.rules], shape: shape, excerptBytes: 0, inspector: profiler)
        self.format = format
    }

    /// Measures and prints; the exit status: 0, 2 a file unreadable, 130 interrupted.
    package func run(_ files: [String]) throws -> Int32 {
        var reports: [String: Int] = [:]
        let summary = try tool.run(files) { report, _ in
            if let rule = report.rule { reports[rule.id, default: 0] += 1 }
        }
        let patterns = try measurePatterns()
        let document = ProfileDocument(rules, profiler, patterns, reports: reports, summary)
        switch format {
        case .text: print(document.lines.joined(separator: "\n"))
        case .json: print(try JSONLine.text(of: document))
        }
        return Interruption.isRaised
            ? Interruption.status : summary.exitStatus(otherwise: 0)
    }

    private func measurePatterns() throws -> PatternMeter.Result {
        let progress = WorkProgress(
            total: rules.plan.rules.count, unit: .items("rules' patterns measured"))
        defer { progress.clear() }
        return try PatternMeter(rules.plan, profiler.sample).measure { done, _ in
            progress.show(done)
            return !Interruption.isRaised
        }
    }
}
