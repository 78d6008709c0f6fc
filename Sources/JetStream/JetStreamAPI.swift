// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// JetStream's interface: requests and answers in JSON on the subjects `$JS.API.…`.
///
/// - Source: docs.nats.io, "JetStream wire API Reference".
extension NatsConnection {
    /// The longest that an answer is waited for; a cluster may be electing a leader.
    static let answerMilliseconds = 5_000

    /// What JetStream says when it does not do what it is asked.
    struct Refusal: Decodable {
        let code: Int
        let errorCode: Int?
        let description: String?

        private enum CodingKeys: String, CodingKey {
            case code, description
            case errorCode = "err_code"
        }
    }

    private struct Answer: Decodable {
        let error: Refusal?
    }

    /// Asks JetStream to do something.
    ///
    /// - Parameter what: What it is about, for messages.
    /// - Throws: ``StreamError``; of kind `missing` where JetStream says 404.
    package func call<Result: Decodable>(
        _ endpoint: String, _ body: some Encodable, about what: String
    ) throws(StreamError) -> Result {
        let message = NatsMessage(subject: "$JS.API.\(endpoint)", body: try Self.encode(body))
        let answer: NatsMessage
        do throws(StreamError) {
            answer = try request(message, timeoutMilliseconds: Self.answerMilliseconds)
        } catch {
            guard error.kind == .noResponders || error.kind == .unanswered else { throw error }
            throw StreamError(
                error.kind,
                "\(error); see that the server runs with JetStream, that the account may use it, "
                    + "and that its cluster has a leader")
        }
        if let refusal = (try Self.decode(answer.body, as: Answer.self)).error {
            throw StreamError(
                refusal.code == 404 ? .missing : .refused,
                "\(place): \(what): \(refusal.description ?? "refused with \(refusal.code)")")
        }
        return try Self.decode(answer.body, as: Result.self)
    }

    static func encode(_ value: some Encodable) throws(StreamError) -> [UInt8] {
        do { return Array(try JSONEncoder().encode(value)) } catch {
            throw StreamError(.refused, "what is asked of JetStream cannot be written as JSON")
        }
    }

    static func decode<Value: Decodable>(
        _ bytes: [UInt8], as type: Value.Type
    ) throws(StreamError) -> Value {
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw StreamError(
                .refused, "JetStream's answer is not of the form that this program reads")
        }
    }
}

extension NatsConnection {
    private struct StreamInfo: Decodable {
        let config: StreamConfiguration
    }

    private struct NoQuestion: Encodable {}

    /// A stream's settings.
    ///
    /// - Throws: ``StreamError``, of kind `missing` when there is none of this name.
    package func stream(_ name: String) throws(StreamError) -> StreamConfiguration {
        let info: StreamInfo = try call(
            "STREAM.INFO.\(name)", NoQuestion(), about: "stream \(name)")
        return info.config
    }

    /// Sees to it that there is a stream that does what `wanted` does: makes it where there is
    /// none, and changes none that is there.
    ///
    /// - Returns: The stream's settings.
    /// - Throws: ``StreamError``: what the operator must do.
    package func ensureStream(
        _ wanted: StreamConfiguration
    ) throws(StreamError) -> StreamConfiguration {
        let found: StreamConfiguration
        do throws(StreamError) {
            found = try stream(wanted.name)
        } catch {
            guard error.kind == .missing else { throw error }
            found = try create(wanted)
        }
        let faults = found.faults(for: wanted)
        guard faults.isEmpty else {
            throw StreamError(
                .settings,
                "\(place): the stream \(wanted.name) must have \(faults.joined(separator: ", ")); "
                    + "change it with `nats stream edit`, or make one with `\(wanted.command)`")
        }
        return found
    }

    private func create(_ wanted: StreamConfiguration) throws(StreamError) -> StreamConfiguration {
        do throws(StreamError) {
            let info: StreamInfo = try call(
                "STREAM.CREATE.\(wanted.name)", wanted, about: "stream \(wanted.name)")
            return info.config
        } catch {
            throw StreamError(
                error.kind,
                "\(error); it is not there and cannot be made; make it with `\(wanted.command)`")
        }
    }
}
