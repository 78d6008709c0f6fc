// SPDX-License-Identifier: Apache-2.0

/// Which rules may hold once an atom is true.
///
/// Of each rule some patterns are chosen of which one at least is found whenever the rule holds.
/// What none of them touches is not worked out.
struct Triggers: Sendable {
    /// By atom.
    private(set) var rulesByAtom: [[Int]]
    /// Rules that can be true of a turn that holds none of their patterns.
    private(set) var alwaysEvaluated: [Int] = []

    /// - Parameters:
    ///   - isDerived: By rule, whether it only defines a field: nothing triggers it, since the
    ///     conditions that need it hold it.
    ///   - worth: Which of two atoms of a pattern is the better trigger: one about what was asked
    ///     before one about what was answered, then the more telling.
    init(
        of conditions: [ConditionCode.Tree], atoms: [DetectionPlan.Atom], isDerived: [Bool],
        worth: (Int) -> (isAsked: Int, length: Int)
    ) {
        rulesByAtom = Array(repeating: [], count: atoms.count)
        for (rule, condition) in conditions.enumerated() where !isDerived[rule] {
            guard let chosen = Self.triggers(of: condition, atoms, worth) else {
                alwaysEvaluated.append(rule)
                continue
            }
            for atom in chosen { rulesByAtom[atom].append(rule) }
        }
    }

    func isTrigger(_ atom: Int) -> Bool { !rulesByAtom[atom].isEmpty }

    /// Atoms of which one at least is true whenever the condition is; nil when it can be true
    /// with no pattern found at all.
    private static func triggers(
        of condition: ConditionCode.Tree, _ atoms: [DetectionPlan.Atom],
        _ worth: (Int) -> (isAsked: Int, length: Int)
    ) -> Set<Int>? {
        switch condition {
        case .atom(let atom):
            if case .pattern = atoms[atom].test { return [atom] }
            return nil
        case .not(.not(let inner)): return triggers(of: inner, atoms, worth)
        case .not(.or(let parts)):
            return triggers(of: .and(parts.map { .not($0) }), atoms, worth)
        case .not(.and(let parts)):
            return triggers(of: .or(parts.map { .not($0) }), atoms, worth)
        case .not: return nil
        case .and(let parts):
            // The worst of a set is what it is worth: every atom of it triggers.
            func least(_ set: Set<Int>) -> (Int, Int) {
                set.map(worth).min { $0 < $1 } ?? (0, 0)
            }
            return parts.compactMap { triggers(of: $0, atoms, worth) }
                .max { least($0) < least($1) }
        case .or(let parts):
            var union: Set<Int> = []
            for part in parts {
                guard let triggers = triggers(of: part, atoms, worth) else { return nil }
                union.formUnion(triggers)
            }
            return union
        }
    }
}
