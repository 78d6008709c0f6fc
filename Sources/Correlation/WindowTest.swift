// SPDX-License-Identifier: Apache-2.0
internal import Sigma

/// The entries of a window that an occurrence is made of.
enum EvidenceFilter {
    case all
    /// Those with a number.
    case numbers
    case steps(Set<OrderedSearch.Step>)
    /// What several clauses ask for.
    case clauses(slots: Set<Int>, steps: Set<OrderedSearch.Step>, contextAt: Int64?)

    func takes(_ entry: WindowEntry, contextSlot: Int) -> Bool {
        let time = entry.item.time
        switch self {
        case .all: return entry.slot != contextSlot
        case .numbers: return entry.slot != contextSlot && entry.value != nil
        case .steps(let steps):
            return steps.contains(OrderedSearch.Step(slot: entry.slot, time: time))
        case .clauses(let slots, let steps, let contextAt):
            if entry.slot == contextSlot { return time == contextAt }
            return slots.contains(entry.slot)
                || steps.contains(OrderedSearch.Step(slot: entry.slot, time: time))
        }
    }
}

/// A window that ends at some time, looked at by one correlation.
struct WindowTest {
    let correlation: CompiledCorrelation
    let window: GroupWindow
    let end: Int64
    /// One of the rules has a match at the window's end.
    let isAnchored: Bool
    /// Windows that open with a match, and close now, are looked at too.
    let looksForward: Bool

    /// What of the window makes the correlation true; nil if it is not.
    func evidence() -> EvidenceFilter? {
        switch correlation.test {
        case .bounds(let bounds): isAnchored ? evidence(bounds) : nil
        case .clauses(let clauses): evidence(clauses)
        }
    }

    private func evidence(_ bounds: [CorrelationRule.Bound]) -> EvidenceFilter? {
        guard let metric = window.tally.metric(correlation.kind),
            bounds.allSatisfy({ $0.ordering.holds(metric, $0.value) })
        else { return nil }
        switch correlation.order {
        case .none: return correlation.kind.takesNumbers ? .numbers : .all
        case .allThatOccur:
            let slots = 0..<correlation.slotCount
            return OrderedSearch(window).chain(through: slots, areOptional: true)
                .map { .steps(Set($0)) }
        case .atLeast(0): return .all
        case .atLeast(let count):
            let search = OrderedSearch(window)
            return search.hasChain(of: count) ? .steps(search.steps(ofChainsOf: count)) : nil
        }
    }

    private func evidence(_ clauses: [Clause]) -> EvidenceFilter? {
        var slots: Set<Int> = []
        var steps: Set<OrderedSearch.Step> = []
        var contextAt: Int64?
        var holds = false
        for clause in clauses where clause.looksForward ? looksForward : isAnchored {
            guard clause.present.allSatisfy(window.tally.occurs),
                !clause.absent.contains(where: window.tally.occurs),
                !clause.looksForward || isOpened(by: clause)
            else { continue }
            if !correlation.isOrdered {
                slots.formUnion(clause.present)
            } else if let chain = OrderedSearch(window)
                .chain(through: clause.present, areOptional: false)
            {
                steps.formUnion(chain)
            } else {
                continue
            }
            if clause.isOpenedByContext { contextAt = start }
            holds = true
        }
        return holds ? .clauses(slots: slots, steps: steps, contextAt: contextAt) : nil
    }

    private var start: Int64 { end - correlation.spanMilliseconds }

    /// Whether the window begins with something that the clause asks for.
    private func isOpened(by clause: Clause) -> Bool {
        for entry in window.entries {
            guard entry.item.time == start else { return false }
            if clause.isOpenedByContext
                ? entry.slot == correlation.slotCount : clause.present.contains(entry.slot)
            {
                return true
            }
        }
        return false
    }
}
