// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Detection
internal import Interactions
internal import Sigma

/// A test's event as a log line.
struct TestRecord {
    private(set) var line: [UInt8] = []

    private static let timeName = "tocsin.time"

    /// Test events name texts and metadata as rules do, so each stands under its own name.
    static let mapping: RecordMapping = {
        var mapping = RecordMapping()
        mapping.texts = TextField.allCases.map { ($0, JSONPointer(memberNamed: $0.name)) }
        mapping.metadata = MetadataField.allCases.map { ($0, JSONPointer(memberNamed: $0.name)) }
        mapping.numbers = NumberField.allCases.map { ($0, JSONPointer(memberNamed: $0.name)) }
        mapping.time = JSONPointer(memberNamed: timeName)
        return mapping
    }()

    init(_ event: TestEvent, timeMilliseconds: Int64) {
        let isMalformed = event.fields.contains {
            $0.field == malformedFieldName && $0.value == .boolean(true)
        }
        guard !isMalformed else {
            // Anything that is not JSON: the texts behind a word that no JSON begins with.
            line = Array("malformed ".utf8)
            for (_, value) in event.fields { appendTexts(of: value) }
            return
        }
        let record = JSONTree()
        record.insert(.string(""), at: [TextField.prompt.name])
        record.insert(.number(Double(timeMilliseconds)), at: [Self.timeName])
        for (field, value) in event.fields {
            switch RuleField(name: field) {
            case .text, .metadata, .number, .malformed, .turnIndex, .score:
                record.insert(value, at: [field])
            case .conversation:
                record.insert(value, at: [MetadataField.conversation.name])
            case .path: record.insert(value, at: field.split(separator: ".").map(String.init))
            }
        }
        record.write(to: &line)
    }

    private mutating func appendTexts(of value: TestValue) {
        switch value {
        case .string(let text): line.append(contentsOf: "\(text) ".utf8)
        case .strings(let texts): texts.forEach { line.append(contentsOf: "\($0) ".utf8) }
        case .number, .boolean: break
        }
    }
}

/// A JSON object under construction.
private final class JSONTree {
    private enum Member {
        case value(TestValue)
        case object(JSONTree)
    }

    private var members: [(name: String, member: Member)] = []

    /// Puts the value at the path, making the objects on the way; the last one counts.
    func insert(_ value: TestValue, at path: [String]) {
        guard let name = path.first else { return }
        let known = members.firstIndex { $0.name == name }
        guard path.count > 1 else {
            if let known { members.remove(at: known) }
            return members.append((name, .value(value)))
        }
        if let known, case .object(let child) = members[known].member {
            return child.insert(value, at: Array(path.dropFirst()))
        }
        let child = JSONTree()
        members.append((name, .object(child)))
        child.insert(value, at: Array(path.dropFirst()))
    }

    func write(to line: inout [UInt8]) {
        line.append(UInt8(ascii: "{"))
        for (index, (name, member)) in members.enumerated() {
            if index > 0 { line.append(UInt8(ascii: ",")) }
            Self.write(name, to: &line)
            line.append(UInt8(ascii: ":"))
            switch member {
            case .object(let child): child.write(to: &line)
            case .value(.string(let text)): Self.write(text, to: &line)
            case .value(.number(let number)): line.append(contentsOf: "\(number)".utf8)
            case .value(.boolean(let flag)): line.append(contentsOf: "\(flag)".utf8)
            case .value(.strings(let texts)):
                line.append(UInt8(ascii: "["))
                for (index, text) in texts.enumerated() {
                    if index > 0 { line.append(UInt8(ascii: ",")) }
                    Self.write(text, to: &line)
                }
                line.append(UInt8(ascii: "]"))
            }
        }
        line.append(UInt8(ascii: "}"))
    }

    /// Writes a JSON string (RFC 8259, section 7).
    private static func write(_ text: String, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): line.append(UInt8(ascii: "\\"))
            case ..<0x20:
                line.append(contentsOf: "\\u00".utf8)
                line.append(contentsOf: [byte].hexadecimal.utf8)
                continue
            default: break
            }
            line.append(byte)
        }
        line.append(UInt8(ascii: "\""))
    }
}
