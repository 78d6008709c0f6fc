// SPDX-License-Identifier: Apache-2.0
import Correlation

@testable import Sigma

typealias Kind = CorrelationRule.Kind
typealias Bound = CorrelationRule.Bound
typealias RuleExpression = CorrelationRule.RuleExpression

/// A correlation with what a test says of it.
func correlation(
    _ id: String, _ kind: Kind, of rules: [String], by groupBy: [String] = ["user"],
    seconds: Int = 10, _ condition: CorrelationRule.Condition,
    aliases: [String: [String: String]] = [:], generate: Bool = false
) -> CorrelationRule {
    CorrelationRule(
        id: id, name: nil, title: id, level: .medium, tags: [], version: nil, suppression: nil,
        kind: kind, rules: rules, groupBy: groupBy, aliases: aliases, timespanSeconds: seconds,
        condition: condition, generate: generate, tests: [],
        location: SourceLocation(file: "test.yml", line: 1, column: 1))
}

func atLeast(_ value: Double) -> CorrelationRule.Condition {
    .bounds([Bound(ordering: .greaterOrEqual, value: value)])
}

/// A turn that a rule has found, at so many seconds.
func event(
    _ rule: String?, _ identity: String, at seconds: Double, _ fields: [String: CapturedValue]
) -> CorrelationEvent {
    CorrelationEvent(
        rule: rule, identity: identity, timeMilliseconds: Int64(seconds * 1_000),
        fields: fields.sorted { $0.key < $1.key }.map { CapturedField(name: $0, value: $1) })
}

/// Numbers that depend on the seed alone (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
    mutating func chance(_ part: Int, of whole: Int) -> Bool { below(whole) < part }
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }
}
