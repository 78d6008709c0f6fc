// SPDX-License-Identifier: Apache-2.0
internal import Sigma

/// A correlation as the engine works it.
struct CompiledCorrelation {
    /// What must be true of a window.
    enum Test {
        case bounds([CorrelationRule.Bound])
        case clauses([Clause])
    }

    /// The order in which the rules of a bounded `temporal_ordered` must come.
    enum Order {
        case none
        /// All rules that are in the window at all, one after another.
        case allThatOccur
        /// At least so many of them, one after another.
        case atLeast(Int)
    }

    let id: String
    let kind: CorrelationRule.Kind
    let test: Test
    let order: Order
    let isOrdered: Bool
    let slotCount: Int
    let groupBy: [String]
    let spanMilliseconds: Int64
    /// Events of a window that are enough to decide it; nil if all are needed.
    let neededEvents: Int?
    let looksForward: Bool

    /// Timespans beyond this (17,000 years) count as this.
    private static let spanLimitSeconds = 1 << 39

    /// - Throws: `CorrelationPlanError.tooManyClauses`.
    init(_ rule: CorrelationRule) throws(CorrelationPlanError) {
        id = rule.id
        kind = rule.kind
        slotCount = rule.rules.count
        groupBy = rule.groupBy
        spanMilliseconds = Int64(min(max(rule.timespanSeconds, 0), Self.spanLimitSeconds)) * 1_000
        isOrdered = rule.kind == .temporalOrdered
        switch rule.condition {
        case .bounds(let bounds):
            test = .bounds(bounds)
            looksForward = false
            order = isOrdered ? Self.order(bounds, slotCount: rule.rules.count) : .none
        case .expression(let expression):
            guard let clauses = expression.clauses else {
                throw .tooManyClauses(ruleID: rule.id)
            }
            test = .clauses(clauses)
            looksForward = clauses.contains(where: \.looksForward)
            order = .none
        }
        if rule.kind == .eventCount, case .bounds(let bounds) = rule.condition {
            neededEvents = Self.needed(bounds)
        } else {
            neededEvents = nil
        }
    }

    /// With a lower bound, so many rules in order are enough, whatever the others do.
    private static func order(_ bounds: [CorrelationRule.Bound], slotCount: Int) -> Order {
        let lower = bounds.filter { $0.ordering == .greater || $0.ordering == .greaterOrEqual }
        guard !lower.isEmpty else { return .allThatOccur }
        return .atLeast(lower.map { least($0, limit: slotCount + 1) }.max() ?? 0)
    }

    /// The least count that a lower bound allows, up to a limit.
    private static func least(_ bound: CorrelationRule.Bound, limit: Int) -> Int {
        guard bound.value > -1 else { return 0 }
        let value = min(bound.value, Double(limit))
        let least = bound.ordering == .greater ? value.rounded(.down) + 1 : value.rounded(.up)
        return min(Int(least), limit)
    }

    /// With nothing but lower bounds, a count beyond the highest of them says no more.
    private static func needed(_ bounds: [CorrelationRule.Bound]) -> Int? {
        let isLower = bounds.allSatisfy {
            $0.ordering == .greater || $0.ordering == .greaterOrEqual
        }
        guard isLower else { return nil }
        return bounds.map { least($0, limit: 1 << 53) }.max() ?? 1
    }

    /// The fields that its occurrences have of their own, for correlations above it.
    var ownFields: Set<String> { Set(groupBy).union([kind.name, Self.metricField]) }
    static let metricField = "sigma_metric"
}

extension CorrelationRule.Kind {
    /// As rules write it.
    var name: String {
        switch self {
        case .eventCount: "event_count"
        case .valueCount: "value_count"
        case .valueSum: "value_sum"
        case .valueAverage: "value_avg"
        case .valuePercentile: "value_percentile"
        case .temporal: "temporal"
        case .temporalOrdered: "temporal_ordered"
        }
    }

    /// The fields whose values it looks at.
    var fields: [String] {
        switch self {
        case .valueCount(let fields): fields
        case .valueSum(let field), .valueAverage(let field), .valuePercentile(let field, _):
            [field]
        case .eventCount, .temporal, .temporalOrdered: []
        }
    }

    var takesNumbers: Bool {
        switch self {
        case .valueSum, .valueAverage, .valuePercentile: true
        case .eventCount, .valueCount, .temporal, .temporalOrdered: false
        }
    }
}
