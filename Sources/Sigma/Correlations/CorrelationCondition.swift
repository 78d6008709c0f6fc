// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// Reads what a correlation works out and the bounds that this must keep.
struct CorrelationCondition {
    private let context: ParseContext

    struct Result {
        var kind: CorrelationRule.Kind
        var bounds: [CorrelationRule.Bound]
        var fields: [Reference]
    }

    init(_ context: ParseContext) { self.context = context }

    /// - Parameters:
    ///   - node: The condition; a text is not looked at, and without any a temporal correlation
    ///     waits for all its rules.
    ///   - type: Nil when it is wrong, so that nothing can be said of the condition.
    func condition(
        _ node: Node?, _ type: CorrelationType?, ruleCount: Int, at correlation: Node
    ) -> Result {
        let none = Result(kind: .temporal, bounds: [], fields: [])
        guard let type else { return none }
        guard let node, !node.isNull else {
            if type.isTemporal { return temporal(type, ruleCount) }
            context.report(
                .missing("condition", example: "condition: {gte: 10}"), at: correlation)
            return none
        }
        if node.scalar != nil { return type.isTemporal ? temporal(type, ruleCount) : none }
        guard let members = node.mapping else {
            context.report(.badBounds("`condition` is no mapping"), at: node)
            return none
        }
        var result = Result(kind: .temporal, bounds: [], fields: [])
        var percent: Double?
        for (key, value) in members {
            switch key.scalar?.string ?? "" {
            case "field": result.fields = fields(value, type)
            case "percentile": percent = percentile(value, type)
            case let name:
                guard let ordering = Ordering(rawValue: name) else {
                    context.report(
                        .badBounds("a correlation's condition has no `\(name.shortened)`"), at: key)
                    continue
                }
                if let value = number(value, type) {
                    result.bounds.append(CorrelationRule.Bound(ordering: ordering, value: value))
                }
            }
        }
        if members.allSatisfy({ ["field", "percentile"].contains($0.key.scalar?.string) }) {
            context.report(.badBounds("the condition has no bound"), at: node)
        }
        result.kind = kind(type, result.fields, percent, members, at: node)
        if let reason = BoundsCheck(type, ruleCount: ruleCount).contradiction(in: result.bounds) {
            context.report(.impossibleBounds(reason), at: node)
        }
        return result
    }

    private func temporal(_ type: CorrelationType, _ ruleCount: Int) -> Result {
        Result(
            kind: type == .temporalOrdered ? .temporalOrdered : .temporal,
            bounds: [
                CorrelationRule.Bound(ordering: .greaterOrEqual, value: Double(ruleCount))
            ],
            fields: [])
    }

    private func fields(_ node: Node, _ type: CorrelationType) -> [Reference] {
        guard type.needsField else {
            context.report(.notTaken("`field`", by: type), at: node)
            return []
        }
        let fields = context.texts(node, of: "field").map(Reference.init)
        if fields.count > 1, type != .valueCount {
            context.report(.notTaken("more than one field", by: type), at: node)
        }
        return fields
    }

    private func percentile(_ node: Node, _ type: CorrelationType) -> Double? {
        guard type == .valuePercentile else {
            context.report(.notTaken("`percentile`", by: type), at: node)
            return nil
        }
        let text = node.scalar?.string ?? "?"
        if let number = Double(text), (0...100).contains(number) { return number }
        context.report(.badPercentile("; this is `\(text.shortened)`"), at: node)
        return nil
    }

    private func number(_ node: Node, _ type: CorrelationType) -> Double? {
        guard let number = node.scalar.flatMap({ Double($0.string) }), number.isFinite else {
            context.report(.badBounds("a bound is a number"), at: node)
            return nil
        }
        let isCount = type.isTemporal || type == .eventCount || type == .valueCount
        if isCount, number.rounded() != number {
            context.report(.badBounds("a count is a whole number"), at: node)
            return nil
        }
        return number
    }

    private func kind(
        _ type: CorrelationType, _ fields: [Reference], _ percent: Double?,
        _ members: Node.Mapping, at node: Node
    ) -> CorrelationRule.Kind {
        if type.needsField, fields.isEmpty, members["field"]?.sequence?.isEmpty ?? true {
            context.report(.fieldMissing(type), at: node)
        }
        if type == .valuePercentile, members["percentile"] == nil {
            context.report(.badPercentile(""), at: node)
        }
        let field = fields.first?.text ?? ""
        switch type {
        case .eventCount: return .eventCount
        case .temporal: return .temporal
        case .temporalOrdered: return .temporalOrdered
        case .valueCount: return .valueCount(fields: fields.map(\.text))
        case .valueSum: return .valueSum(field: field)
        case .valueAverage: return .valueAverage(field: field)
        case .valueMedian: return .valuePercentile(field: field, percent: 50)
        case .valuePercentile: return .valuePercentile(field: field, percent: percent ?? 50)
        }
    }
}

/// Finds bounds that no value can keep.
struct BoundsCheck {
    private let isWhole: Bool
    private var least: Double
    private var most: Double
    private let domain: String

    init(_ type: CorrelationType, ruleCount: Int) {
        (least, most) = (-.infinity, .infinity)
        switch type {
        case .eventCount:
            least = 1
            domain = "there is one event at least"
        case .valueCount:
            least = 0
            domain = "a count is 0 at least"
        case .temporal, .temporalOrdered:
            (least, most) = (1, Double(max(1, ruleCount)))
            domain = "it looks at \(ruleCount), and one has found something at least"
        default: domain = ""
        }
        isWhole = least.isFinite
    }

    /// Why no value keeps all the bounds, or nil.
    func contradiction(in bounds: [CorrelationRule.Bound]) -> String? {
        if excludeEachOther(bounds, (-.infinity, .infinity)) { return "they exclude each other" }
        return excludeEachOther(bounds, (least, most)) ? domain : nil
    }

    private func excludeEachOther(
        _ bounds: [CorrelationRule.Bound], _ range: (Double, Double)
    ) -> Bool {
        var (least, most) = range
        var isLeastOut = false
        var isMostOut = false
        func raise(to value: Double, isOut: Bool) {
            if value > least || (value == least && isOut) { (least, isLeastOut) = (value, isOut) }
        }
        func lower(to value: Double, isOut: Bool) {
            if value < most || (value == most && isOut) { (most, isMostOut) = (value, isOut) }
        }
        for bound in bounds {
            switch bound.ordering {
            case .greaterOrEqual: raise(to: bound.value, isOut: false)
            case .lessOrEqual: lower(to: bound.value, isOut: false)
            case .greater:
                raise(to: isWhole ? bound.value + 1 : bound.value, isOut: !isWhole)
            case .less: lower(to: isWhole ? bound.value - 1 : bound.value, isOut: !isWhole)
            case .equal:
                raise(to: bound.value, isOut: false)
                lower(to: bound.value, isOut: false)
            case .notEqual: break
            }
        }
        let isExcluded = bounds.contains { $0.ordering == .notEqual && $0.value == least }
        let isPoint = least == most
        return least > most || (isPoint && (isLeastOut || isMostOut || isExcluded))
    }
}
