// SPDX-License-Identifier: Apache-2.0
internal import Interactions
internal import PatternScan
package import Sigma

/// Checked rules compiled for scanning: immutable, shared by any number of evaluators.
///
/// Every (field, pattern) pair of all rules is one *atom*. One pass over a text tells which of
/// its field's patterns it holds, which makes their atoms true; `rulesByTrigger` tells which
/// rules may have become true by an atom, and only their conditions are worked out.
package struct DetectionPlan: Sendable {
    package let rules: [Rule]
    let patterns: [Pattern]
    /// How many characters a pattern pins down at least: the more, the more telling.
    let patternLengths: [Int]
    let atoms: [Atom]
    /// Rules to work out when an atom has become true, by atom.
    let rulesByTrigger: [[Int]]
    /// Rules that can be true of a turn that holds none of their patterns.
    let alwaysEvaluated: [Int]
    let conditions: [Condition]
    /// What to look for in each text field, by its raw value; nil where no rule looks.
    let texts: [FieldPatterns?]
    /// What to look for in metadata and in other paths of the record.
    let metadata: [(field: MetadataField, patterns: FieldPatterns)]
    let paths: [(path: JSONPointer, patterns: FieldPatterns)]

    /// All patterns that rules look for in one field.
    struct FieldPatterns: Sendable {
        let database: PatternDatabase
        /// By the pattern's number in the database: the atom that it makes true.
        let atoms: [Int]
        /// By the same number: index into the plan's patterns.
        let patterns: [Int]
        /// Some pattern triggers a rule; if none does, the field is only searched once a rule
        /// is triggered by another.
        let holdsTriggers: Bool
    }

    /// One thing that a rule asks of one field.
    struct Atom: Sendable {
        let field: RuleField
        let test: Test

        enum Test: Sendable, Hashable {
            /// Index into `patterns`.
            case pattern(Int)
            case number(Double)
            case boolean(Bool)
            /// The field is missing or null.
            case absent
        }
    }

    /// A rule's condition over atoms.
    indirect enum Condition: Sendable {
        case atom(Int)
        case and([Condition])
        case or([Condition])
        case not(Condition)
    }
}
