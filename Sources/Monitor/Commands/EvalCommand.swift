// SPDX-License-Identifier: Apache-2.0
internal import Detection
internal import Evaluation
internal import Foundation

/// `tocsin eval`: measures rules on labelled rows.
package struct EvalCommand {
    private let rules: RuleSet
    private let reader: CorpusReader
    private let format: ReportFormat
    private let page: String?
    private let showsText: Bool

    /// - Throws: ``SettingsError`` or ``RuleFaults``.
    package init(
        rules: [String], corpus: [String], format: ReportFormat, page: String?, showsText: Bool
    ) throws {
        self.rules = try RuleSet(paths: rules)
        reader = CorpusReader(paths: corpus)
        self.format = format
        self.page = page
        self.showsText = showsText
    }

    /// Evaluates and prints; a page is written once all is done.
    package func run() throws {
        let rows = try reader.rowsWithProgress()
        let reported = self.reported(of: rows)
        let bar = WorkProgress(total: reported.count, unit: .steps(rateOf: "rows"))
        let evaluator = try CorpusEvaluator(rules)
        var outcomes: [RowOutcome] = []
        for row in reported {
            outcomes.append(try evaluator.outcome(of: row))
            bar.show(outcomes.count, of: "evaluating")
        }
        bar.clear()
        let report = ReportBuilder(
            outcomes, thresholds: CorpusEvaluator.thresholds(of: rules), showsText: showsText
        ).report(
            rulesDigest: rules.digest, ruleCount: rules.plan.rules.count, rowsRead: rows.count)
        if let page {
            try AtomicFile.write(Array(try EvaluationPage(report).html.utf8), to: page)
        }
        print(format == .json ? try report.json : EvaluationText(report).rendered)
    }

    /// What a model has not seen; all rows where there is none.
    private func reported(of rows: [LabelledRow]) -> [LabelledRow] {
        guard !rules.models.isEmpty else { return rows }
        let seen = TrainedTexts(of: rows)
        return rows.filter { !$0.isTrainedOn && !seen.contains($0) }
    }
}
