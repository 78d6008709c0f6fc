// SPDX-License-Identifier: Apache-2.0

/// Which rules may hold once an atom is true.
///
/// Of each rule some patterns are chosen of which one at least is found whenever the rule holds.
/// What none of them touches is not worked out.
struct Triggers: Sendable {
    /// By atom: the rules that it triggers.
    let rules: NumberLists
    /// By atom: the atoms that stand for lists that it is in.
    let lists: NumberLists
    /// Rules that can be true of a turn that holds none of their patterns.
    let alwaysEvaluated: [Int]

    /// - Parameters:
    ///   - lists: By atom, those that are true when it is.
    ///   - isDerived: By rule, whether it only defines a field: nothing triggers it, since the
    ///     conditions that need it hold it.
    ///   - worths: By atom.
    init(
        of conditions: [ConditionCode.Tree], definitions: [ConditionCode.Tree],
        atoms: [DetectionPlan.Atom], lists: [[Int]], isDerived: [Bool],
        worths: [TriggerWorth]
    ) {
        var search = TriggerSearch(definitions: definitions, atoms: atoms, worths: worths)
        var rulesByAtom: [[Int]] = Array(repeating: [], count: atoms.count)
        var always: [Int] = []
        for (rule, condition) in conditions.enumerated() where !isDerived[rule] {
            guard let chosen = search.triggers(of: condition, isNegated: false) else {
                always.append(rule)
                continue
            }
            for atom in chosen.atoms { rulesByAtom[atom].append(rule) }
        }
        rules = NumberLists(rulesByAtom)
        self.lists = NumberLists(lists)
        alwaysEvaluated = always
    }

    func isTrigger(_ atom: Int) -> Bool { !rules.range(of: atom).isEmpty }
}

/// How good a trigger an atom is; the least of a set's is the set's.
struct TriggerWorth: Comparable {
    /// It is about what was asked, which is shorter to search than an answer.
    var isAsked: Bool
    /// The length of its pattern: longer ones are rarer.
    var length: Int

    static func < (left: TriggerWorth, right: TriggerWorth) -> Bool {
        (left.isAsked ? 1 : 0, left.length) < (right.isAsked ? 1 : 0, right.length)
    }
}

/// Many short lists of numbers in one array, so that going through one counts no reference.
struct NumberLists: Sendable {
    let elements: [UInt32]
    private let starts: [UInt32]

    init(_ lists: [[Int]]) {
        elements = lists.joined().map(UInt32.init)
        var starts: [UInt32] = [0]
        for list in lists { starts.append(starts[starts.count - 1] + UInt32(list.count)) }
        self.starts = starts
    }

    /// Where in `elements` a list's stand.
    func range(of list: Int) -> Range<Int> { Int(starts[list])..<Int(starts[list + 1]) }
}

/// Chooses the triggers of conditions; those of a definition once for all that use it.
private struct TriggerSearch {
    struct Choice {
        let atoms: Set<Int>
        let worth: TriggerWorth
    }

    let definitions: [ConditionCode.Tree]
    let atoms: [DetectionPlan.Atom]
    let worths: [TriggerWorth]
    /// By definition: of what it is and, where `isNegated`, of what it is not.
    private var known: [[Int: Choice?]] = [[:], [:]]

    init(
        definitions: [ConditionCode.Tree], atoms: [DetectionPlan.Atom], worths: [TriggerWorth]
    ) {
        self.definitions = definitions
        self.atoms = atoms
        self.worths = worths
    }

    /// Atoms of which one at least is true whenever the condition is (is not, where `isNegated`);
    /// nil when that can be with no pattern found at all.
    mutating func triggers(of condition: ConditionCode.Tree, isNegated: Bool) -> Choice? {
        switch condition {
        case .atom(let atom):
            guard !isNegated, case .pattern = atoms[atom].test else { return nil }
            return Choice(atoms: [atom], worth: worths[atom])
        case .not(let inner): return triggers(of: inner, isNegated: !isNegated)
        case .definition(let number):
            if let known = known[isNegated ? 1 : 0][number] { return known }
            let choice = triggers(of: definitions[number], isNegated: isNegated)
            known[isNegated ? 1 : 0][number] = .some(choice)
            return choice
        // What is not "all of them" is "one of them is not".
        case .and(let parts): return isNegated ? any(parts, true) : best(parts, false)
        case .or(let parts, _): return isNegated ? best(parts, true) : any(parts, false)
        }
    }

    private mutating func best(_ parts: [ConditionCode.Tree], _ isNegated: Bool) -> Choice? {
        var best: Choice?
        for part in parts {
            guard let choice = triggers(of: part, isNegated: isNegated) else { continue }
            if best.map({ $0.worth < choice.worth }) ?? true { best = choice }
        }
        return best
    }

    private mutating func any(_ parts: [ConditionCode.Tree], _ isNegated: Bool) -> Choice? {
        var union: Set<Int> = []
        var least: TriggerWorth?
        for part in parts {
            guard let choice = triggers(of: part, isNegated: isNegated) else { return nil }
            union.formUnion(choice.atoms)
            least = least.map { min($0, choice.worth) } ?? choice.worth
        }
        return Choice(atoms: union, worth: least ?? TriggerWorth(isAsked: false, length: 0))
    }
}
