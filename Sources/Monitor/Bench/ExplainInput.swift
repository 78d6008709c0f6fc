// SPDX-License-Identifier: Apache-2.0
internal import Detection
internal import Foundation
internal import Interactions
internal import Sigma

/// What `tocsin rules explain` is given: a record of any shape, several of them a line each, or
/// an event as rules' tests write it.
enum ExplainInput {
    case records([UInt8])
    case event(TestEvent)

    private static let limitBytes = 64 << 20

    /// Reads all of a file.
    static func read(_ file: FileHandle) throws -> ExplainInput {
        var data = Data()
        while data.count <= limitBytes, let more = try file.read(upToCount: 1 << 20), !more.isEmpty
        {
            data.append(more)
        }
        guard data.count <= limitBytes else {
            throw SettingsError(
                "the standard input is larger than \(limitBytes >> 20) MiB; give one record")
        }
        return ExplainInput(Array(data))
    }

    init(_ bytes: [UInt8]) {
        let data = Data(bytes)
        guard (try? JSONSerialization.jsonObject(with: data)) != nil else {
            self = .records(bytes)
            return
        }
        let members = try? JSONDecoder().decode([String: EventValue].self, from: data)
        if let members, Self.isEvent(Set(members.keys)) {
            let fields = members.sorted { $0.key < $1.key }
            self = .event(TestEvent(fields: fields.map { ($0.key, $0.value.value) }))
        } else {
            // One document may be spread over lines, where only blanks can be line ends.
            self = .records(bytes.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 })
        }
    }

    /// An event calls all its fields as rules do, or some text and some dotted field so; anything
    /// else is a record.
    private static func isEvent(_ names: Set<String>) -> Bool {
        let known = names.intersection(knownRuleFields)
        let texts = known.intersection(TextField.allCases.map(\.name))
        let isDotted = known.contains { $0.contains(".") }
        return known == names ? !names.isEmpty : isDotted && !texts.isEmpty
    }
}

/// A field's value as an event in JSON has it.
private struct EventValue: Decodable {
    let value: TestValue

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            value = .boolean(flag)
        } else if let number = try? container.decode(Double.self) {
            value = .number(number)
        } else if let text = try? container.decode(String.self) {
            value = .string(text)
        } else {
            value = .strings(try container.decode([String].self))
        }
    }
}
