// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Crypto
internal import Foundation

/// A finding as it goes to a stream, for correlations over many hosts; holds no text of a
/// conversation.
package struct PublishedFinding: Sendable, Equatable {
    package static let currentVersion = 1
    /// In how many parts all findings are cut. It is in the subjects of what streams hold:
    /// another number is another version of the format.
    package static let partitionCount = 16

    /// 64 hexadecimal digits: of the rule and the turn.
    package var id: String
    package var host: String
    /// The rule's id; nil for a turn as such, whatever was found in it.
    package var rule: String?
    package var event: String
    package var timeMilliseconds: Int
    package var fields: [StoredFinding.Field]
    package var position: Report.Position

    package init(_ finding: StoredFinding, host: String) {
        id = ReportIdentity.detection(rule: finding.rule ?? "", event: finding.event)
        self.host = host
        rule = finding.rule
        event = finding.event
        timeMilliseconds = finding.timeMilliseconds
        fields = finding.fields.sorted { $0.name < $1.name }
        position = finding.position
    }

    /// The field whose value says in which part a finding is: that of the actor's pseudonym.
    package static let partitionField = "user.id"

    /// The part that it is in: by its actor; where there is none, by its conversation or turn.
    package var partition: Int {
        let key = text(of: Self.partitionField) ?? text(of: "gen_ai.conversation.id") ?? event
        let digest = SHA256.hash(data: Data(key.lowercased().utf8))
        let number = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(number % UInt64(Self.partitionCount))
    }

    private func text(of name: String) -> String? {
        for field in fields where field.name == name {
            if case .text(let text) = field.value { return text }
        }
        return nil
    }
}

extension PublishedFinding: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, id, host, rule, event, fields, position
        case timeMilliseconds = "time_ms"
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(Self.currentVersion, forKey: .version)
        try values.encode(id, forKey: .id)
        try values.encode(host, forKey: .host)
        try values.encodeIfPresent(rule, forKey: .rule)
        try values.encode(event, forKey: .event)
        try values.encode(timeMilliseconds, forKey: .timeMilliseconds)
        try values.encode(
            Dictionary(
                fields.map { ($0.name, PlainValue(value: $0.value)) }, uniquingKeysWith: { $1 }),
            forKey: .fields)
        try values.encode(position, forKey: .position)
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let version = try values.decode(Int.self, forKey: .version)
        guard version == Self.currentVersion else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: values, debugDescription: "an unknown version")
        }
        id = try values.decode(String.self, forKey: .id)
        host = try values.decode(String.self, forKey: .host)
        rule = try values.decodeIfPresent(String.self, forKey: .rule)
        event = try values.decode(String.self, forKey: .event)
        timeMilliseconds = try values.decode(Int.self, forKey: .timeMilliseconds)
        fields = try values.decode([String: PlainValue].self, forKey: .fields)
            .sorted { $0.key < $1.key }
            .map { StoredFinding.Field(name: $0.key, value: $0.value.value) }
        position = try values.decode(Report.Position.self, forKey: .position)
    }

    package var json: String {
        JSONDocument.certainLine(of: self) {
            $0.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        }
    }

    /// Reads a finding back; nil for a text that is none of this version.
    package init?(json: [UInt8]) {
        guard let finding = try? JSONDecoder().decode(Self.self, from: Data(json)) else {
            return nil
        }
        self = finding
    }
}

/// A value as a text or a number of JSON.
private struct PlainValue: Codable {
    var value: StoredFinding.Value

    init(value: StoredFinding.Value) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            value = .number(number)
        } else {
            value = .text(try container.decode(String.self))
        }
    }
}
