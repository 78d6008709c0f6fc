// SPDX-License-Identifier: Apache-2.0
internal import Correlation
internal import Detection
internal import Foundation
internal import Sigma

/// A profile as it is printed; times in milliseconds, over all that was read.
struct ProfileDocument: Encodable {
    struct Rule: Encodable {
        let id: String
        let title: String
        /// The rule only defines a field: it is worked out in those that use it.
        let derives: String?
        /// Turns that the rule is true of.
        let matches: Int
        let reports: Int
        /// Turns of which the condition was worked out.
        let evaluations: Int
        /// Of these: the rule did not match.
        let wasted: Int
        /// No pattern of it has to be found first: each turn is worked out.
        let untriggered: Bool
        let conditionMs: Double
        let searchMs: Double
        /// What its own patterns add to the search; nil when it has none of its own.
        let patternMs: Double?

        /// All that can be told to be the rule's.
        let totalMs: Double
    }

    struct Totals: Encodable {
        let records: Int
        let turns: Int
        let matches: Int
        let reports: Int
        let evaluations: Int
        let wasted: Int
        let conditionMs: Double
        let searchMs: Double
        /// The one search of all texts for the patterns of all rules.
        let allPatternsMs: Double
        /// What `pattern_ms` cannot be told from.
        let noiseMs: Double
        let sampleBytes: Int
        let seconds: Double
        let interrupted: Bool
    }

    let rules: [Rule]
    let correlationReports: Int
    let totals: Totals
    private let covered: String

    private enum CodingKeys: String, CodingKey { case rules, correlationReports, totals }

    init(
        _ set: RuleSet, _ profiler: RuleProfiler, _ patterns: PatternMeter.Result,
        reports: [String: Int], _ summary: LogScanner.Summary
    ) {
        let untriggered = Set(set.plan.rulesWithoutTrigger)
        let rules = set.plan.rules.enumerated().map { index, rule in
            let cost = profiler.costs[index]
            let own = cost.conditionNanoseconds + cost.searchNanoseconds
            let added = patterns.added[index] ?? 0
            return Rule(
                id: rule.id, title: rule.title, derives: rule.derives, matches: cost.matches,
                reports: reports[rule.id] ?? 0, evaluations: cost.evaluations,
                wasted: cost.evaluations - cost.matches, untriggered: untriggered.contains(index),
                conditionMs: cost.conditionNanoseconds / 1e6,
                searchMs: cost.searchNanoseconds / 1e6,
                patternMs: patterns.added[index].map { $0 / 1e6 },
                totalMs: (own + (added > patterns.noiseNanoseconds ? added : 0)) / 1e6)
        }
        self.rules = rules.sorted { ($1.totalMs, $0.title) < ($0.totalMs, $1.title) }
        correlationReports = set.correlations.rules.reduce(0) { $0 + (reports[$1.id] ?? 0) }
        totals = Totals(
            records: summary.records, turns: profiler.turns,
            matches: rules.reduce(0) { $0 + $1.matches },
            reports: rules.reduce(0) { $0 + $1.reports },
            evaluations: rules.reduce(0) { $0 + $1.evaluations },
            wasted: rules.reduce(0) { $0 + $1.wasted },
            conditionMs: rules.reduce(0) { $0 + $1.conditionMs },
            searchMs: rules.reduce(0) { $0 + $1.searchMs },
            allPatternsMs: patterns.searchNanoseconds / 1e6,
            noiseMs: patterns.noiseNanoseconds / 1e6, sampleBytes: profiler.sample.bytes,
            seconds: summary.seconds, interrupted: summary.isInterrupted)
        covered = summary.words
    }

    /// The table, what its columns mean in the foot, and the totals.
    var lines: [String] {
        let heading = Self.row(
            "ms", "condition", "search", "patterns", "worked out", "wasted", "matches", "reports",
            "rule")
        let rows = rules.map { rule in
            Self.row(
                Self.milliseconds(rule.totalMs), Self.milliseconds(rule.conditionMs),
                Self.milliseconds(rule.searchMs), patternText(of: rule),
                rule.derives == nil ? "\(rule.evaluations)" : "-",
                rule.derives == nil ? "\(rule.wasted)" : "-", "\(rule.matches)",
                "\(rule.reports)",
                rule.title + (rule.derives.map { " (defines \($0))" } ?? "")
                    + (rule.untriggered ? " (each turn: needs no pattern)" : ""))
        }
        return [heading] + rows + [""] + totals.lines(correlationReports) + [covered]
    }

    private func patternText(of rule: Rule) -> String {
        guard let cost = rule.patternMs else { return "-" }
        return (cost < totals.noiseMs ? "~" : "") + Self.milliseconds(cost)
    }

    fileprivate static func milliseconds(_ value: Double) -> String {
        String(format: "%.2f", value)
    }

    private static func row(_ cells: String...) -> String {
        let widths = [10, 10, 10, 10, 11, 9, 8, 8]
        let numbers = zip(cells, widths).map { cell, width in
            String(repeating: " ", count: max(0, width - cell.count)) + cell
        }
        return numbers.joined() + "  " + (cells.last ?? "")
    }
}

extension ProfileDocument.Totals {
    /// What the columns come to, and how far they can be trusted.
    fileprivate func lines(_ correlationReports: Int) -> [String] {
        func text(_ value: Double) -> String { ProfileDocument.milliseconds(value) + " ms" }
        let counts = [
            "\(turns) turns", "\(evaluations) conditions worked out, \(wasted) of them in vain",
            "\(matches) matches", "\(reports) reports",
            "\(correlationReports) reports of correlations",
        ]
        let sample = String(format: "%.1f MB", Double(sampleBytes) / 1e6)
        return [
            "in all: " + counts.joined(separator: ", "),
            "conditions \(text(conditionMs)), searches on demand \(text(searchMs)), "
                + "the search of all texts for all patterns \(text(allPatternsMs))",
            "patterns: what the search saves without those that the rule alone has, measured on "
                + "\(sample) of the texts and scaled; below \(text(noiseMs)) it is noise (~)",
        ]
    }
}
