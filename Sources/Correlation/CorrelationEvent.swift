// SPDX-License-Identifier: Apache-2.0

/// A turn that a rule has found.
package struct CorrelationEvent: Sendable, Equatable {
    /// The id of the rule; nil for a turn as such, whatever was found in it, which only
    /// correlations that ask for nothing but absence want (`CorrelationPlan.contextFields`).
    package var rule: String?
    /// The turn's; the same for all rules that found something in it.
    package var identity: String
    /// Milliseconds since 1970.
    package var timeMilliseconds: Int64
    /// The values of `CorrelationPlan.capturedFields(ofRule:)`, as far as the turn has them.
    package var fields: [CapturedField]

    package init(
        rule: String?, identity: String, timeMilliseconds: Int64, fields: [CapturedField]
    ) {
        self.rule = rule
        self.identity = identity
        self.timeMilliseconds = timeMilliseconds
        self.fields = fields
    }
}

/// A window in which a correlation holds, and that is to be reported.
package struct CorrelationFinding: Sendable, Equatable {
    /// Index into the plan's rules.
    package var rule: Int
    package var ruleID: String
    /// Milliseconds since 1970; both ends are in the window.
    package var windowStart: Int64
    package var windowEnd: Int64
    /// The values of the rule's `groupBy`, texts in lower case.
    package var group: [CapturedValue]
    /// What was worked out: a count, a sum, an average, a percentile.
    package var value: Double
    /// The window held more events than were kept: the count is `value` or more.
    package var isAtLeast: Bool
    /// The turns that it is made of, the last `CorrelationLimits.evidence` of them, oldest first.
    package var evidence: [String]
    /// How many there are in all; of correlations of correlations, at least.
    package var evidenceCount: Int

    /// What makes the report's id: the same finding has the same parts, whoever works it out.
    package var identityParts: [String] {
        [ruleID, String(windowEnd)] + group.map(\.identityPart)
    }

    /// What is stored with the report and given back to `CorrelationEngine.restore`.
    package var reported: ReportedCorrelation {
        ReportedCorrelation(rule: ruleID, group: group, timeMilliseconds: windowEnd)
    }
}

/// A report of a correlation that was made: none of its group follows within the timespan.
package struct ReportedCorrelation: Sendable, Equatable {
    package var rule: String
    package var group: [CapturedValue]
    /// The end of its window.
    package var timeMilliseconds: Int64

    package init(rule: String, group: [CapturedValue], timeMilliseconds: Int64) {
        self.rule = rule
        self.group = group
        self.timeMilliseconds = timeMilliseconds
    }
}

/// How much a correlation engine holds at most.
package struct CorrelationLimits: Sendable {
    /// Events that are known by their identity, for finding doubles and for a reload.
    package var events = 200_000
    /// Events that wait for the watermark; above it the oldest are worked before it comes.
    package var waiting = 200_000
    /// Places in windows, an event having one in each window that it is in.
    package var windowEntries = 400_000
    package var entriesPerGroup = 10_000
    package var groups = 200_000
    /// Turns that an occurrence names.
    package var evidence = 100

    package init() {}
}

/// What was lost, or worked otherwise than in order.
package struct CorrelationCounts: Sendable, Equatable {
    /// Events that came after the watermark had passed them.
    package var late = 0
    /// Events that came when no window that they belong to was held any more.
    package var tooLate = 0
    /// Places in windows, and groups, given up because a limit was reached.
    package var dropped = 0
    /// Times that were worked before the watermark because too many events waited.
    package var hurried = 0

    package init() {}
}
