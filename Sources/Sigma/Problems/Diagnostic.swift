// SPDX-License-Identifier: Apache-2.0

/// Something wrong in a rule file, as its author is told of it.
package struct Diagnostic: Sendable {
    package enum Severity: String, Sendable {
        case error, warning
    }

    package let problem: Problem
    package let location: SourceLocation
    /// The line that the location is in, without its end.
    package let sourceLine: Substring

    package var severity: Severity { problem.severity }

    /// The place, what is wrong, the line with the spot marked, and what to write instead.
    ///
    ///     rules/x.yml:9:5: error[S021]: unknown modifier `contain`
    ///       |
    ///     9 |     prompt|contain: word
    ///       |     ^
    ///       = help: did you mean `contains`?
    package func rendered() -> String {
        let text = problem
        let number = "\(location.line)"
        let margin = String(repeating: " ", count: number.count)
        let (shown, spot) = excerpt
        let caret = String(repeating: " ", count: spot)
        return """
            \(location.file):\(location.line):\(location.column): \(severity)[\(text.code)]: \(text.title)
            \(margin) |
            \(number) | \(shown)
            \(margin) | \(caret)^
            \(margin) = help: \(text.help)
            """
    }
}

extension Diagnostic {
    private static let shownCharacters = 160

    /// The part of the line around the location, and how many characters stand before that.
    private var excerpt: (text: String, spot: Int) {
        let line = sourceLine.map { $0 == "\t" ? " " : $0 }
        let spot = min(max(0, location.column - 1), line.count)
        guard line.count > Self.shownCharacters else { return (String(line), spot) }
        let start = min(max(0, spot - Self.shownCharacters / 2), line.count - Self.shownCharacters)
        let end = start + Self.shownCharacters
        let before = start > 0 ? "…" : ""
        let after = end < line.count ? "…" : ""
        return (before + String(line[start..<end]) + after, spot - start + before.count)
    }
}

/// A rule file: its name for messages, and its text.
package struct RuleSource: Sendable {
    package var file: String
    package var text: String

    package init(file: String, text: String) {
        self.file = file
        self.text = text
    }
}

/// The rules of some files, and what is wrong in these.
package struct ParseResult: Sendable {
    /// Those without errors.
    package let rules: [Rule]
    /// Those without errors, each behind those that it looks at.
    package let correlations: [CorrelationRule]
    /// In the order of files and places.
    package let diagnostics: [Diagnostic]
    private let lines: SourceLines

    init(
        rules: [Rule], correlations: [CorrelationRule] = [], diagnostics: [Diagnostic],
        lines: SourceLines
    ) {
        self.rules = rules
        self.correlations = correlations
        self.diagnostics = diagnostics.sorted { $0.location < $1.location }
        self.lines = lines
    }

    /// The same with rules that nothing in these files refers to, no filter included.
    package func adding(_ others: [Rule]) -> ParseResult {
        ParseResult(
            rules: rules + others, correlations: correlations, diagnostics: diagnostics,
            lines: lines)
    }

    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// A diagnostic about a place of these files, for who finds out more than the parser can.
    package func diagnostic(_ problem: Problem, at location: SourceLocation) -> Diagnostic {
        lines.diagnostic(problem, at: location)
    }
}

/// The texts of all rule files, to show the line that a diagnostic is about.
struct SourceLines: Sendable {
    private let lines: [String: [Substring]]

    init(_ sources: [RuleSource]) {
        lines = Dictionary(
            sources.map { source in
                // By bytes: whole files are split, and few lines are ever shown.
                let lines = source.text.utf8.split(
                    separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                return (source.file, lines.map { Substring($0) })
            }, uniquingKeysWith: { $1 })
    }

    func diagnostic(_ problem: Problem, at location: SourceLocation) -> Diagnostic {
        let lines = lines[location.file] ?? []
        let index = location.line - 1
        return Diagnostic(
            problem: problem, location: location,
            sourceLine: lines.indices.contains(index) ? lines[index].withoutReturn : "")
    }
}

extension Substring {
    /// The line without the `\r` that some files have before each newline.
    fileprivate var withoutReturn: Substring {
        utf8.last == UInt8(ascii: "\r") ? Substring(utf8.dropLast()) : self
    }
}
