// SPDX-License-Identifier: Apache-2.0

/// What evaluation must know again after a restart, committed with the checkpoint after it.
package struct EvaluationMemory: Sendable, Equatable {
    /// Findings that correlations or suppression look at.
    package var findings: [StoredFinding] = []
    /// The last report of each correlation and group.
    package var correlations: [StoredCorrelation] = []
    /// Up to when findings have been correlated, in milliseconds since 1970.
    package var correlatedTo: Int?
    /// Findings older than this are looked at by nothing any more.
    package var horizon: Int?
    /// What became known of conversations, in parts, each encoded by the module that knows them.
    package var conversations: [[UInt8]] = []
    /// They are all that is known, in place of what was stored before.
    package var replacesConversations = false

    package init() {}

    package var isEmpty: Bool { self == EvaluationMemory() }

    /// Adds what was learned after it.
    package mutating func add(_ later: EvaluationMemory) {
        findings += later.findings
        correlations += later.correlations
        correlatedTo = later.correlatedTo ?? correlatedTo
        horizon = later.horizon ?? horizon
        if later.replacesConversations { conversations.removeAll() }
        replacesConversations = replacesConversations || later.replacesConversations
        conversations += later.conversations
    }
}

/// A finding as correlations and suppression need it; holds no text of a conversation.
package struct StoredFinding: Sendable, Equatable {
    package enum Value: Sendable, Equatable, Codable {
        /// A pseudonym, a digest or an identifier.
        case text(String)
        case number(Double)
    }

    /// The value of one field.
    package struct Field: Sendable, Equatable, Codable {
        package var name: String
        package var value: Value

        package init(name: String, value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// Whether a finding was reported.
    package enum Decision: Sendable, Equatable {
        case report
        /// It counts for the report of another event.
        case `repeat`(of: String)
        /// It counts with the flood that began with an event.
        case flood(of: String, isFirst: Bool)
    }

    /// The rule's id; nil for a turn as such, whatever was found in it.
    package var rule: String?
    /// The turn.
    package var event: String
    package var timeMilliseconds: Int
    package var fields: [Field]
    package var position: Report.Position
    /// What suppression decided, when it looked at the finding.
    package var decision: Decision?
    /// The report that it only repeats.
    package var repeats: String?

    package init(
        rule: String?, event: String, timeMilliseconds: Int, fields: [Field],
        position: Report.Position, decision: Decision? = nil, repeats: String? = nil
    ) {
        self.rule = rule
        self.event = event
        self.timeMilliseconds = timeMilliseconds
        self.fields = fields
        self.position = position
        self.decision = decision
        self.repeats = repeats
    }
}

/// A report of a correlation, for as long as others of its group may not follow.
package struct StoredCorrelation: Sendable, Equatable {
    /// The correlation's id.
    package var rule: String
    /// The values of the rule's `group-by`, in its order.
    package var group: [StoredFinding.Value]
    package var endMilliseconds: Int

    package init(rule: String, group: [StoredFinding.Value], endMilliseconds: Int) {
        self.rule = rule
        self.group = group
        self.endMilliseconds = endMilliseconds
    }
}
