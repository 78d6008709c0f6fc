// SPDX-License-Identifier: Apache-2.0

/// The texts of a turn, under the names that rules use.
package enum TextField: Int, CaseIterable, Sendable {
    case prompt
    case response
    case system
    case reasoning
    case toolCall
    case toolResult

    /// The name that rules use.
    package var name: String {
        switch self {
        case .prompt: "prompt"
        case .response: "response"
        case .system: "system"
        case .reasoning: "reasoning"
        case .toolCall: "tool.call"
        case .toolResult: "tool.result"
        }
    }

    package init?(name: String) {
        guard let field = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = field
    }
}

/// What is known of a record beside its texts, under OpenTelemetry's GenAI names.
///
/// Source: OpenTelemetry semantic conventions, "GenAI", and "User" for `user.id`.
package enum MetadataField: Int, CaseIterable, Sendable {
    case model
    case recordID
    case conversation
    case actor

    /// The name that rules use.
    package var name: String {
        switch self {
        case .model: "gen_ai.request.model"
        case .recordID: "gen_ai.response.id"
        case .conversation: "gen_ai.conversation.id"
        case .actor: "user.id"
        }
    }

    package init?(name: String) {
        guard let field = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = field
    }
}

/// The derived boolean that marks what could not be read as an interaction.
package let malformedFieldName = "record.malformed"

/// Every name that a rule may use without meaning a path of the record.
package let knownFieldNames: [String] =
    TextField.allCases.map(\.name) + MetadataField.allCases.map(\.name) + [malformedFieldName]
