// SPDX-License-Identifier: Apache-2.0
internal import Detection
internal import Foundation
internal import Reports

/// `tocsin rules diff`: what reports two rule sets give differently of the same logs.
package struct DiffCommand {
    private let tool: LogTool
    private let samples: Int
    private let showsExcerpts: Bool
    private let format: ReportFormat

    /// - Parameters:
    ///   - samples: How many differences of each kind are shown of a rule.
    ///   - showsExcerpts: With the words around the match.
    /// - Throws: ``SettingsError`` or ``RuleFaults``.
    package init(
        old: String, new: String, shape: String, samples: Int, showsExcerpts: Bool,
        format: ReportFormat
    ) throws {
        let sets = try [old, new].map { try RuleSet(paths: [$0]) }
        // Excerpts are compared even where they are not shown.
        tool = try LogTool(sets, shape: shape, excerptBytes: 160)
        self.samples = samples
        self.showsExcerpts = showsExcerpts
        self.format = format
    }

    /// Compares and prints; the exit status: 0 no difference, 1 some, 2 a file unreadable, 130
    /// interrupted.
    package func run(_ files: [String]) throws -> Int32 {
        var diff = ReportDiff()
        let summary = try tool.run(files) { diff.add($0, by: $1) }
        diff.finish()
        let document = DiffDocument(
            diff, summary, samples: samples, showsExcerpts: showsExcerpts)
        switch format {
        case .text: print(document.lines.joined(separator: "\n"))
        case .json: print(try JSONLine.text(of: document))
        }
        return summary.exitStatus(otherwise: diff.differences.isEmpty ? 0 : 1)
    }
}

/// A comparison as it is printed.
struct DiffDocument: Encodable {
    struct Sample: Encodable {
        let kind: ReportDiff.Kind
        let report: String
        let file: String?
        let line: Int?
        let turn: Int?
        let level: String
        let changes: [String]
        let excerpt: String?
    }

    struct Rule: Encodable {
        let id: String
        let title: String
        let same: Int
        let gained: Int
        let lost: Int
        let changed: Int
        let samples: [Sample]
    }

    let rules: [Rule]
    let same: Int
    let gained: Int
    let lost: Int
    let changed: Int
    let records: Int
    let seconds: Double
    let interrupted: Bool
    private let covered: String

    private enum CodingKeys: String, CodingKey {
        case rules, same, gained, lost, changed, records, seconds, interrupted
    }

    init(
        _ diff: ReportDiff, _ summary: LogScanner.Summary, samples: Int, showsExcerpts: Bool
    ) {
        let byRule = Dictionary(grouping: diff.differences, by: \.rule)
        rules = diff.counts.map { id, count in
            let shown = [ReportDiff.Kind.gained, .lost, .changed].flatMap { kind in
                (byRule[id] ?? []).filter { $0.kind == kind }.prefix(samples)
            }
            return Rule(
                id: id, title: diff.titles[id] ?? id, same: count.same, gained: count.gained,
                lost: count.lost, changed: count.changed,
                samples: shown.map { Sample($0, showsExcerpt: showsExcerpts) })
        }.sorted {
            let (left, right) = ($0.differences, $1.differences)
            return left == right ? ($0.title, $0.id) < ($1.title, $1.id) : left > right
        }
        let total = diff.total
        (same, gained, lost, changed) = (total.same, total.gained, total.lost, total.changed)
        records = summary.records
        seconds = summary.seconds
        interrupted = summary.isInterrupted
        covered = summary.words
    }

    /// The rules that differ with their samples, then the totals.
    var lines: [String] {
        var lines: [String] = []
        for rule in rules where rule.differences > 0 {
            let counts = Self.words(rule.gained, rule.lost, rule.changed, rule.same)
            lines.append("\(rule.title) (\(rule.id.prefix(8))): \(counts)")
            lines += rule.samples.flatMap(\.lines)
        }
        let rest = rules.count { $0.differences == 0 }
        let counts = Self.words(gained, lost, changed, same)
        lines.append("in all: \(counts); \(rest) rules that found something do not differ")
        lines.append(covered)
        return lines
    }

    private static func words(_ gained: Int, _ lost: Int, _ changed: Int, _ same: Int) -> String {
        "\(gained) gained, \(lost) lost, \(changed) changed, \(same) the same"
    }
}

extension DiffDocument.Rule {
    fileprivate var differences: Int { gained + lost + changed }
}

extension DiffDocument.Sample {
    init(_ difference: ReportDiff.Difference, showsExcerpt: Bool) {
        let report = difference.report
        kind = difference.kind
        self.report = report.id
        file = report.position?.file
        line = report.position?.line
        turn = report.turn
        level = report.level.rawValue
        changes = difference.changes
        excerpt = showsExcerpt ? report.excerpt?.marked : nil
    }

    fileprivate var lines: [String] {
        let sign =
            switch kind {
            case .gained: "+"
            case .lost: "-"
            case .changed: "~"
            }
        var place = "  \(sign) \(file ?? "?"):\(line ?? 0)"
        if let turn { place += ", turn \(turn)" }
        let notes = changes.isEmpty ? [level] : changes
        let line = "\(place), \(notes.joined(separator: ", "))"
        return [line] + (excerpt.map { ["      \($0)"] } ?? [])
    }
}
