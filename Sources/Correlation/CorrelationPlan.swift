// SPDX-License-Identifier: Apache-2.0
package import Sigma

/// Why correlations cannot be worked.
package enum CorrelationPlanError: Error, Equatable, CustomStringConvertible {
    case cycle(ruleID: String)
    case tooManyClauses(ruleID: String)

    package var description: String {
        switch self {
        case .cycle(let id):
            "correlation \(id) looks at itself, by way of others; take one of its `rules` out"
        case .tooManyClauses(let id):
            "the condition of correlation \(id) has more than "
                + "\(CorrelationRule.RuleExpression.clauseLimit) alternatives when `and` is "
                + "multiplied out; split it into several correlations"
        }
    }
}

/// Correlations, made ready: who looks at whom, in which fields, and how far back.
package struct CorrelationPlan: Sendable {
    /// A rule as one correlation looks at it.
    struct Subscription {
        let correlation: Int
        /// Which of the correlation's rules it is.
        let slot: Int
        /// The names that the correlation's fields have in the rule's events.
        let groupFields: [String]
        let valueFields: [String]
    }

    /// A correlation that any turn may open a window of.
    struct ContextSubscription {
        let correlation: Int
        /// One list for each way in which a turn's fields can make a group.
        let groupFields: [[String]]
    }

    package let rules: [CorrelationRule]
    let correlations: [CompiledCorrelation]
    /// The place of each correlation in an order in which those below come first.
    let rank: [Int]
    let byRank: [Int]
    /// Rules that are no correlations, by id.
    let baseRules: [String: Int]
    /// By base rule, and by correlation: who looks at it.
    let subscriptions: [[Subscription]]
    let parents: [[Subscription]]
    let contextSubscriptions: [ContextSubscription]
    let isReported: [Bool]
    /// Of a correlation that only needs its window's newest events: how many; nil if it needs all.
    let keptEvents: [Int?]
    /// How far back an event of a base rule, or of none, can still matter.
    let reachMilliseconds: [Int64]
    let contextReachMilliseconds: Int64
    private let captured: [[String]]
    private let silent: Set<String>

    /// The fields that every turn must be given with (`CorrelationEvent.rule` nil); nil: turns
    /// in which no rule found anything are not wanted.
    package var contextFields: [String]? {
        contextSubscriptions.isEmpty
            ? nil : Set(contextSubscriptions.flatMap { $0.groupFields.joined() }).sorted()
    }

    /// - Parameter rules: Checked ones: what they refer to is there, and bounds are numbers.
    /// - Throws: Which of them cannot be worked.
    package init(_ rules: [CorrelationRule]) throws(CorrelationPlanError) {
        self.rules = rules
        var compiled: [CompiledCorrelation] = []
        for rule in rules { compiled.append(try CompiledCorrelation(rule)) }
        correlations = compiled
        let graph = RuleGraph(rules)
        byRank = try graph.childrenFirst()
        var rank = [Int](repeating: 0, count: rules.count)
        for (place, correlation) in byRank.enumerated() { rank[correlation] = place }
        self.rank = rank
        baseRules = graph.baseRules
        subscriptions = graph.subscriptions(of: Array(graph.baseRules.keys), at: graph.baseRules)
        parents = graph.subscriptions(of: rules.map(\.id), at: graph.correlations)
        let reach = graph.reach(byRank, parents: parents, compiled)
        reachMilliseconds = subscriptions.map { looking in
            looking.map { reach[$0.correlation] }.max() ?? 0
        }
        contextSubscriptions = graph.contexts(compiled)
        contextReachMilliseconds =
            contextSubscriptions.map { reach[$0.correlation] }.max() ?? 0
        let seenAbove = graph.metricsSeenAbove
        keptEvents = compiled.indices.map { seenAbove[$0] ? nil : compiled[$0].neededEvents }
        captured = graph.captured(byRank, compiled)
        let silent = graph.silent
        self.silent = silent
        isReported = rules.map { !silent.contains($0.id) }
    }

    /// The fields that events of a rule must carry, sorted; nil if no correlation looks at it.
    package func capturedFields(ofRule id: String) -> [String]? {
        baseRules[id].map { captured[$0] }
    }

    /// Whether a rule or correlation only serves others: some look at it, none with `generate`.
    package func isSilent(_ id: String) -> Bool { silent.contains(id) }

    /// How long stored events of a rule are needed: those older than the engine's `frontier` by
    /// more than this can be deleted. Nil stands for turns as such.
    package func reachMilliseconds(ofRule id: String?) -> Int64 {
        guard let id else { return contextReachMilliseconds }
        return baseRules[id].map { reachMilliseconds[$0] } ?? 0
    }
}
