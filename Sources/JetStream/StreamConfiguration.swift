// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// A stream's settings as JetStream's interface has them, as far as Tocsin cares.
package struct StreamConfiguration: Sendable, Equatable, Codable {
    package var name: String
    package var subjects: [String]
    package var retention = "limits"
    package var storage = "file"
    package var discard: String
    package var messagesPerSubject: Int
    package var discardsNewPerSubject: Bool
    /// Nanoseconds; 0: for ever.
    package var ageMax: Int
    /// Bytes; -1: whatever the server takes.
    package var messageBytesMax = -1
    package var isSealed = false
    package var answersNothing = false

    /// A stream that holds each message once: one that is there is not replaced but refuses
    /// another of its subject, and a full stream refuses what is new.
    package static func ofOnce(
        name: String, subject: String, ageMaxSeconds: Int = 0
    ) -> StreamConfiguration {
        StreamConfiguration(
            name: name, subjects: [subject], discard: "new", messagesPerSubject: 1,
            discardsNewPerSubject: true, ageMax: ageMaxSeconds * 1_000_000_000)
    }

    /// A stream that holds the last message of each subject.
    package static func ofLast(name: String, subject: String) -> StreamConfiguration {
        StreamConfiguration(
            name: name, subjects: [subject], discard: "old", messagesPerSubject: 1,
            discardsNewPerSubject: false, ageMax: 0)
    }

    private enum CodingKeys: String, CodingKey {
        case name, subjects, retention, storage, discard
        case messagesPerSubject = "max_msgs_per_subject"
        case discardsNewPerSubject = "discard_new_per_subject"
        case ageMax = "max_age"
        case messageBytesMax = "max_msg_size"
        case isSealed = "sealed"
        case answersNothing = "no_ack"
    }

    /// What must be otherwise for `self`, as it stands on the server, to do what `wanted` does.
    ///
    /// Limits of size, age and copies are the operator's.
    func faults(for wanted: StreamConfiguration) -> [String] {
        var faults: [String] = []
        func expect(_ isRight: Bool, _ setting: String) {
            if !isRight { faults.append(setting) }
        }
        for subject in wanted.subjects {
            expect(subjects.contains { Self.subject($0, covers: subject) }, "subject \(subject)")
        }
        expect(storage == wanted.storage, "storage \(wanted.storage)")
        expect(retention == wanted.retention, "retention \(wanted.retention)")
        expect(discard == wanted.discard, "discard \(wanted.discard)")
        expect(
            messagesPerSubject == wanted.messagesPerSubject,
            "max-msgs-per-subject \(wanted.messagesPerSubject)")
        expect(
            discardsNewPerSubject == wanted.discardsNewPerSubject,
            "discard-per-subject \(wanted.discardsNewPerSubject)")
        expect(!isSealed, "not sealed")
        expect(!answersNothing, "acknowledgements")
        return faults
    }

    /// Whether all subjects of a pattern fall under another.
    static func subject(_ wide: String, covers narrow: String) -> Bool {
        let wide = wide.split(separator: ".")
        let narrow = narrow.split(separator: ".")
        for (index, token) in wide.enumerated() {
            if token == ">" { return narrow.count > index }
            guard index < narrow.count, narrow[index] != ">" else { return false }
            guard token == "*" || token == narrow[index] else { return false }
        }
        return wide.count == narrow.count
    }

    /// The command that makes such a stream.
    package var command: String {
        var words = [
            "nats stream add \(name) --subjects '\(subjects.joined(separator: ","))'",
            "--storage \(storage) --retention \(retention) --discard \(discard)",
            "--max-msgs-per-subject \(messagesPerSubject)",
        ]
        if discardsNewPerSubject { words.append("--discard-per-subject") }
        if ageMax > 0 { words.append("--max-age \(ageMax / 1_000_000_000)s") }
        return words.joined(separator: " ") + " --defaults"
    }
}

extension StreamConfiguration {
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        subjects = try values.decodeIfPresent([String].self, forKey: .subjects) ?? []
        retention = try values.decode(String.self, forKey: .retention)
        storage = try values.decode(String.self, forKey: .storage)
        discard = try values.decode(String.self, forKey: .discard)
        messagesPerSubject = try values.decodeIfPresent(Int.self, forKey: .messagesPerSubject) ?? -1
        discardsNewPerSubject =
            try values.decodeIfPresent(Bool.self, forKey: .discardsNewPerSubject) ?? false
        ageMax = try values.decodeIfPresent(Int.self, forKey: .ageMax) ?? 0
        messageBytesMax = try values.decodeIfPresent(Int.self, forKey: .messageBytesMax) ?? -1
        isSealed = try values.decodeIfPresent(Bool.self, forKey: .isSealed) ?? false
        answersNothing = try values.decodeIfPresent(Bool.self, forKey: .answersNothing) ?? false
    }
}
