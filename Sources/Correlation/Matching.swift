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
            let value = plan.counted(subscription) { item.fields.value(of: $0) }
            let entry = WindowEntry(item: item, slot: subscription.slot, value: value)
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
    /// What a correlation counts of a turn: its field's value, of several fields all together;
    /// nil if one has none.
    func counted(
        _ subscription: Subscription, _ find: (String) -> CapturedValue?
    ) -> CapturedValue? {
        let names = subscription.valueFields
        guard let first = names.first else { return nil }
        guard names.count > 1 else {
            return correlations[subscription.correlation].kind.takesNumbers
                ? find(first)?.numeric.map { .number($0) } : find(first)?.caseless
        }
        var parts = ""
        for name in names {
            guard let part = find(name)?.caseless?.identityPart else { return nil }
            parts += "\(part.utf8.count):\(part)"
        }
        return .text(parts)
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
        let names = parent.groupFields + parent.valueFields
        let isOwn = names.allSatisfy { item.fields.value(of: $0) != nil }
        var seen: Set<[CapturedValue?]> = []
        var matches: [CorrelationEngine.Match] = []
        for turn in isOwn ? item.evidence.prefix(1) : item.evidence[...] {
            let find = { (name: String) in
                item.fields.value(of: name) ?? turn.fields.value(of: name)
            }
            let key = parent.groupFields.compactMap { find($0)?.caseless }
            guard key.count == parent.groupFields.count else { continue }
            let value = plan.counted(parent, find)
            guard seen.insert(key + [value]).inserted else { continue }
            matches.append(
                CorrelationEngine.Match(
                    key: key, entry: WindowEntry(item: item, slot: parent.slot, value: value)))
        }
        return matches
    }
}
