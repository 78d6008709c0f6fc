// SPDX-License-Identifier: Apache-2.0
internal import Interactions
internal import PatternScan
package import Sigma

/// Checked rules compiled for scanning: immutable, shared by any number of evaluators.
///
/// Every (field, pattern) pair of all rules is one *atom*. One pass over a text tells which
/// patterns it holds, `scanAtoms` turns these into atoms, `rulesByTrigger` tells which rules
/// may have become true by an atom, and only their conditions are worked out.
package struct DetectionPlan: Sendable {
    package let rules: [Rule]
    /// All patterns, each once; nil when no rule has any.
    let database: PatternDatabase?
    let patterns: [Pattern]
    /// How many characters a pattern pins down at least: the more, the more telling.
    let patternLengths: [Int]
    /// Atom of (column of the field × pattern), -1 where no rule asks.
    let scanAtoms: [Int32]
    let atoms: [Atom]
    /// Rules to work out when an atom has become true, by atom.
    let rulesByTrigger: [[Int]]
    /// Rules that can be true of a turn that holds none of their patterns.
    let alwaysEvaluated: [Int]
    let conditions: [Condition]
    /// Metadata that some rule looks at.
    let metadataFields: [MetadataField]
    /// Paths of the record whose strings some rule looks at; their columns follow the
    /// metadata's in this order.
    let stringPaths: [JSONPointer]

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

    /// Where a field's patterns stand in `scanAtoms`: texts, then metadata, then paths.
    static func column(of field: TextField) -> Int { field.rawValue }
    static func column(of field: MetadataField) -> Int {
        TextField.allCases.count + field.rawValue
    }
    static func column(ofPath index: Int) -> Int {
        TextField.allCases.count + MetadataField.allCases.count + index
    }

    func atom(column: Int, pattern: Int) -> Int {
        Int(scanAtoms[column * patterns.count + pattern])
    }
}
