// SPDX-License-Identifier: Apache-2.0

/// Puts the outcomes of rows together to a report.
package struct ReportBuilder {
    private let outcomes: [RowOutcome]
    private let hazards: [RowOutcome]
    private let showsText: Bool
    /// By score field, the thresholds that rules compare it with.
    private let thresholds: [String: [Double]]

    /// - Parameters:
    ///   - outcomes: Of the rows that are reported.
    ///   - showsText: Whether the rows to read come with the beginning of their text.
    package init(
        _ outcomes: [RowOutcome], thresholds: [String: [Double]], showsText: Bool
    ) {
        self.outcomes = outcomes
        self.thresholds = thresholds
        self.showsText = showsText
        hazards = outcomes.filter { $0.row.label == .hazard }
    }

    package func report(
        rulesDigest: String, ruleCount: Int, rowsRead: Int
    ) -> EvaluationReport {
        EvaluationReport(
            rulesDigest: rulesDigest, ruleCount: ruleCount,
            rows: EvaluationReport.Rows(
                read: rowsRead, trainedOn: rowsRead - outcomes.count, reported: outcomes.count),
            recall: recall, falseAlarms: falseAlarms, sources: sources,
            curves: ScoreCurve.curves(of: outcomes, thresholds: thresholds), notes: notes,
            recaptureAssumptions: Recapture.assumptions)
    }

    // MARK: Recall

    private var recall: [EvaluationReport.Recall] {
        grouped(hazards) { Group(category: $0.row.categoryName, role: $0.row.role.rawValue) }
            .flatMap { group, outcomes in
                parts(of: outcomes).map { part, outcomes in
                    let layers = LayerShares(outcomes, category: group.category)
                    return EvaluationReport.Recall(
                        category: group.category, role: group.role, part: part, layers: layers,
                        recapture: layers.recapture)
                }
            }
    }

    /// A source that has more rows than all others together is told apart, and so are rows that
    /// keyword rules chose.
    private func parts(of outcomes: [RowOutcome]) -> [(String, [RowOutcome])] {
        var parts = [("all", outcomes)]
        let bySource = Dictionary(grouping: outcomes, by: \.row.source)
        if let (source, own) = bySource.max(by: {
            ($0.value.count, $0.key) < ($1.value.count, $1.key)
        }),
            bySource.count > 1, 2 * own.count > outcomes.count
        {
            parts.append((source, own))
            parts.append(("all but \(source)", outcomes.filter { $0.row.source != source }))
        }
        let chosen = outcomes.filter(\.row.isChosenByRule)
        if !chosen.isEmpty, chosen.count < outcomes.count {
            parts.append(
                ("labelled by their publisher", outcomes.filter { !$0.row.isChosenByRule }))
            parts.append(("chosen by keyword rules", chosen))
        }
        return parts
    }

    // MARK: False alarms

    private var falseAlarms: [EvaluationReport.FalseAlarms] {
        let benign = outcomes.filter { $0.row.label == .benign }
        let categories = Set(outcomes.flatMap { $0.fired.flatMap(\.categories) }).sorted()
        var alarms: [EvaluationReport.FalseAlarms] = []
        if !benign.isEmpty {
            alarms = ([nil] + categories).map { category in
                EvaluationReport.FalseAlarms(
                    label: "benign", category: "none", rules: category ?? "any",
                    layers: LayerShares(benign, category: category))
            }
        }
        let hard = outcomes.filter { $0.row.label == .hardBenign }
        return alarms
            + grouped(hard) { Group(category: $0.row.categoryName, role: "") }
            .flatMap { group, outcomes in
                [nil, group.category].map { rules in
                    EvaluationReport.FalseAlarms(
                        label: "hard_benign", category: group.category, rules: rules ?? "any",
                        layers: LayerShares(outcomes, category: rules))
                }
            }
    }

    private var sources: [EvaluationReport.Source] {
        grouped(outcomes) {
            SourceGroup(
                label: $0.row.label.rawValue, source: $0.row.source,
                category: $0.row.categoryName, role: $0.row.role.rawValue)
        }.map { group, outcomes in
            EvaluationReport.Source(
                source: group.source, label: group.label, category: group.category,
                role: group.role, licences: Set(outcomes.map(\.row.licence)).sorted(),
                layers: LayerShares(
                    outcomes, category: group.label == "hazard" ? group.category : nil))
        }
    }

    // MARK: Rows to read

    /// The misses, lowest scores last, then the false alarms.
    private var notes: [EvaluationReport.Note] {
        var notes: [EvaluationReport.Note] = []
        for outcome in outcomes {
            let category = outcome.row.label == .hazard ? outcome.row.category : nil
            let isCaught =
                outcome.isCaught(byScores: false, category: category)
                || outcome.isCaught(byScores: true, category: category)
            guard isCaught != (outcome.row.label == .hazard) else { continue }
            notes.append(note(outcome))
        }
        return notes.sorted {
            ($0.kind, $1.score ?? 0, $0.id) < ($1.kind, $0.score ?? 0, $1.id)
        }
    }

    private func note(_ outcome: RowOutcome) -> EvaluationReport.Note {
        let row = outcome.row
        let kind =
            switch row.label {
            case .hazard: "miss"
            case .benign: "false alarm"
            case .hardBenign: "false alarm, looks near"
            }
        let scores = outcome.scores.filter { name, _ in
            row.category.map(name.hasSuffix) ?? true
        }
        return EvaluationReport.Note(
            kind: kind, id: row.id, source: row.source, category: row.categoryName,
            role: row.role.rawValue, isChosenByRule: row.isChosenByRule,
            rules: outcome.fired.map(\.rule), score: scores.values.max()?.rounded4,
            excerpt: showsText ? row.beginning : nil)
    }

    /// The elements of each group, in the order of the groups.
    private func grouped<Key: Hashable & Comparable>(
        _ outcomes: [RowOutcome], by key: (RowOutcome) -> Key
    ) -> [(Key, [RowOutcome])] {
        Dictionary(grouping: outcomes, by: key).sorted { $0.key < $1.key }.map {
            ($0.key, $0.value)
        }
    }

    private struct Group: Hashable, Comparable {
        let category: String
        let role: String

        static func < (left: Self, right: Self) -> Bool {
            (left.category, left.role) < (right.category, right.role)
        }
    }

    private struct SourceGroup: Hashable, Comparable {
        let label: String
        let source: String
        let category: String
        let role: String

        static func < (left: Self, right: Self) -> Bool {
            (left.label, left.category, left.role, left.source)
                < (right.label, right.category, right.role, right.source)
        }
    }
}

extension LabelledRow {
    fileprivate var categoryName: String { category ?? "none" }

    /// The first 200 characters of what the label is about, in one line.
    fileprivate var beginning: String {
        let text = labelledTexts.joined(separator: " … ").split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        return text.count > 200 ? "\(text.prefix(200))…" : text
    }
}
