// SPDX-License-Identifier: Apache-2.0
import Correlation
import Sigma

/// Random correlations, some over others, and the turns that they are worked over.
struct RandomProgram {
    var rules: [CorrelationRule] = []
    var events: [CorrelationEvent] = []
    /// The time of the newest turn.
    var observedTo: Int64 = 0
    private var random: SeededNumbers
    private static let baseRules = ["a", "b", "c", "d"]

    init(seed: UInt64) {
        random = SeededNumbers(seed: seed)
        for index in 0..<(1 + random.below(4)) { rules.append(rule("corr\(index)")) }
        let length = 5 + random.below(30)
        for turn in 0..<(5 + random.below(50)) { addTurn("turn\(turn)", within: length) }
    }

    private mutating func rule(_ id: String) -> CorrelationRule {
        var candidates = Self.baseRules.shuffled(using: &random)
        for other in rules where random.chance(1, of: 2) { candidates.insert(other.id, at: 0) }
        let names = Array(candidates.prefix(1 + random.below(3)))
        let kind = kind()
        var aliases: [String: [String: String]] = [:]
        let groupBy = random.pick([["user"], ["user"], ["model"], ["user", "model"], []])
        if groupBy.contains("user"), random.chance(1, of: 3) {
            aliases["user"] = [names[0]: "owner"]
        }
        let isTemporal = kind == .temporal || kind == .temporalOrdered
        return correlation(
            id, kind, of: names,
            by: groupBy, seconds: 1 + random.below(8),
            isTemporal && random.chance(1, of: 2)
                ? .expression(expression(names.count, depth: 2)) : .bounds(bounds(kind)),
            aliases: aliases, generate: random.chance(1, of: 2))
    }

    private mutating func kind() -> Kind {
        let field = random.pick(["tokens", "tokens", "word", "sigma_metric"])
        return random.pick([
            .eventCount, .eventCount, .valueCount(fields: [random.pick(["word", "tokens"])]),
            .valueSum(field: field), .valueAverage(field: field),
            .valuePercentile(field: field, percent: random.pick([0, 25, 50, 75, 100])),
            .temporal, .temporalOrdered, .temporalOrdered,
        ])
    }

    private mutating func bounds(_ kind: Kind) -> [Bound] {
        let value: Double
        switch kind {
        case .valueSum("sigma_metric"), .valueAverage("sigma_metric"),
            .valuePercentile("sigma_metric", _):
            // These may be thirds, which the model rounds otherwise: no bound is met exactly.
            value = Double(random.below(8)) + 0.1
        case .valueSum, .valueAverage, .valuePercentile: value = Double(random.below(8))
        case .eventCount, .valueCount, .temporal, .temporalOrdered:
            value = Double(random.below(4))
        }
        return [Bound(ordering: random.pick(Ordering.allCases), value: value)]
    }

    private mutating func expression(_ ruleCount: Int, depth: Int) -> RuleExpression {
        guard depth > 0, !random.chance(1, of: 4) else { return .rule(random.below(ruleCount)) }
        switch random.below(3) {
        case 0:
            return .not(expression(ruleCount, depth: depth - 1))
        case 1:
            return .and((0..<2).map { _ in expression(ruleCount, depth: depth - 1) })
        default:
            return .or((0..<2).map { _ in expression(ruleCount, depth: depth - 1) })
        }
    }

    private mutating func addTurn(_ identity: String, within seconds: Int) {
        let time = Double(random.below(2 * seconds)) / 2
        observedTo = max(observedTo, Int64(time * 1_000))
        var fields: [String: CapturedValue] = [:]
        for name in ["user", "owner"] where !random.chance(1, of: 8) {
            fields[name] = .text(random.pick(["anna", "Anna", "bert"]))
        }
        if !random.chance(1, of: 8) { fields["model"] = random.pick([.text("m"), .number(1)]) }
        fields["word"] = random.pick([.text("x"), .text("X"), .text("y"), .number(2), nil])
        fields["tokens"] = random.pick([
            .number(Double(random.below(16)) / 4), .text("2.5"), .text(" 1e1 "), .text("two"),
            nil,
        ])
        events.append(event(nil, identity, at: time, fields))
        for rule in Self.baseRules where random.chance(1, of: 3) {
            events.append(event(rule, identity, at: time, fields))
        }
    }
}
