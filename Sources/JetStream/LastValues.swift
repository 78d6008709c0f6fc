// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// A message as a stream holds it.
package struct StoredMessage: Sendable, Equatable {
    package let sequence: Int
    package let body: [UInt8]
}

/// A stream that holds the last message of each subject, as a table of values: what is read has a
/// revision, and a value can be changed on condition that it is still of that revision.
extension NatsConnection {
    private struct Acknowledgement: Decodable {
        let seq: Int?
        let error: Refusal?
    }

    /// Another message of the subject came first: `wrong last sequence`.
    private static let wrongLastSequence = 10071

    /// Writes a value.
    ///
    /// - Parameter revision: The one that it must still be of, 0: there is none; nil: any.
    /// - Returns: Its new revision.
    /// - Throws: ``StreamError``, of kind `conflict` when it was changed before.
    package func put(
        _ body: [UInt8], on subject: String, ifRevision revision: Int?
    ) throws(StreamError) -> Int {
        var message = NatsMessage(subject: subject, body: body)
        if let revision {
            message.headers["Nats-Expected-Last-Subject-Sequence"] = "\(revision)"
        }
        let answer = try request(message, timeoutMilliseconds: Self.answerMilliseconds)
        let told = try Self.decode(answer.body, as: Acknowledgement.self)
        if let error = told.error {
            throw StreamError(
                error.errorCode == Self.wrongLastSequence ? .conflict : .refused,
                "\(place): \(subject): \(error.description ?? "refused with \(error.code)")")
        }
        guard let sequence = told.seq else {
            throw StreamError(.refused, "\(place): \(subject): an answer without a sequence")
        }
        return sequence
    }

    private struct LastOfSubject: Encodable {
        let subject: String

        private enum CodingKeys: String, CodingKey {
            case subject = "last_by_subj"
        }
    }

    private struct Found: Decodable {
        struct Message: Decodable {
            let seq: Int
            let data: Data?
        }
        let message: Message
    }

    /// A value with its revision, or nil when there is none.
    package func last(
        on subject: String, of stream: String
    ) throws(StreamError) -> StoredMessage? {
        do throws(StreamError) {
            let found: Found = try call(
                "STREAM.MSG.GET.\(stream)", LastOfSubject(subject: subject), about: subject)
            return StoredMessage(
                sequence: found.message.seq, body: Array(found.message.data ?? Data()))
        } catch {
            guard error.kind == .missing else { throw error }
            return nil
        }
    }

    private struct SubjectsFilter: Encodable {
        let filter: String

        private enum CodingKeys: String, CodingKey {
            case filter = "subjects_filter"
        }
    }

    private struct SubjectsInfo: Decodable {
        struct State: Decodable {
            let subjects: [String: Int]?
        }
        let state: State
    }

    /// The subjects of which the stream holds something.
    package func subjects(of stream: String, like filter: String) throws(StreamError) -> [String] {
        let info: SubjectsInfo = try call(
            "STREAM.INFO.\(stream)", SubjectsFilter(filter: filter), about: "stream \(stream)")
        return (info.state.subjects ?? [:]).keys.sorted()
    }

    private struct Deletion: Encodable {
        let sequence: Int

        private enum CodingKeys: String, CodingKey {
            case sequence = "seq"
        }
    }

    private struct Done: Decodable {}

    /// Takes a message out of a stream; one that is gone already is no error.
    package func delete(_ sequence: Int, from stream: String) throws(StreamError) {
        do throws(StreamError) {
            let _: Done = try call(
                "STREAM.MSG.DELETE.\(stream)", Deletion(sequence: sequence),
                about: "message \(sequence) of \(stream)")
        } catch {
            guard error.kind == .missing || error.kind == .refused else { throw error }
        }
    }
}
