// SPDX-License-Identifier: Apache-2.0
import Correlation
import Sigma

/// Counts every window anew, and tries every way in which a condition can hold: slow and plain.
struct NaiveCorrelation {
    /// An event of a rule, with one set of fields.
    struct Row {
        var event: String
        var time: Int64
        var fields: [String: CapturedValue]
        var turns: [String]
    }

    /// An event in a group of a correlation.
    struct Match {
        var row: Row
        var slot: Int
        var group: [CapturedValue]
        var value: CapturedValue?
    }

    struct Occurrence: Equatable {
        var rule: String
        var end: Int64
        var group: [CapturedValue]
        var value: Double
        var turns: Set<String>
    }

    let rules: [CorrelationRule]
    let events: [CorrelationEvent]
    let observedTo: Int64

    /// What is to be reported, by time.
    func findings() -> [Occurrence] {
        let plain = rules.filter { rule in
            let above = rules.filter { $0.rules.contains(rule.id) }
            return above.isEmpty || above.contains(where: \.generate)
        }
        return plain.flatMap { Self.firstOfEachTimespan(occurrences($0), of: $0) }
    }

    /// The first of a group, then none until its timespan has passed.
    static func firstOfEachTimespan(
        _ occurrences: [Occurrence], of rule: CorrelationRule
    ) -> [Occurrence] {
        var last: [[CapturedValue]: Int64] = [:]
        return occurrences.sorted { $0.end < $1.end }.filter { occurrence in
            if let time = last[occurrence.group],
                occurrence.end <= time + Int64(rule.timespanSeconds) * 1_000
            {
                return false
            }
            last[occurrence.group] = occurrence.end
            return true
        }
    }

    func occurrences(_ rule: CorrelationRule) -> [Occurrence] {
        let matches = self.matches(rule)
        let contexts = contexts(rule, rule.groupBy)
        let span = Int64(rule.timespanSeconds) * 1_000
        var result: [Occurrence] = []
        for group in Set((matches + contexts).map(\.group)) {
            let members = matches.filter { $0.group == group }
            let around = contexts.filter { $0.group == group }
            let times = Set((members + around).flatMap { [$0.row.time, $0.row.time + span] })
            for end in times {
                let window = members.filter { (end - span...end).contains($0.row.time) }
                let test = NaiveWindow(
                    rule: rule, window: window, start: end - span, end: end,
                    contextTurns: around.filter { $0.row.time == end - span }.flatMap(\.row.turns),
                    isClosed: end <= observedTo)
                if let (value, turns) = test.result {
                    result.append(
                        Occurrence(
                            rule: rule.id, end: end, group: group, value: value, turns: turns))
                }
            }
        }
        return result
    }

    private func matches(_ rule: CorrelationRule) -> [Match] {
        var matches: [Match] = []
        for (slot, id) in rule.rules.enumerated() {
            let name = { (field: String) in rule.aliases[field]?[id] ?? field }
            for row in rows(id) {
                let group = rule.groupBy.compactMap { Self.folded(row.fields[name($0)]) }
                guard group.count == rule.groupBy.count else { continue }
                let value = NaiveWindow.field(rule.kind).flatMap { row.fields[name($0)] }
                matches.append(Match(row: row, slot: slot, group: group, value: value))
            }
        }
        return matches
    }

    private func rows(_ id: String) -> [Row] {
        guard let child = rules.first(where: { $0.id == id }) else {
            return events.filter { $0.rule == id }.map { event in
                Row(
                    event: event.identity, time: event.timeMilliseconds, fields: fields(event),
                    turns: [event.identity])
            }
        }
        return occurrences(child).flatMap { occurrence in
            occurrence.turns.map { turn in
                var merged = events.first { $0.identity == turn }.map(fields) ?? [:]
                for (name, value) in zip(child.groupBy, occurrence.group) { merged[name] = value }
                merged["sigma_metric"] = .number(occurrence.value)
                return Row(
                    event: "\(id) \(occurrence.end) \(occurrence.group)", time: occurrence.end,
                    fields: merged, turns: Array(occurrence.turns))
            }
        }
    }

    /// All turns, seen through the aliases.
    private func contexts(_ rule: CorrelationRule, _ names: [String]) -> [Match] {
        rule.rules.flatMap { id -> [Match] in
            let below = names.map { rule.aliases[$0]?[id] ?? $0 }
            if let child = rules.first(where: { $0.id == id }) { return contexts(child, below) }
            return events.filter { $0.rule == nil }.compactMap { event in
                let values = fields(event)
                let group = below.compactMap { Self.folded(values[$0]) }
                guard group.count == below.count else { return nil }
                let row = Row(
                    event: event.identity, time: event.timeMilliseconds, fields: values,
                    turns: [event.identity])
                return Match(row: row, slot: -1, group: group, value: nil)
            }
        }
    }

    private func fields(_ event: CorrelationEvent) -> [String: CapturedValue] {
        Dictionary(uniqueKeysWithValues: event.fields.map { ($0.name, $0.value) })
    }

    static func folded(_ value: CapturedValue?) -> CapturedValue? {
        if case .text(let text) = value { return .text(text.lowercased()) }
        return value
    }
}
