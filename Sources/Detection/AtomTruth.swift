// SPDX-License-Identifier: Apache-2.0

/// What is true of the turn at hand: which atoms, which definitions of derived fields, and which
/// rules that makes worth working out.
///
/// Stamps instead of clearing: an atom is true when its stamp is the turn's, so beginning a
/// turn costs nothing however many atoms there are.
struct AtomTruth {
    private let triggers: Triggers
    private var atomStamps: [UInt32]
    private var ruleStamps: [UInt32]
    /// By definition: twice the turn's stamp where it was worked out, and 1 more where it is true.
    private var definitionStamps: [UInt64]
    /// Rules that may hold.
    private(set) var candidates: [Int] = []
    private var stamp: UInt32 = 0

    init(_ plan: DetectionPlan) {
        triggers = plan.triggers
        atomStamps = Array(repeating: 0, count: plan.atoms.count)
        ruleStamps = Array(repeating: 0, count: plan.rules.count)
        definitionStamps = Array(repeating: 0, count: plan.conditions.definitions.count)
    }

    /// Begins a turn of which nothing is known yet.
    mutating func begin() {
        if !candidates.isEmpty { candidates.removeAll(keepingCapacity: true) }
        if stamp == .max {
            for index in atomStamps.indices { atomStamps[index] = 0 }
            for index in ruleStamps.indices { ruleStamps[index] = 0 }
            for index in definitionStamps.indices { definitionStamps[index] = 0 }
            stamp = 0
        }
        stamp += 1
    }

    /// Makes an atom true, and those that are true when one of several is.
    mutating func set(_ atom: Int) {
        guard atomStamps[atom] != stamp else { return }
        atomStamps[atom] = stamp
        for index in triggers.lists.range(of: atom) {
            atomStamps[Int(triggers.lists.elements[index])] = stamp
        }
        for index in triggers.rules.range(of: atom) {
            let rule = Int(triggers.rules.elements[index])
            guard ruleStamps[rule] != stamp else { continue }
            ruleStamps[rule] = stamp
            candidates.append(rule)
        }
    }

    func isSet(_ atom: Int) -> Bool { atomStamps[atom] == stamp }

    /// Whether a definition is true; nil while it was not worked out.
    func definition(_ number: Int) -> Bool? {
        let known = definitionStamps[number]
        return known >> 1 == UInt64(stamp) ? known & 1 == 1 : nil
    }

    mutating func set(definition number: Int, to isTrue: Bool) {
        definitionStamps[number] = UInt64(stamp) << 1 | (isTrue ? 1 : 0)
    }

    /// Adds the rules that need no pattern, and puts all candidates in the order of the rules.
    mutating func addAlwaysEvaluated() {
        if !triggers.alwaysEvaluated.isEmpty {
            candidates.append(contentsOf: triggers.alwaysEvaluated)
        }
        if candidates.count > 1 { candidates.sort() }
    }
}
