// SPDX-License-Identifier: Apache-2.0

/// Finds a smallest set of units whose change makes a condition true.
///
/// A cheapest choice at each fork gives a set to begin with, which may be larger than needed
/// where one unit stands at several places. Smaller sets are then looked for one size after the
/// other: while the condition is false, one unit of `choices` at least has to change, so trying
/// each of them misses no set. Every set is checked by working the whole condition out.
final class ChangeSearch {
    struct Change {
        let unit: Int
        let wanted: Bool
        /// By atom: what the change makes of it.
        let atoms: [Int: Bool]
    }

    private let outline: ConditionOutline
    private var truth: [Int: Bool]
    private var changes: [Change] = []
    /// Units that are not to be changed any more: they were, or were tried before.
    private var settled: Set<Int> = []
    /// In how many units an atom stands.
    private let uses: [Int: Int]
    /// Conditions that may still be worked out.
    private var stepsLeft = 20_000

    init(_ outline: ConditionOutline, _ truth: [Int: Bool]) {
        self.outline = outline
        self.truth = truth
        uses = outline.units.flatMap(\.atoms).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    /// The set; empty when the condition is true already, and when no set was found.
    func smallest() -> [Change] {
        guard !holds(outline.root) else { return [] }
        let first = cheapest()
        var limit = first.map { $0.count - 1 } ?? min(outline.units.count, 8)
        limit = min(limit, outline.units.count)
        for size in stride(from: 1, through: limit, by: 1) {
            changes = []
            settled = []
            if search(size) { return changes }
        }
        return first ?? []
    }

    /// Tries all sets of at most `size` more units.
    private func search(_ size: Int) -> Bool {
        stepsLeft -= 1
        guard stepsLeft > 0 else { return false }
        if holds(outline.root) { return changes.allSatisfy { isTrue($0.unit) == $0.wanted } }
        guard size > 0 else { return false }
        var tried: [Int] = []
        defer { settled.subtract(tried) }
        for unit in choices(outline.root, wanted: true) {
            let before = truth
            settled.insert(unit)
            tried.append(unit)
            apply(change(of: unit))
            if search(size - 1) { return true }
            changes.removeLast()
            truth = before
        }
        return false
    }

    /// Units of which one at least has to change for the part to become what is wanted; none
    /// when nothing that may change would do.
    private func choices(_ part: ConditionOutline.Part, wanted: Bool) -> [Int] {
        switch part {
        case .unit(let unit): return settled.contains(unit) ? [] : [unit]
        case .not(let inner): return choices(inner, wanted: !wanted)
        case .named(_, let inner): return choices(inner, wanted: wanted)
        case .all(let parts), .any(let parts):
            let open = parts.filter { holds($0) != wanted }
            let sets = open.map { choices($0, wanted: wanted) }
            if part.needsEach(for: wanted) { return sets.min { $0.count < $1.count } ?? [] }
            var all: [Int] = []
            for unit in sets.joined() where !all.contains(unit) { all.append(unit) }
            return all
        }
    }

    /// The set that choosing the cheapest alternative everywhere gives; nil when it does not do.
    private func cheapest() -> [Change]? {
        let before = truth
        defer { truth = before }
        changes = []
        for unit in cheapest(outline.root, wanted: true) { apply(change(of: unit)) }
        let isRight =
            holds(outline.root) && changes.allSatisfy { isTrue($0.unit) == $0.wanted }
        return isRight ? changes : nil
    }

    private func cheapest(_ part: ConditionOutline.Part, wanted: Bool) -> [Int] {
        switch part {
        case .unit(let unit): return isTrue(unit) == wanted ? [] : [unit]
        case .not(let inner): return cheapest(inner, wanted: !wanted)
        case .named(_, let inner): return cheapest(inner, wanted: wanted)
        case .all(let parts), .any(let parts):
            if holds(part) == wanted { return [] }
            let sets = parts.map { cheapest($0, wanted: wanted) }
            guard part.needsEach(for: wanted) else { return sets.min { $0.count < $1.count } ?? [] }
            var all: [Int] = []
            for unit in sets.joined() where !all.contains(unit) { all.append(unit) }
            return all
        }
    }

    /// Makes a unit what it is not: true by the one value that says least about other units, or
    /// false by all its values.
    private func change(of unit: Int) -> Change {
        let atoms = outline.units[unit].atoms
        if isTrue(unit) {
            let held = atoms.filter { truth[$0] ?? false }
            return Change(
                unit: unit, wanted: false,
                atoms: Dictionary(uniqueKeysWithValues: held.map { ($0, false) }))
        }
        let chosen = atoms.min { (uses[$0] ?? 0) < (uses[$1] ?? 0) }
        return Change(unit: unit, wanted: true, atoms: chosen.map { [$0: true] } ?? [:])
    }

    private func apply(_ change: Change) {
        changes.append(change)
        truth.merge(change.atoms) { $1 }
    }

    private func isTrue(_ unit: Int) -> Bool {
        outline.units[unit].atoms.contains { truth[$0] ?? false }
    }

    private func holds(_ part: ConditionOutline.Part) -> Bool {
        switch part {
        case .unit(let unit): isTrue(unit)
        case .not(let inner): !holds(inner)
        case .named(_, let inner): holds(inner)
        case .all(let parts): parts.allSatisfy(holds)
        case .any(let parts): parts.contains(where: holds)
        }
    }
}

extension ConditionOutline.Part {
    /// Whether each of its parts has to be what it is wanted to be, and not one of them.
    fileprivate func needsEach(for wanted: Bool) -> Bool {
        switch self {
        case .all: wanted
        case .any: !wanted
        case .not, .named, .unit: true
        }
    }
}
