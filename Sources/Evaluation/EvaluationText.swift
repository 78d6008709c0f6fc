// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// An evaluation as tables for a terminal.
package struct EvaluationText {
    private let report: EvaluationReport
    /// Rows to read that are listed of each kind; the JSON and the page have all.
    private static let notesMax = 20

    package init(_ report: EvaluationReport) { self.report = report }

    package var rendered: String {
        let rows = report.rows
        var lines = [
            "\(report.ruleCount) rules on \(rows.reported) rows "
                + "(\(rows.read) read, \(rows.trainedOn) known to the model and left out)", "",
            "RECALL: hazards that rules of their category catch", Self.recallHead,
        ]
        for recall in report.recall {
            let name =
                recall.part == "all"
                ? "\(recall.category) \(recall.role)s" : "  \(recall.part)"
            var estimate = ""
            if recall.part == "all", let recapture = recall.recapture {
                estimate = String(
                    format: "%.0f (%.0f-%.0f)", recapture.estimate, recapture.low, recapture.high)
            }
            lines.append(Self.line(name, recall.layers, estimate))
        }
        lines += ["", report.recaptureAssumptions, ""]
        lines += ["FALSE ALARMS: rows without a hazard on which any rule fires", Self.alarmsHead]
        for alarms in report.falseAlarms {
            let rows = alarms.label == "benign" ? "benign" : "looks like \(alarms.category)"
            let name = alarms.rules == "any" ? rows : "  \(alarms.rules) rules"
            lines.append(Self.line(name, alarms.layers, ""))
        }
        lines += ["", "SOURCES: caught, or false alarms", Self.alarmsHead]
        for source in report.sources {
            let what =
                source.label == "hazard"
                ? "\(source.category) \(source.role)s" : "\(source.label) \(source.category)"
            lines.append(Self.line("\(source.source), \(what)", source.layers, ""))
        }
        return (lines + notes).joined(separator: "\n")
    }

    private var notes: [String] {
        var lines: [String] = []
        for (kind, notes) in Dictionary(grouping: report.notes, by: \.kind)
            .sorted(by: { $0.key < $1.key })
        {
            lines += ["", "\(kind.uppercased()) (\(notes.count))"]
            for note in notes.prefix(Self.notesMax) {
                let score = note.score.map { String(format: "%.4f", $0) } ?? "-"
                let rules = note.rules.isEmpty ? "" : "  \(note.rules.joined(separator: "; "))"
                let text = note.excerpt.map { "\n    \($0)" } ?? ""
                lines.append("  \(score)  \(note.category)  \(note.id)\(rules)\(text)")
            }
            if notes.count > Self.notesMax {
                let more = notes.count - Self.notesMax
                lines.append("  … \(more) more with --format json or --html")
            }
        }
        return lines
    }

    private static let nameWidth = 46

    private static let recallHead =
        "".wide(nameWidth)
        + "   rows  patterns   scores  together  95 % interval   estimated in all"
    private static let alarmsHead =
        "".wide(nameWidth) + "   rows  patterns   scores  together  95 % interval"

    private static func line(_ name: String, _ layers: LayerShares, _ estimate: String) -> String {
        let together = layers.together
        return name.wide(nameWidth)
            + String(
                format: "%7d  %7.2f%%  %6.2f%%  %7.2f%%  %5.2f-%5.2f%%", together.total,
                layers.patterns.share * 100, layers.scores.share * 100, together.share * 100,
                together.low * 100, together.high * 100)
            + (estimate.isEmpty ? "" : "    \(estimate)")
    }
}

extension String {
    fileprivate func wide(_ width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
