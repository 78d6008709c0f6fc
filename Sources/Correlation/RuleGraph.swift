// SPDX-License-Identifier: Apache-2.0
internal import Sigma

/// Who refers to whom among correlations and the rules below them.
struct RuleGraph {
    private let rules: [CorrelationRule]
    let correlations: [String: Int]
    let baseRules: [String: Int]

    init(_ rules: [CorrelationRule]) {
        self.rules = rules
        var correlations: [String: Int] = [:]
        for (index, rule) in rules.enumerated() { correlations[rule.id] = index }
        var baseRules: [String: Int] = [:]
        for id in rules.flatMap(\.rules) where correlations[id] == nil && baseRules[id] == nil {
            baseRules[id] = baseRules.count
        }
        self.correlations = correlations
        self.baseRules = baseRules
    }

    /// The correlations, each after those that it looks at.
    func childrenFirst() throws(CorrelationPlanError) -> [Int] {
        var missing = rules.map { rule in Set(rule.rules.compactMap { correlations[$0] }).count }
        var above = [[Int]](repeating: [], count: rules.count)
        for (index, rule) in rules.enumerated() {
            for child in Set(rule.rules.compactMap({ correlations[$0] })) {
                above[child].append(index)
            }
        }
        var order = rules.indices.filter { missing[$0] == 0 }
        var next = 0
        while next < order.count {
            for parent in above[order[next]] {
                missing[parent] -= 1
                if missing[parent] == 0 { order.append(parent) }
            }
            next += 1
        }
        if let left = rules.indices.first(where: { missing[$0] > 0 }) {
            throw .cycle(ruleID: rules[left].id)
        }
        return order
    }

    /// For each of some ids, at its index: who looks at it.
    func subscriptions(
        of ids: [String], at indices: [String: Int]
    ) -> [[CorrelationPlan.Subscription]] {
        var result = [[CorrelationPlan.Subscription]](repeating: [], count: ids.count)
        for (index, rule) in rules.enumerated() {
            for (slot, id) in rule.rules.enumerated() {
                guard let place = indices[id] else { continue }
                result[place].append(
                    CorrelationPlan.Subscription(
                        correlation: index, slot: slot,
                        groupFields: rule.groupBy.map { rule.name(of: $0, in: id) },
                        valueFields: rule.kind.fields.map { rule.name(of: $0, in: id) }))
            }
        }
        return result
    }

    /// How far back an event that a correlation looks at can matter: for its own window, and
    /// for those of the correlations above it.
    func reach(
        _ childrenFirst: [Int], parents: [[CorrelationPlan.Subscription]],
        _ compiled: [CompiledCorrelation]
    ) -> [Int64] {
        var reach = [Int64](repeating: 0, count: rules.count)
        let limit = Int64(1) << 50
        for index in childrenFirst.reversed() {
            let above = parents[index].map { reach[$0.correlation] }.max() ?? 0
            reach[index] = min(compiled[index].spanMilliseconds + above, limit)
        }
        return reach
    }

    /// The fields that events of each base rule must carry.
    func captured(_ childrenFirst: [Int], _ compiled: [CompiledCorrelation]) -> [[String]] {
        var wanted = [Set<String>](repeating: [], count: rules.count)
        var captured = [Set<String>](repeating: [], count: baseRules.count)
        for index in childrenFirst.reversed() {
            let rule = rules[index]
            let own = Set(rule.groupBy).union(rule.kind.fields)
            // What those above want of its evidence has the name that the events give it.
            let carried = wanted[index].subtracting(compiled[index].ownFields)
            for id in rule.rules {
                let names = carried.union(own.map { rule.name(of: $0, in: id) })
                if let child = correlations[id] {
                    wanted[child].formUnion(names)
                } else if let base = baseRules[id] {
                    captured[base].formUnion(names)
                }
            }
        }
        return captured.map { $0.sorted() }
    }

    /// Correlations with a clause of nothing but absence, and how turns make their groups.
    func contexts(_ compiled: [CompiledCorrelation]) -> [CorrelationPlan.ContextSubscription] {
        compiled.indices.compactMap { index in
            guard case .clauses(let clauses) = compiled[index].test,
                clauses.contains(where: \.isOpenedByContext)
            else { return nil }
            var lists: Set<[String]> = []
            collectContexts(index, rules[index].groupBy, into: &lists)
            return CorrelationPlan.ContextSubscription(
                correlation: index, groupFields: lists.sorted { $0.lexicographicallyPrecedes($1) })
        }
    }

    /// A turn is seen through the aliases on the way down to each rule.
    private func collectContexts(
        _ index: Int, _ fields: [String], into lists: inout Set<[String]>
    ) {
        for id in rules[index].rules {
            let names = fields.map { rules[index].name(of: $0, in: id) }
            if let child = correlations[id] {
                collectContexts(child, names, into: &lists)
            } else {
                lists.insert(names)
            }
        }
    }

    /// For each correlation: whether one above looks at the number that it works out.
    var metricsSeenAbove: [Bool] {
        var seen = [Bool](repeating: false, count: rules.count)
        for rule in rules {
            for id in rule.rules {
                guard let child = correlations[id] else { continue }
                let fields = rule.groupBy + rule.kind.fields
                let metrics = [rules[child].kind.name, CompiledCorrelation.metricField]
                if fields.contains(where: { metrics.contains(rule.name(of: $0, in: id)) }) {
                    seen[child] = true
                }
            }
        }
        return seen
    }

    /// Rules and correlations that others look at, none of which generates.
    var silent: Set<String> {
        var looked: Set<String> = []
        var generated: Set<String> = []
        for rule in rules {
            looked.formUnion(rule.rules)
            if rule.generate { generated.formUnion(rule.rules) }
        }
        return looked.subtracting(generated)
    }
}

extension CorrelationRule {
    /// The name that a field, or an alias, has in the events of a rule.
    func name(of field: String, in rule: String) -> String { aliases[field]?[rule] ?? field }
}
