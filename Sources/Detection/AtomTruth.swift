// SPDX-License-Identifier: Apache-2.0

/// Which atoms are true of the turn at hand, and which rules that makes worth working out.
///
/// Stamps instead of clearing: an atom is true when its stamp is the turn's, so beginning a
/// turn costs nothing however many atoms there are.
struct AtomTruth {
    private let triggers: Triggers
    private var atomStamps: [UInt32]
    private var ruleStamps: [UInt32]
    /// Rules that may hold.
    private(set) var candidates: [Int] = []
    private var stamp: UInt32 = 0

    init(_ plan: DetectionPlan) {
        triggers = plan.triggers
        atomStamps = Array(repeating: 0, count: plan.atoms.count)
        ruleStamps = Array(repeating: 0, count: plan.rules.count)
    }

    /// Begins a turn of which nothing is known yet.
    mutating func begin() {
        if !candidates.isEmpty { candidates.removeAll(keepingCapacity: true) }
        if stamp == .max {
            for index in atomStamps.indices { atomStamps[index] = 0 }
            for index in ruleStamps.indices { ruleStamps[index] = 0 }
            stamp = 0
        }
        stamp += 1
    }

    mutating func set(_ atom: Int) {
        guard atomStamps[atom] != stamp else { return }
        atomStamps[atom] = stamp
        for rule in triggers.rulesByAtom[atom] where ruleStamps[rule] != stamp {
            ruleStamps[rule] = stamp
            candidates.append(rule)
        }
    }

    func isSet(_ atom: Int) -> Bool { atomStamps[atom] == stamp }

    /// Adds the rules that need no pattern, and puts all candidates in the order of the rules.
    mutating func addAlwaysEvaluated() {
        if !triggers.alwaysEvaluated.isEmpty {
            candidates.append(contentsOf: triggers.alwaysEvaluated)
        }
        if candidates.count > 1 { candidates.sort() }
    }
}
