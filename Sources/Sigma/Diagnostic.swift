// SPDX-License-Identifier: Apache-2.0

/// Something wrong in a rule file, as its author is told of it.
package struct Diagnostic: Sendable {
    package enum Severity: String, Sendable {
        case error, warning
    }

    package let problem: Problem
    package let location: SourceLocation
    /// The line that the location is in, without its end.
    package let sourceLine: String

    package var severity: Severity { problem.description.severity }

    /// The place, what is wrong, the line with the spot marked, and what to write instead.
    ///
    ///     rules/x.yml:9:5: error[S021]: unknown modifier `contain`
    ///       |
    ///     9 |     prompt|contain: word
    ///       |     ^
    ///       = help: did you mean `contains`?
    package func rendered() -> String {
        let text = problem.description
        let number = "\(location.line)"
        let margin = String(repeating: " ", count: number.count)
        let shown = sourceLine.map { $0 == "\t" ? " " : String($0) }.joined()
        let caret = String(repeating: " ", count: min(max(0, location.column - 1), shown.count))
        return """
            \(location.file):\(location.line):\(location.column): \(severity)[\(text.code)]: \(text.title)
            \(margin) |
            \(number) | \(shown)
            \(margin) | \(caret)^
            \(margin) = help: \(text.help)
            """
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

    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// A diagnostic about a place of these files, for who finds out more than the parser can.
    package func diagnostic(_ problem: Problem, at location: SourceLocation) -> Diagnostic {
        lines.diagnostic(problem, at: location)
    }
}

/// The texts of all rule files, to show the line that a diagnostic is about.
struct SourceLines: Sendable {
    private let texts: [String: String]

    init(_ sources: [RuleSource]) {
        texts = Dictionary(sources.map { ($0.file, $0.text) }, uniquingKeysWith: { $1 })
    }

    func diagnostic(_ problem: Problem, at location: SourceLocation) -> Diagnostic {
        let lines = texts[location.file]?.split(
            maxSplits: location.line, omittingEmptySubsequences: false
        ) { $0 == "\n" || $0 == "\r\n" }
        let index = location.line - 1
        let line = lines.flatMap { $0.indices.contains(index) ? String($0[index]) : nil }
        return Diagnostic(problem: problem, location: location, sourceLine: line ?? "")
    }
}
