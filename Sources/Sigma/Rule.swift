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
    /// What correlations and filters may call it by, beside its id.
    package var name: String?
    package var title: String
    package var level: Level
    package var tags: [String]
    /// Raised by the author when the rule changes; our own attribute.
    package var version: Int?
    /// The boolean field that the rule defines, such as `response.refused`; it raises nothing
    /// then. Our own attribute `derives`.
    package var derives: String?
    /// Our own attribute `suppress`.
    package var suppression: Suppression?
    /// All selections and filters in place; of several conditions one is enough.
    package var condition: Expression
    package var tests: [RuleTest]
    package var location: SourceLocation
}

/// What a rule finds again under the same key and within a time counts as a repeat.
///
///     suppress: {by: [user.id], for: 1h}
package struct Suppression: Sendable, Equatable {
    /// The fields whose values make the key; none: all findings of the rule have one key.
    package var fields: [String]
    package var seconds: Int

    package init(fields: [String], seconds: Int) {
        self.fields = fields
        self.seconds = seconds
    }
}

/// A rule's condition with its selections put in place of their names.
package indirect enum Expression: Sendable, Equatable {
    case and([Expression])
    case or([Expression])
    case not(Expression)
    case match(FieldMatch)
    /// Means what the part means; the name is for who explains the condition.
    case named(PartName, Expression)
}

/// What the author of a rule calls a part of its condition.
package enum PartName: Sendable, Hashable {
    case selection(String)
    /// The definition of a derived field.
    case derived(String)
    /// What a filter adds, by the filter's title.
    case filter(String)
}

/// One value that one field is compared with.
package struct FieldMatch: Sendable, Equatable {
    /// Nil for a keyword: the value, a text or an expression, is looked for in every text of the
    /// turn.
    package var field: String?
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
    /// The field is there (or not), whatever it holds, null included.
    case exists(Bool)
    /// `lt`, `lte`, `gt`, `gte` with a number.
    case order(Ordering, Double)
    /// The field is an address of the network.
    case network(Network)
    /// The field is like another field.
    case field(FieldReference)
    /// A part of the date and time that the field holds (`minute` to `year`), in UTC.
    case datePart(DatePart, Ordering, Double)
}

/// How a number is compared.
package enum Ordering: String, Sendable, CaseIterable {
    case less = "lt"
    case lessOrEqual = "lte"
    case greater = "gt"
    case greaterOrEqual = "gte"
    case equal = "eq"
    case notEqual = "neq"

    package func holds(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        case .equal: left == right
        case .notEqual: left != right
        }
    }
}

/// The parts of a date that the time modifiers take (Sigma specification, "Time Modifiers").
package enum DatePart: String, Sendable, CaseIterable {
    case minute, hour, day, week, month, year
}

/// A network of addresses, as `|cidr` names it.
package struct Network: Sendable, Equatable {
    /// 4 or 16 bytes; those past the prefix are 0.
    package var address: [UInt8]
    /// How many leading bits count.
    package var prefixBits: Int

    package init(address: [UInt8], prefixBits: Int) {
        self.address = address
        self.prefixBits = prefixBits
    }
}

/// Another field that a field is compared with (`|fieldref`).
package struct FieldReference: Sendable, Equatable {
    package enum Relation: Sendable, Equatable {
        case equals, contains, startsWith, endsWith
    }

    package var name: String
    package var relation: Relation
    package var isCased: Bool

    package init(name: String, relation: Relation, isCased: Bool) {
        self.name = name
        self.relation = relation
        self.isCased = isCased
    }
}

/// A text with wildcards; compared without regard to case unless it is `cased`.
package struct StringPattern: Sendable, Equatable {
    package enum Part: Sendable, Equatable {
        case literal(String)
        /// `*`: any text.
        case anyRun
        /// `?`: any one character.
        case anyOne
    }

    /// Neither begins nor ends with `anyRun`: that is what the anchors say. None, with both
    /// anchors: the text is there and empty.
    package var parts: [Part]
    package var anchoredStart: Bool
    package var anchoredEnd: Bool
    /// `|cased`, and what was made by `base64` and `base64offset`.
    package var isCased = false
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

/// Events with which a rule's author shows what the rule is to match; our own attribute.
package struct RuleTest: Sendable {
    package var name: String
    package var matches: Bool
    /// One for a detection; in the order of their times for a correlation.
    package var events: [TestEvent]
    package var location: SourceLocation
}

/// One turn of a rule's test.
package struct TestEvent: Sendable {
    package var fields: [(field: String, value: TestValue)]
    /// Seconds after the test's first event.
    package var atSeconds: Double

    package init(fields: [(field: String, value: TestValue)], atSeconds: Double = 0) {
        self.fields = fields
        self.atSeconds = atSeconds
    }
}

/// The value of a field in a test's event.
package enum TestValue: Sendable, Equatable {
    case string(String)
    case strings([String])
    case number(Double)
    case boolean(Bool)
}
