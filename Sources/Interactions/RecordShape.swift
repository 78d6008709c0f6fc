// SPDX-License-Identifier: Apache-2.0

/// How a log's records say who said what.
package enum RecordShape: Sendable, Equatable {
    /// OpenAI's chat completions: `messages` and `choices`, bare or under `request` and
    /// `response`.
    case openAIChat
    /// Places that the operator names.
    case mapped(RecordMapping)
}

/// Where a record of the operator's own shape keeps its parts, as JSON pointers.
package struct RecordMapping: Sendable, Equatable {
    /// Texts of one turn: each place a string, or a list of strings.
    package var texts: [(field: TextField, place: JSONPointer)] = []
    package var metadata: [(field: MetadataField, place: JSONPointer)] = []
    /// The time in seconds or milliseconds since 1970.
    package var time: JSONPointer?
    /// Texts that hold a whole dialogue each, its turns introduced by the markers.
    package var dialogues: [JSONPointer] = []
    package var userMarker: [UInt8] = []
    package var assistantMarker: [UInt8] = []

    package init() {}

    package static func == (left: Self, right: Self) -> Bool {
        left.texts.elementsEqual(right.texts, by: ==)
            && left.metadata.elementsEqual(right.metadata, by: ==)
            && left.time == right.time && left.dialogues == right.dialogues
            && left.userMarker == right.userMarker
            && left.assistantMarker == right.assistantMarker
    }
}
