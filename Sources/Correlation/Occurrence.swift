// SPDX-License-Identifier: Apache-2.0
internal import Sigma

/// A window that makes its correlation true.
struct Occurrence {
    let plan: CorrelationPlan
    let rule: Int
    let window: GroupWindow
    let end: Int64
    let value: Double
    let filter: EvidenceFilter

    private var correlation: CompiledCorrelation { plan.correlations[rule] }

    /// The occurrence as an event of the correlations above.
    func item(evidenceLimit: Int) -> WindowItem {
        var fields = zip(correlation.groupBy, window.key)
            .map { CapturedField(name: $0, value: $1) }
        for name in [correlation.kind.name, CompiledCorrelation.metricField] {
            fields.append(CapturedField(name: name, value: .number(value)))
        }
        // No turn's identity begins like this.
        let parts = ["\u{1}", correlation.id, String(end)] + window.key.map(\.identityPart)
        let evidence = lastEvidence(evidenceLimit)
        return WindowItem(
            time: end, identity: parts.joined(separator: "\u{1F}"), fields: fields,
            evidence: evidence, evidenceCount: evidence.count)
    }

    func finding(evidenceLimit: Int) -> CorrelationFinding {
        let evidence = lastEvidence(evidenceLimit)
        let start = end - correlation.spanMilliseconds
        return CorrelationFinding(
            rule: rule, ruleID: correlation.id, windowStart: start, windowEnd: end,
            group: window.key, value: value,
            isAtLeast: window.lastGivenUp.map { $0 >= start } ?? false,
            evidence: evidence.map(\.identity), evidenceCount: evidenceCount)
    }

    private var contextSlot: Int { correlation.slotCount }

    /// The newest turns, oldest first.
    private func lastEvidence(_ limit: Int) -> [WindowItem] {
        var seen: Set<String> = []
        var turns: [WindowItem] = []
        for entry in window.entries.reversed() where turns.count < limit {
            guard filter.takes(entry, contextSlot: contextSlot) else { continue }
            let item = entry.item
            for turn in item.evidence.isEmpty ? [item] : item.evidence.reversed()
            where turns.count < limit && seen.insert(turn.identity).inserted {
                turns.append(turn)
            }
        }
        return turns.sorted { $0.precedes($1) }
    }

    private var evidenceCount: Int {
        var seen: Set<String> = []
        for entry in window.entries where filter.takes(entry, contextSlot: contextSlot) {
            let item = entry.item
            if item.evidence.isEmpty {
                seen.insert(item.identity)
            } else {
                for turn in item.evidence { seen.insert(turn.identity) }
            }
        }
        return seen.count
    }
}
