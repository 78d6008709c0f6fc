// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// How reports are printed.
package enum ReportFormat: String, Sendable, CaseIterable {
    case text
    /// One JSON document a line.
    case json
}

/// A report for people: what, where, who said it, and the words around the match.
struct ReportText {
    private let report: Report

    init(_ report: Report) { self.report = report }

    /// Two or three lines; the excerpt shows the match between » and «.
    var lines: [String] {
        var lines = [
            "\(report.level.rawValue.padded(to: 13)) \(title)",
            "              " + details.joined(separator: ", "),
        ]
        if let excerpt = report.excerpt { lines.append("              " + excerpt.marked) }
        return lines
    }

    private var title: String {
        if let alarm = report.alarm { return alarm.message }
        if let gap = report.gap {
            return
                "Coverage gap: \(gap.bytes) \(gap.space.rawValue) bytes were not read: \(gap.reason)"
        }
        let title = report.rule?.title ?? "?"
        if let repeats = report.repeats, report.kind == .repeats {
            return "\(title): found \(repeats.count) more times until \(repeats.last)"
        }
        return title
    }

    private var details: [String] {
        var parts: [String] = []
        if let place = report.position { parts.append("\(place.file):\(place.line)") }
        if let subject = report.alarm?.subject { parts.append(subject) }
        if let turn = report.turn {
            parts.append("turn \(turn)\(report.history ? " (history)" : "")")
        }
        if let correlation = report.correlation {
            parts.append("\(correlation.count) events until \(correlation.end)")
            for (name, value) in correlation.group.sorted(by: { $0.key < $1.key }) {
                parts.append("\(name) \(value)")
            }
        }
        if let field = report.field { parts.append("in \(field)") }
        if let outcome = report.outcome { parts.append(outcome.rawValue) }
        if let view = report.view, view != "written" { parts.append("seen \(view)") }
        if report.malformed { parts.append("malformed record") }
        if let model = report.model { parts.append("model \(model)") }
        if let actor = report.actor { parts.append("actor \(actor.prefix(8))") }
        if let time = report.time { parts.append(time.description) }
        return parts
    }
}

extension Report.Excerpt {
    /// The text with the match between » and «.
    var marked: String {
        let bytes = Array(text.utf8)
        let start = min(max(matchStart, 0), bytes.count)
        let end = min(max(matchEnd, start), bytes.count)
        func piece(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        return "…\(piece(0..<start))»\(piece(start..<end))«\(piece(end..<bytes.count))…"
    }
}

extension String {
    /// The text with blanks after it up to `width` characters.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// The text with blanks before it up to `width` characters.
    func leftPadded(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
