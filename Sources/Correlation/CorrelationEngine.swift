// SPDX-License-Identifier: Apache-2.0

/// Works correlations over event time: events in, findings out.
///
///     add ─► waiting, by time ─► (watermark) ─► windows by group ─► occurrences ─► findings
///                                                    ▲                  │
///                                                    └── correlations ──┘ above
///
/// Events may come in any order until the watermark has passed them. They are worked in the
/// order of their times, all of one time together, so that what is found does not depend on how
/// they came. Every time of an event is the end of a window; a window that makes its correlation
/// true is an *occurrence*. Correlations above see every occurrence; of a group, only the first
/// within a timespan is a finding.
///
package struct CorrelationEngine: ~Copyable {
    package let plan: CorrelationPlan
    package internal(set) var counts = CorrelationCounts()
    /// All up to this time has been worked; what comes for it now is late.
    package internal(set) var frontier = CorrelationEngine.earliest
    let limits: CorrelationLimits

    var waiting = Heap<WaitingItem>()
    var late: [WindowItem] = []
    var log: EventLog
    /// By correlation.
    var groups: [[[CapturedValue]: GroupWindow]]
    var groupCount = 0
    var entryCount = 0
    /// When something of a group is too old.
    var expiries = Schedule<GroupPlace>()
    /// When windows that look forward close.
    var deadlines = Schedule<GroupPlace>()
    /// By correlation: what is to be put in at the time that is being worked.
    var inboxes: [[Match]]
    var noted: [[GroupWindow]]
    /// The ranks of the correlations with something to do at that time.
    var agenda = Heap<Int>()
    var isOnAgenda: [Bool]
    /// Nothing is reported while windows are made again.
    var isRestoring = false
    var isWorkingLate = false
    var findings: [CorrelationFinding] = []

    /// Times beyond these (35,000,000 years) count as these: sums of times cannot overflow.
    static let earliest = -Int64(1) << 60
    static let latest = Int64(1) << 60

    struct WaitingItem: Comparable {
        let item: WindowItem

        static func < (left: Self, right: Self) -> Bool { left.item.precedes(right.item) }
        static func == (left: Self, right: Self) -> Bool { left.item === right.item }
    }

    struct GroupPlace {
        let correlation: Int
        let window: GroupWindow
    }

    /// An event that a correlation looks at, in its group.
    struct Match {
        let key: [CapturedValue]
        let entry: WindowEntry
    }

    package init(_ plan: CorrelationPlan, limits: CorrelationLimits = CorrelationLimits()) {
        self.plan = plan
        self.limits = limits
        log = EventLog(limit: limits.events)
        groups = Array(repeating: [:], count: plan.rules.count)
        inboxes = Array(repeating: [], count: plan.rules.count)
        noted = Array(repeating: [], count: plan.rules.count)
        isOnAgenda = Array(repeating: false, count: plan.rules.count)
    }

    /// Something is to be worked when time has passed, though no event comes: one that waits for
    /// the watermark, or a window that looks forward.
    package var waitsForTime: Bool { nextTime != nil || !late.isEmpty }

    /// Events that the watermark has not passed yet.
    package var waitingCount: Int { waiting.count + late.count }
    package var windowEntryCount: Int { entryCount }
    package var windowCount: Int { groupCount }

    /// The oldest time of an event or report that can still matter: stored ones that are older
    /// can be deleted. `CorrelationPlan.reachMilliseconds(ofRule:)` says it rule by rule.
    package var horizon: Int64 {
        let reach = plan.reachMilliseconds.max() ?? 0
        return frontier - max(reach, plan.contextReachMilliseconds)
    }

    /// Takes an event in. One that is known already, or that no correlation looks at, is none.
    package mutating func add(_ event: CorrelationEvent) {
        guard let item = item(event) else { return }
        if item.time > frontier {
            wait(for: item)
        } else if item.time < frontier - reach(of: item) {
            counts.tooLate += 1
        } else if log.add(item, expiry: item.time + reach(of: item)) {
            counts.late += 1
            late.append(item)
        }
    }

    /// Lets an event wait for its time, unless it is known.
    mutating func wait(for item: WindowItem) {
        guard log.add(item, expiry: item.time + reach(of: item)) else { return }
        waiting.insert(WaitingItem(item: item))
    }

    private func reach(of item: WindowItem) -> Int64 {
        item.rule < 0 ? plan.contextReachMilliseconds : plan.reachMilliseconds[item.rule]
    }

    /// Works all that waits up to a time; a time before the frontier changes nothing.
    ///
    /// - Returns: What was found, in the order of time.
    package mutating func advance(to watermarkMilliseconds: Int64) -> [CorrelationFinding] {
        let watermark = min(max(watermarkMilliseconds, Self.earliest), Self.latest)
        workLate()
        while let time = nextTime, time <= watermark || waiting.count > limits.waiting {
            if time > watermark { counts.hurried += 1 }
            work(time)
        }
        frontier = max(frontier, watermark)
        expire()
        defer { findings = [] }
        return findings
    }

    /// Works all that waits, at the end of what there is to read.
    ///
    /// - Parameter observedTo: The time of the newest turn, whether something was found in it or
    ///   not: windows that look forward count only if they are closed by then.
    package mutating func flush(observedTo: Int64?) -> [CorrelationFinding] {
        let newest = waiting.unordered.map(\.item.time).max()
        return advance(to: max(observedTo ?? frontier, newest ?? frontier))
    }

    /// The time that is worked next when the watermark comes to it; nil while nothing waits.
    package var nextTime: Int64? {
        switch (waiting.first?.item.time, deadlines.nextTime) {
        case (let event?, let deadline?): min(event, deadline)
        case (let event, let deadline): event ?? deadline
        }
    }

    func item(_ event: CorrelationEvent) -> WindowItem? {
        let rule: Int
        if let id = event.rule {
            guard let index = plan.baseRules[id] else { return nil }
            rule = index
        } else {
            guard plan.contextFields != nil else { return nil }
            rule = -1
        }
        let time = min(max(event.timeMilliseconds, Self.earliest + 1), Self.latest)
        return WindowItem(
            time: time, identity: event.identity, fields: event.fields, rule: rule)
    }
}
