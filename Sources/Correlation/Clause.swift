// SPDX-License-Identifier: Apache-2.0
internal import Sigma

/// One way in which an extended condition can hold: rules that must, and must not, be found.
struct Clause: Equatable {
    /// Indices into the correlation's rules, in order.
    var present: [Int]
    var absent: [Int]

    /// What must be absent is known only when the time has passed: the window lies ahead.
    var looksForward: Bool { !absent.isEmpty }
    /// Nothing but absence: any turn opens the window.
    var isOpenedByContext: Bool { present.isEmpty && !absent.isEmpty }
}

extension CorrelationRule.RuleExpression {
    /// Clauses at most; a condition of more is refused.
    static let clauseLimit = 1_000

    /// The condition as clauses of which one is enough; nil if there are too many.
    var clauses: [Clause]? {
        guard let terms = terms(isNegated: false) else { return nil }
        return terms.map { Clause(present: $0.present.sorted(), absent: $0.absent.sorted()) }
    }

    private typealias Term = (present: Set<Int>, absent: Set<Int>)

    private func terms(isNegated: Bool) -> [Term]? {
        switch self {
        case .rule(let rule):
            return [isNegated ? (present: [], absent: [rule]) : (present: [rule], absent: [])]
        case .not(let inner):
            return inner.terms(isNegated: !isNegated)
        case .and(let parts):
            return isNegated ? Self.any(parts, isNegated) : Self.all(parts, isNegated)
        case .or(let parts):
            return isNegated ? Self.all(parts, isNegated) : Self.any(parts, isNegated)
        }
    }

    private static func any(_ parts: [Self], _ isNegated: Bool) -> [Term]? {
        var result: [Term] = []
        for part in parts {
            guard let terms = part.terms(isNegated: isNegated) else { return nil }
            result += terms
            guard result.count <= clauseLimit else { return nil }
        }
        return result
    }

    /// What asks for a rule's presence and absence at once is left out.
    private static func all(_ parts: [Self], _ isNegated: Bool) -> [Term]? {
        var result: [Term] = [(present: [], absent: [])]
        for part in parts {
            guard let terms = part.terms(isNegated: isNegated) else { return nil }
            var joined: [Term] = []
            for left in result {
                for right in terms {
                    let term = (
                        present: left.present.union(right.present),
                        absent: left.absent.union(right.absent)
                    )
                    if term.present.isDisjoint(with: term.absent) { joined.append(term) }
                }
                guard joined.count <= clauseLimit else { return nil }
            }
            result = joined
        }
        return result
    }
}
