// SPDX-License-Identifier: Apache-2.0

/// A checked correlation: what the findings of other rules come to together.
///
/// Source: Sigma correlation rules specification 2.1.
package struct CorrelationRule: Sendable {
    package var id: String
    package var name: String?
    package var title: String
    package var level: Level
    package var tags: [String]
    package var version: Int?
    package var suppression: Suppression?
    package var kind: Kind
    /// The ids of the rules and correlations that it looks at, in the order of `rules`.
    package var rules: [String]
    /// The fields whose values keep findings apart; an alias or a field's own name.
    package var groupBy: [String]
    /// Alias → rule id → the field's name in that rule's events.
    package var aliases: [String: [String: String]]
    package var timespanSeconds: Int
    package var condition: Condition
    /// Whether the rules that it looks at raise reports of their own too.
    package var generate: Bool
    package var tests: [RuleTest]
    package var location: SourceLocation

    /// What is worked out over the findings of a group within the timespan.
    package enum Kind: Sendable, Equatable {
        case eventCount
        /// Different values of a field, or different combinations of the values of several.
        case valueCount(fields: [String])
        case valueSum(field: String)
        case valueAverage(field: String)
        /// The value that so many percent of the field's values do not pass.
        case valuePercentile(field: String, percent: Double)
        /// How many of the rules have found something.
        case temporal
        /// The same, and in the order of `rules`.
        case temporalOrdered
    }

    package enum Condition: Sendable, Equatable {
        /// What was worked out, compared; all must hold.
        case bounds([Bound])
        /// Which rules must, and must not, have found something.
        case expression(RuleExpression)
    }

    package struct Bound: Sendable, Equatable {
        package var ordering: Ordering
        package var value: Double

        package init(ordering: Ordering, value: Double) {
            self.ordering = ordering
            self.value = value
        }
    }

    /// An extended condition over rules, which are indices into `rules`.
    package indirect enum RuleExpression: Sendable, Equatable {
        case rule(Int)
        case and([RuleExpression])
        case or([RuleExpression])
        case not(RuleExpression)
    }
}
