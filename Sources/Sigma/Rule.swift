// SPDX-License-Identifier: Apache-2.0

/// A place in a rule file; lines and columns from 1, columns in Unicode scalars as YAML has them.
package struct SourceLocation: Sendable, Hashable, Comparable {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package static func < (left: SourceLocation, right: SourceLocation) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}

/// How urgent a rule's findings are (Sigma specification, "Level").
package enum Level: String, Sendable, CaseIterable {
    case informational, low, medium, high, critical
}

/// A checked Sigma rule.
package struct Rule: Sendable {
    package var id: String
    package var title: String
    package var level: Level
    package var tags: [String]
    /// Raised by the author when the rule changes; our own attribute.
    package var version: Int?
    package var condition: Expression
    package var tests: [RuleTest]
    package var location: SourceLocation
}

/// A rule's condition with its selections put in place of their names.
package indirect enum Expression: Sendable, Equatable {
    case and([Expression])
    case or([Expression])
    case not(Expression)
    case match(FieldMatch)
}

/// One value that one field is compared with.
package struct FieldMatch: Sendable, Equatable {
    package var field: String
    package var value: MatchValue
    /// Where the value stands.
    package var location: SourceLocation
}

/// What a field is compared with.
package enum MatchValue: Sendable, Equatable {
    case string(StringPattern)
    case regex(RegexPattern)
    case number(Double)
    case boolean(Bool)
    /// The field is missing or null.
    case null
}

/// A text with wildcards; compared without regard to case.
package struct StringPattern: Sendable, Equatable {
    package enum Part: Sendable, Equatable {
        case literal(String)
        /// `*`: any text.
        case anyRun
        /// `?`: any one character.
        case anyOne
    }

    /// Neither begins nor ends with `anyRun`: that is what the anchors say.
    package var parts: [Part]
    package var anchoredStart: Bool
    package var anchoredEnd: Bool
}

/// A regular expression, found anywhere in the text.
package struct RegexPattern: Sendable, Equatable {
    package var expression: String
    /// `|i`
    package var isCaseless = false
    /// `|s`
    package var dotMatchesNewline = false
    /// `|m`
    package var isMultiline = false
}

/// An event with which a rule's author shows what the rule is to match; our own attribute.
package struct RuleTest: Sendable {
    package var name: String
    package var matches: Bool
    package var event: [(field: String, value: TestValue)]
    package var location: SourceLocation
}

/// The value of a field in a test's event.
package enum TestValue: Sendable, Equatable {
    case string(String)
    case strings([String])
    case number(Double)
    case boolean(Bool)
}
