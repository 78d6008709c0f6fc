// SPDX-License-Identifier: Apache-2.0

/// How a log's records say who said what.
package enum RecordShape: Sendable, Equatable {
    /// Each record is read by the built-in shape that its own members show.
    case automatic
    case builtIn(BuiltInShape)
    /// Places that the operator names.
    case mapped(RecordMapping)

    package static let openAIChat = RecordShape.builtIn(.openAIChat)

    /// The shape that a configuration calls by `name`; nil when there is none of that name.
    package init?(name: String) {
        if name == Self.automaticName {
            self = .automatic
        } else if let shape = BuiltInShape(rawValue: name) {
            self = .builtIn(shape)
        } else {
            return nil
        }
    }

    /// The names that a configuration may use.
    package static let names = [automaticName] + BuiltInShape.allCases.map(\.rawValue)
    private static let automaticName = "auto"
}

/// The shapes that need no description.
package enum BuiltInShape: String, CaseIterable, Sendable {
    /// OpenAI's chat completions, whole or in chunks.
    case openAIChat = "openai-chat"
    /// OpenAI's responses, whole or as the events of a stream.
    case openAIResponses = "openai-responses"
    /// The output file of OpenAI's batches.
    case openAIBatch = "openai-batch"
    /// Anthropic's messages, whole or as the events of a stream.
    case anthropic
    /// LiteLLM's standard logging payload.
    case liteLLM = "litellm"
    /// OpenTelemetry's GenAI attributes, flat or under `attributes`.
    case openTelemetry = "otel-genai"
    /// The JSON files of OpenTelemetry's collector, many records a line.
    case otlp
    /// A prompt and its response, each under a plain name.
    case pairs
}

/// Where a record of the operator's own shape keeps its parts, as JSON pointers.
package struct RecordMapping: Sendable, Equatable {
    /// The list whose elements are the records; nil when the line is one. Places start at an
    /// element.
    package var each: JSONPointer?
    /// Texts of one turn: each place a string, or a list of strings.
    package var texts: [(field: TextField, place: JSONPointer)] = []
    package var metadata: [(field: MetadataField, place: JSONPointer)] = []
    package var numbers: [(field: NumberField, place: JSONPointer)] = []
    /// The time, as a number or a text (``RecordTime``).
    package var time: JSONPointer?
    /// Texts that hold a whole dialogue each, its turns introduced by the markers.
    package var dialogues: [JSONPointer] = []
    package var userMarker: [UInt8] = []
    package var assistantMarker: [UInt8] = []

    package init() {}

    package static func == (left: Self, right: Self) -> Bool {
        left.each == right.each && left.texts.elementsEqual(right.texts, by: ==)
            && left.metadata.elementsEqual(right.metadata, by: ==)
            && left.numbers.elementsEqual(right.numbers, by: ==)
            && left.time == right.time && left.dialogues == right.dialogues
            && left.userMarker == right.userMarker
            && left.assistantMarker == right.assistantMarker
    }
}
