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

/// What is known of a record beside its texts, under OpenTelemetry's names.
///
/// Source: OpenTelemetry semantic conventions: "GenAI", "User", "Client" and "Error".
package enum MetadataField: Int, CaseIterable, Sendable {
    case model
    case recordID
    case conversation
    case actor
    case responseModel
    case provider
    case operation
    /// Why the first answer ended; a response may have several.
    case finishReasons
    case clientAddress
    case errorType

    /// The name that rules use.
    package var name: String {
        switch self {
        case .model: "gen_ai.request.model"
        case .recordID: "gen_ai.response.id"
        case .conversation: "gen_ai.conversation.id"
        case .actor: "user.id"
        case .responseModel: "gen_ai.response.model"
        case .provider: "gen_ai.provider.name"
        case .operation: "gen_ai.operation.name"
        case .finishReasons: "gen_ai.response.finish_reasons"
        case .clientAddress: "client.address"
        case .errorType: "error.type"
        }
    }

    package init?(name: String) {
        guard let field = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = field
    }
}

/// The numbers of a record, under OpenTelemetry's GenAI names.
package enum NumberField: Int, CaseIterable, Sendable {
    case inputTokens
    case outputTokens
    case maxTokens
    case temperature
    case topP
    case topK
    case choiceCount

    /// The name that rules use.
    package var name: String {
        switch self {
        case .inputTokens: "gen_ai.usage.input_tokens"
        case .outputTokens: "gen_ai.usage.output_tokens"
        case .maxTokens: "gen_ai.request.max_tokens"
        case .temperature: "gen_ai.request.temperature"
        case .topP: "gen_ai.request.top_p"
        case .topK: "gen_ai.request.top_k"
        case .choiceCount: "gen_ai.request.choice.count"
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
    TextField.allCases.map(\.name) + MetadataField.allCases.map(\.name)
    + NumberField.allCases.map(\.name) + [malformedFieldName]
