// SPDX-License-Identifier: Apache-2.0

/// Looks for matches of rules one after another: each strictly later than the one before.
///
/// Always taking a rule's earliest match that is late enough leaves the most room for the rules
/// after it, so no other choice needs to be tried.
struct OrderedSearch {
    /// A rule's match in a window.
    struct Step: Hashable {
        let slot: Int
        let time: Int64
    }

    private let times: [TimeQueue]

    init(_ window: GroupWindow) { times = window.slotTimes }

    /// One match of each rule; nil if they do not come in this order.
    ///
    /// - Parameter areOptional: Rules without any match are passed over.
    func chain(through slots: some Sequence<Int>, areOptional: Bool) -> [Step]? {
        var steps: [Step] = []
        var previous: Int64?
        for slot in slots {
            if let time = times[slot].first(after: previous) {
                steps.append(Step(slot: slot, time: time))
                previous = time
            } else if !areOptional || times[slot].first(after: nil) != nil {
                return nil
            }
        }
        return steps
    }

    /// Whether so many rules, whichever, come in order.
    func hasChain(of length: Int) -> Bool {
        guard length > 0 else { return true }
        guard length <= times.count else { return false }
        // The earliest time at which a chain of so many rules can end.
        var earliest = [Int64?](repeating: nil, count: length + 1)
        for queue in times {
            for count in stride(from: length - 1, through: 0, by: -1) {
                guard count == 0 || earliest[count] != nil,
                    let time = queue.first(after: earliest[count])
                else { continue }
                earliest[count + 1] = min(earliest[count + 1] ?? time, time)
            }
        }
        return earliest[length] != nil
    }

    /// The matches of all chains of so many rules.
    func steps(ofChainsOf length: Int) -> Set<Step> {
        var walk = Walk(times: times)
        _ = walk.reaches(from: 0, after: nil, left: length)
        return walk.steps
    }

    /// Goes through the ways to choose rules, each state once.
    private struct Walk {
        private struct State: Hashable {
            let slot: Int
            let time: Int64?
            let left: Int
        }

        let times: [TimeQueue]
        private var known: [State: Bool] = [:]
        private(set) var steps: Set<Step> = []

        init(times: [TimeQueue]) { self.times = times }

        mutating func reaches(from first: Int, after time: Int64?, left: Int) -> Bool {
            guard left > 0 else { return true }
            let state = State(slot: first, time: time, left: left)
            if let result = known[state] { return result }
            var result = false
            for slot in first..<times.count where times.count - slot >= left {
                guard let next = times[slot].first(after: time),
                    reaches(from: slot + 1, after: next, left: left - 1)
                else { continue }
                steps.insert(Step(slot: slot, time: next))
                result = true
            }
            known[state] = result
            return result
        }
    }
}
