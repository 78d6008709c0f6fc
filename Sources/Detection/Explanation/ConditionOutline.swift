// SPDX-License-Identifier: Apache-2.0
internal import Sigma

/// A rule's condition as its author wrote it, tied to the atoms that it is evaluated by.
///
/// A *unit* is what an author changes as one: a comparison, or a list of values of one field of
/// which one is enough. The same unit at several places is one.
struct ConditionOutline {
    indirect enum Part {
        case all([Part])
        case any([Part])
        case not(Part)
        case named(PartName, Part)
        case unit(Int)
    }

    struct Unit {
        /// The names of what it stands in, the outermost first, where it stands first.
        let names: [PartName]
        /// It is all that the innermost name stands for.
        let isWhole: Bool
        let comparisons: [Comparison]
        /// Those of the comparisons, each once.
        let atoms: [Int]
    }

    struct Comparison {
        let match: FieldMatch
        let atom: Int
    }

    private(set) var root = Part.all([])
    private(set) var units: [Unit] = []
    /// A node of the plan's conditions for each atom of the rule.
    private(set) var nodeByAtom: [Int: Int] = [:]
    private var unitByAtoms: [[Int]: Int] = [:]
    private let conditions: ConditionCode

    var atoms: Set<Int> { Set(nodeByAtom.keys) }

    init(of rule: Int, in plan: DetectionPlan) {
        conditions = plan.conditions
        root = part(
            of: plan.rules[rule].condition, at: conditions.starts[rule], names: [], isWhole: false)
    }

    /// Walks the condition and its code together: each part but a name is a node.
    private mutating func part(
        of expression: Expression, at node: Int, names: [PartName], isWhole: Bool
    ) -> Part {
        let node = conditions.body(of: node)
        if case .named(let name, let inner) = expression {
            return .named(name, part(of: inner, at: node, names: names + [name], isWhole: true))
        }
        if let comparisons = comparisons(of: expression, at: node) {
            return .unit(unit(comparisons, names, isWhole))
        }
        switch expression {
        case .and(let parts):
            return .all(self.parts(of: parts, at: node, names))
        case .or(let parts):
            return .any(self.parts(of: parts, at: node, names))
        case .not(let inner):
            return .not(part(of: inner, at: node + 1, names: names, isWhole: false))
        case .match(let match):
            // `exists: false` is the opposite of being there.
            var opposite = match
            opposite.value = .exists(true)
            let atom = note(atomAt: node + 1)
            return .not(.unit(unit([Comparison(match: opposite, atom: atom)], names, false)))
        case .named(_, let inner):
            return part(of: inner, at: node, names: names, isWhole: isWhole)
        }
    }

    private mutating func parts(
        of expressions: [Expression], at node: Int, _ names: [PartName]
    ) -> [Part] {
        zip(expressions, conditions.parts(of: node)).map {
            part(of: $0, at: $1, names: names, isWhole: false)
        }
    }

    /// A comparison alone, or alternatives for one field; nil for anything else.
    private mutating func comparisons(of expression: Expression, at node: Int) -> [Comparison]? {
        switch expression {
        case .match(let match):
            if match.value == .exists(false) { return nil }
            return [Comparison(match: match, atom: note(atomAt: node))]
        case .or(let parts):
            var all: [Comparison] = []
            for (part, node) in zip(parts, conditions.parts(of: node)) {
                guard let own = comparisons(of: part, at: node),
                    all.isEmpty || own[0].match.field == all[0].match.field
                else { return nil }
                all += own
            }
            return all.isEmpty ? nil : all
        case .and, .not, .named: return nil
        }
    }

    private mutating func note(atomAt node: Int) -> Int {
        let atom = Int(conditions.nodes[node].value)
        nodeByAtom[atom] = node
        return atom
    }

    private mutating func unit(
        _ comparisons: [Comparison], _ names: [PartName], _ isWhole: Bool
    ) -> Int {
        let atoms = Set(comparisons.map(\.atom)).sorted()
        if let known = unitByAtoms[atoms] { return known }
        units.append(
            Unit(names: names, isWhole: isWhole, comparisons: comparisons, atoms: atoms))
        unitByAtoms[atoms] = units.count - 1
        return units.count - 1
    }
}

extension ConditionOutline {
    /// The condition with what is true of a turn.
    func explained(by facts: TurnFacts) -> ExplainedPart { explained(root, facts) }

    private func explained(_ part: Part, _ facts: TurnFacts) -> ExplainedPart {
        switch part {
        case .all(let parts):
            let parts = parts.map { explained($0, facts) }
            return ExplainedPart(kind: .all, isTrue: parts.allSatisfy(\.isTrue), parts: parts)
        case .any(let parts):
            let parts = parts.map { explained($0, facts) }
            return ExplainedPart(kind: .any, isTrue: parts.contains(where: \.isTrue), parts: parts)
        case .not(let inner):
            let inner = explained(inner, facts)
            return ExplainedPart(kind: .not, isTrue: !inner.isTrue, parts: [inner])
        case .named(let name, let inner):
            let inner = explained(inner, facts)
            return ExplainedPart(kind: .named(name), isTrue: inner.isTrue, parts: [inner])
        case .unit(let index):
            let comparisons = units[index].comparisons.map { explained($0, facts) }
            guard comparisons.count > 1 else { return comparisons[0] }
            return ExplainedPart(
                kind: .oneOf(field: units[index].comparisons[0].match.field),
                isTrue: comparisons.contains(where: \.isTrue), parts: comparisons)
        }
    }

    private func explained(_ comparison: Comparison, _ facts: TurnFacts) -> ExplainedPart {
        ExplainedPart(
            kind: .comparison(comparison.match), isTrue: facts.truth[comparison.atom] ?? false,
            place: facts.places[comparison.atom], value: facts.value(comparison.atom))
    }
}
