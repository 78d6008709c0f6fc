// SPDX-License-Identifier: Apache-2.0
internal import Sigma

/// Windows are derived: they are made again from the events that were stored.
extension CorrelationEngine {
    /// Makes the windows again; for an engine that was just made.
    ///
    /// Afterwards it finds what the one would have found that was ended after
    /// `advance(to: processedUpTo)`, also if events are given again.
    ///
    /// - Parameters:
    ///   - events: Those from `horizon` on, in any order, waiting ones too.
    ///   - reported: The reports from `horizon` on.
    ///   - processedUpTo: The `frontier` that was stored with them.
    package mutating func restore(
        events: [CorrelationEvent], reported: [ReportedCorrelation], processedUpTo: Int64
    ) {
        isRestoring = true
        for event in events {
            if let item = item(event) { wait(for: item) }
        }
        while let time = nextTime, time <= processedUpTo { work(time) }
        frontier = min(max(processedUpTo, Self.earliest), Self.latest)
        var indices: [String: Int] = [:]
        for (index, rule) in plan.rules.enumerated() { indices[rule.id] = index }
        for report in reported {
            guard let index = indices[report.rule],
                report.group.count == plan.rules[index].groupBy.count
            else { continue }
            let time = min(max(report.timeMilliseconds, Self.earliest), Self.latest)
            let window = window(report.group, of: index, at: time)
            window.lastReported = max(window.lastReported ?? time, time)
        }
        expire()
        isRestoring = false
    }

    /// Goes on under other rules: the events of rules that are still there are kept, and windows
    /// are made again from them.
    ///
    /// What only the new rules would have captured of them is missing.
    package mutating func replace(_ plan: CorrelationPlan) {
        let names = Dictionary(
            uniqueKeysWithValues: self.plan.baseRules.map { ($0.value, $0.key) })
        let event = { (item: WindowItem) in
            CorrelationEvent(
                rule: names[item.rule], identity: item.identity, timeMilliseconds: item.time,
                fields: item.fields)
        }
        let lateOnes = Set(late.map(ObjectIdentifier.init))
        let known = log.all.filter { !lateOnes.contains(ObjectIdentifier($0)) }
        var next = CorrelationEngine(plan, limits: limits)
        next.restore(
            events: known.map(event) + waiting.unordered.map { event($0.item) },
            reported: reported, processedUpTo: frontier)
        for item in late { next.add(event(item)) }
        let droppedNow = next.counts.dropped
        next.counts = counts
        next.counts.dropped += droppedNow
        self = next
    }

    /// The reports that still keep others of their group back.
    private var reported: [ReportedCorrelation] {
        plan.rules.indices.flatMap { index in
            groups[index].values.compactMap { window in
                window.lastReported.map {
                    ReportedCorrelation(
                        rule: plan.rules[index].id, group: window.key, timeMilliseconds: $0)
                }
            }
        }
    }
}
