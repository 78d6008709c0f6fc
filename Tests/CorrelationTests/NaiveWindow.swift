// SPDX-License-Identifier: Apache-2.0
import Correlation
import Sigma

/// One window of one group, looked at by one correlation.
struct NaiveWindow {
    typealias Match = NaiveCorrelation.Match

    let rule: CorrelationRule
    let window: [Match]
    let start: Int64
    let end: Int64
    /// The turns with which the window begins.
    let contextTurns: [String]
    /// Its time had passed at the end of what was observed.
    let isClosed: Bool

    /// What was worked out, and the turns that it is made of; nil if the rule is not true.
    var result: (Double, Set<String>)? {
        guard let value = metric else { return nil }
        switch rule.condition {
        case .bounds(let bounds):
            guard window.contains(where: { $0.row.time == end }),
                bounds.allSatisfy({ $0.ordering.holds(value, $0.value) }),
                let evidence = ordered(bounds)
            else { return nil }
            return (value, evidence)
        case .expression(let expression):
            var turns: Set<String>?
            for (present, absent) in Self.terms(expression, isNegated: false) {
                guard let found = evidence(present.sorted(), absent) else { continue }
                turns = (turns ?? []).union(found)
            }
            return turns.map { (value, $0) }
        }
    }

    static func field(_ kind: Kind) -> String? {
        switch kind {
        case .valueCount(let fields): fields.first
        case .valueSum(let field), .valueAverage(let field), .valuePercentile(let field, _): field
        case .eventCount, .temporal, .temporalOrdered: nil
        }
    }

    private var metric: Double? {
        switch rule.kind {
        case .eventCount: return Double(Set(window.map(\.row.event)).count)
        case .valueCount:
            let values = window.compactMap { NaiveCorrelation.folded($0.value) }
            return Double(Set(values).count)
        case .temporal, .temporalOrdered: return Double(Set(window.map(\.slot)).count)
        case .valueSum: return numbers.isEmpty ? nil : numbers.reduce(0, +)
        case .valueAverage:
            return numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
        case .valuePercentile(_, let percent):
            let sorted = numbers.sorted()
            guard let last = sorted.last else { return nil }
            let place = Double(sorted.count - 1) * percent / 100
            let below = sorted[Int(place)]
            let above = Int(place) + 1 < sorted.count ? sorted[Int(place) + 1] : last
            return below + (above - below) * (place - place.rounded(.down))
        }
    }

    /// One of each event and number.
    private var numbers: [Double] {
        var seen: Set<String> = []
        return window.compactMap { match in
            guard let number = Self.number(match.value),
                seen.insert("\(match.row.event) \(number)").inserted
            else { return nil }
            return number
        }
    }

    private static func number(_ value: CapturedValue?) -> Double? {
        switch value {
        case .number(let number): number
        case .text("2.5"): 2.5
        case .text(" 1e1 "): 10
        case .text, nil: nil
        }
    }

    /// The evidence under bounds; nil if the order of the rules is wrong.
    private func ordered(_ bounds: [Bound]) -> Set<String>? {
        let lower = bounds.filter { $0.ordering == .greater || $0.ordering == .greaterOrEqual }
        switch rule.kind {
        case .valueSum, .valueAverage, .valuePercentile:
            return turns { Self.number($0.value) != nil }
        case .eventCount, .valueCount, .temporal: return turns { _ in true }
        case .temporalOrdered:
            guard !lower.isEmpty else {
                let occurring = Set(window.map(\.slot)).sorted()
                return chain(occurring)
            }
            let least =
                lower.map {
                    Int($0.ordering == .greater ? $0.value + 1 : $0.value)
                }.max() ?? 0
            guard least > 0 else { return turns { _ in true } }
            let chains = Self.choices(of: least, from: Array(rule.rules.indices))
                .compactMap(chain)
            return chains.isEmpty ? nil : chains.reduce(into: []) { $0.formUnion($1) }
        }
    }

    /// The turns of the first match of each rule that is later than that of the rule before.
    private func chain(_ slots: [Int]) -> Set<String>? {
        var previous = Int64.min
        var found: Set<String> = []
        for slot in slots {
            let times = window.filter { $0.slot == slot && $0.row.time > previous }
                .map(\.row.time)
            guard let time = times.min() else { return nil }
            found.formUnion(turns { $0.slot == slot && $0.row.time == time })
            previous = time
        }
        return found
    }

    private static func choices(of count: Int, from slots: [Int]) -> [[Int]] {
        guard count > 0 else { return [[]] }
        return slots.indices.flatMap { index in
            choices(of: count - 1, from: Array(slots[(index + 1)...])).map { [slots[index]] + $0 }
        }
    }

    private func evidence(_ present: [Int], _ absent: Set<Int>) -> Set<String>? {
        let occurring = Set(window.map(\.slot))
        guard occurring.isSuperset(of: present), occurring.isDisjoint(with: absent) else {
            return nil
        }
        let opening = window.filter { $0.row.time == start && present.contains($0.slot) }
        if absent.isEmpty {
            guard window.contains(where: { $0.row.time == end }) else { return nil }
        } else {
            guard isClosed, !(present.isEmpty ? contextTurns.isEmpty : opening.isEmpty) else {
                return nil
            }
        }
        if present.isEmpty { return Set(contextTurns) }
        return rule.kind == .temporalOrdered
            ? chain(present) : turns { present.contains($0.slot) }
    }

    private func turns(where isTaken: (Match) -> Bool) -> Set<String> {
        Set(window.filter(isTaken).flatMap(\.row.turns))
    }

    static func terms(_ expression: RuleExpression, isNegated: Bool) -> [(Set<Int>, Set<Int>)] {
        switch expression {
        case .rule(let slot): return isNegated ? [([], [slot])] : [([slot], [])]
        case .not(let inner): return terms(inner, isNegated: !isNegated)
        case .and(let parts), .or(let parts):
            let isAnd = if case .and = expression { true } else { false }
            let children = parts.map { terms($0, isNegated: isNegated) }
            guard isAnd != isNegated else { return children.flatMap { $0 } }
            return children.reduce([([], [])]) { product, terms in
                product.flatMap { left in
                    terms.map { (left.0.union($0.0), left.1.union($0.1)) }
                }.filter { $0.0.isDisjoint(with: $0.1) }
            }
        }
    }
}
