// SPDX-License-Identifier: Apache-2.0
package import Interactions

/// Files that say where records of another shape keep their parts.
///
///     texts:    {prompt: /question, response: [/answers/0, /answers/1]}
///     each:     /records              # a list whose elements are the records, if it is one
///     metadata: {gen_ai.request.model: /model, user.id: /user}
///     numbers:  {gen_ai.usage.output_tokens: /usage/out}
///     time:     /created
///     dialogues: [/transcript]        # texts that hold a whole dialogue each,
///     user_marker: "\n\nHuman:"       # whose turns these introduce
///     assistant_marker: "\n\nAssistant:"
///
/// Places are JSON pointers (RFC 6901).
package enum ShapeFile {
    private static let keys = [
        "each", "texts", "metadata", "numbers", "time", "dialogues", "user_marker",
        "assistant_marker",
    ]
    /// The shape where no one says it: each record shows its own.
    package static let usualName = "auto"

    /// The shape of a name: a built-in one, or the one that the file of that name describes.
    package static func shape(
        named name: String, from folder: String
    ) throws(SettingsError) -> RecordShape {
        if let shape = RecordShape(name: name) { return shape }
        let path = Path.absolute(name, from: folder)
        let text: String
        do {
            text = try TextFile.read(path)
        } catch {
            let names = RecordShape.names.joined(separator: ", ")
            throw SettingsError("\(error); a shape is one of \(names), or the name of a shape file")
        }
        return .mapped(try mapping(file: path, text: text))
    }

    private static func mapping(
        file: String, text: String
    ) throws(SettingsError) -> RecordMapping {
        let yaml = try StrictYAML(file: file, text: text, keys: keys)
        var mapping = RecordMapping()
        mapping.each = try places(yaml, "each").first
        if let texts = try yaml.mapping("texts", keys: TextField.allCases.map(\.name)) {
            for field in TextField.allCases {
                for place in try places(texts, field.name) { mapping.texts.append((field, place)) }
            }
        }
        if let metadata = try yaml.mapping("metadata", keys: MetadataField.allCases.map(\.name)) {
            for field in MetadataField.allCases {
                for place in try places(metadata, field.name) {
                    mapping.metadata.append((field, place))
                }
            }
        }
        if let numbers = try yaml.mapping("numbers", keys: NumberField.allCases.map(\.name)) {
            for field in NumberField.allCases {
                for place in try places(numbers, field.name) {
                    mapping.numbers.append((field, place))
                }
            }
        }
        mapping.time = try places(yaml, "time").first
        mapping.dialogues = try places(yaml, "dialogues")
        mapping.userMarker = Array(try yaml.string("user_marker").map(\.utf8) ?? "".utf8)
        mapping.assistantMarker = Array(try yaml.string("assistant_marker").map(\.utf8) ?? "".utf8)
        if mapping.texts.isEmpty, mapping.dialogues.isEmpty {
            throw SettingsError("\(file): names no text; add `texts: {prompt: /prompt}`")
        }
        let hasMarkers = !mapping.userMarker.isEmpty && !mapping.assistantMarker.isEmpty
        if !mapping.dialogues.isEmpty, !hasMarkers {
            throw yaml.error("dialogues", "needs `user_marker` and `assistant_marker` too")
        }
        return mapping
    }

    private static func places(
        _ yaml: StrictYAML, _ key: String
    ) throws(SettingsError) -> [JSONPointer] {
        var places: [JSONPointer] = []
        for text in try yaml.strings(key) {
            guard let place = JSONPointer(text) else {
                throw yaml.error(key, "`\(text)` is no JSON pointer; write it as in /answers/0")
            }
            places.append(place)
        }
        return places
    }
}
