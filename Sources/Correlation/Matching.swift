// SPDX-License-Identifier: Apache-2.0
internal import Sigma

extension CorrelationEngine {
    /// Calls with each correlation that looks at a turn, and the turn's place in its groups.
    mutating func forEachMatch(
        of item: WindowItem, _ body: (inout CorrelationEngine, Int, Match) -> Void
    ) {
        guard item.rule >= 0 else { return forEachContextMatch(of: item, body) }
        for subscription in plan.subscriptions[item.rule] {
            guard let key = Self.key(subscription.groupFields, item.fields) else { continue }
            let value = subscription.valueField.flatMap { item.fields.value(of: $0) }
            let entry = WindowEntry(
                item: item, slot: subscription.slot,
                value: plan.counted(value, by: subscription.correlation))
            body(&self, subscription.correlation, Match(key: key, entry: entry))
        }
    }

    /// A turn as such opens windows only.
    private mutating func forEachContextMatch(
        of item: WindowItem, _ body: (inout CorrelationEngine, Int, Match) -> Void
    ) {
        for subscription in plan.contextSubscriptions {
            let slot = plan.correlations[subscription.correlation].slotCount
            for key in Set(subscription.groupFields.compactMap { Self.key($0, item.fields) }) {
                let entry = WindowEntry(item: item, slot: slot, value: nil)
                body(&self, subscription.correlation, Match(key: key, entry: entry))
            }
        }
    }

    /// The group of an event; nil if it lacks a field.
    private static func key(_ names: [String], _ fields: [CapturedField]) -> [CapturedValue]? {
        var key: [CapturedValue] = []
        key.reserveCapacity(names.count)
        for name in names {
            guard let value = fields.value(of: name)?.caseless else { return nil }
            key.append(value)
        }
        return key
    }
}

extension CorrelationPlan {
    /// A value as a correlation counts it.
    func counted(_ value: CapturedValue?, by index: Int) -> CapturedValue? {
        correlations[index].kind.takesNumbers
            ? value?.numeric.map { .number($0) } : value?.caseless
    }
}

/// An occurrence's fields as correlations above see them: its own, then those of the turns that
/// it is made of, one set a turn.
struct OccurrenceFields {
    private let item: WindowItem

    init(_ item: WindowItem) { self.item = item }

    func matches(
        for parent: CorrelationPlan.Subscription, _ plan: CorrelationPlan
    ) -> [CorrelationEngine.Match] {
        let names = parent.groupFields + (parent.valueField.map { [$0] } ?? [])
        let isOwn = names.allSatisfy { item.fields.value(of: $0) != nil }
        var seen: Set<[CapturedValue?]> = []
        var matches: [CorrelationEngine.Match] = []
        for turn in isOwn ? item.evidence.prefix(1) : item.evidence[...] {
            let find = { (name: String) in
                item.fields.value(of: name) ?? turn.fields.value(of: name)
            }
            let key = parent.groupFields.compactMap { find($0)?.caseless }
            guard key.count == parent.groupFields.count else { continue }
            let value = plan.counted(parent.valueField.flatMap(find), by: parent.correlation)
            guard seen.insert(key + [value]).inserted else { continue }
            matches.append(
                CorrelationEngine.Match(
                    key: key, entry: WindowEntry(item: item, slot: parent.slot, value: value)))
        }
        return matches
    }
}
