// SPDX-License-Identifier: Apache-2.0
internal import Interactions
internal import PatternScan
internal import Scores
package import Sigma

/// Checked rules compiled for scanning: immutable, shared by any number of evaluators.
///
/// Every (field, test) pair of all rules is one *atom*. One pass over a text tells which of
/// its field's patterns it holds, which makes their atoms true; `triggers` tells which rules may
/// have become true by an atom, and only their conditions are worked out.
package struct DetectionPlan: Sendable {
    package let rules: [Rule]
    /// What is legal but looks wrong, and only shows when patterns are compiled.
    package let warnings: [Diagnostic]
    let patterns: [Pattern]
    /// How many characters a pattern pins down at least: the more, the more telling.
    let patternLengths: [Int]
    let atoms: [Atom]
    /// By atom: how it is told whether it is true.
    let atomSources: [AtomSource]
    let conditions: ConditionCode
    let triggers: Triggers
    /// What to look for in each text field, by its raw value; nil where no rule looks.
    let texts: [FieldPatterns?]
    /// What to look for in metadata and in other paths of the record.
    let values: [ValuePatterns]
    /// The tables of the sides of which some rule compares a score.
    let scores: [ScoreTable]
    /// Rules that define a boolean field, with its name; in the order of the names.
    let derived: [(name: String, rule: Int)]

    /// Rules that are worked out for every turn, since they can be true of one that holds none of
    /// their patterns.
    package var rulesWithoutTrigger: [Int] { triggers.alwaysEvaluated }

    /// The patterns of one field that belongs to the record, not to a turn.
    struct ValuePatterns: Sendable {
        let field: RuleField
        let patterns: PatternSet
    }

    /// One thing that a rule asks of one field.
    struct Atom: Sendable {
        /// Nil for a keyword, which any text of the turn may hold.
        let field: RuleField?
        let test: Test

        enum Test: Sendable, Hashable {
            /// Index into `patterns`.
            case pattern(Int)
            /// One of a list's patterns, all of which are looked for in the same texts.
            case anyPattern
            case number(Ordering, Double)
            case boolean(Bool)
            /// The field is missing or null.
            case absent
            /// The field is there, whatever it holds.
            case present
            /// The field is there and holds the empty text.
            case empty
            case network(address: [UInt8], prefixBits: Int)
            case field(RuleField, FieldReference.Relation, isCased: Bool)
            case datePart(DatePart, Ordering, Double)
        }
    }

    /// What has to be looked at before it is known whether an atom is true.
    enum AtomSource: Sendable {
        /// Nothing more: texts are searched for what triggers rules before any rule is worked out.
        case triggers
        case text(TextField)
        case anyText
        /// Index into `values`.
        case value(Int)
        /// The test is worked out whenever it is asked for.
        case test
    }
}
