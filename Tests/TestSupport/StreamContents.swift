// SPDX-License-Identifier: Apache-2.0
internal import Foundation
package import JetStream

/// What a stream holds, read message by message, as a consumer would find it.
package enum StreamContents {
    private struct Info: Decodable {
        struct State: Decodable {
            let last_seq: Int
            let messages: Int
        }
        let state: State
        let cluster: Cluster?
    }

    private struct Cluster: Decodable {
        let leader: String?
    }

    private struct Stored: Decodable {
        struct Message: Decodable {
            let subject: String
            let data: Data?
            let hdrs: Data?
        }
        let message: Message
    }

    private struct Nothing: Encodable {}
    private struct BySequence: Encodable {
        let seq: Int
    }

    /// The stream's messages in its order.
    package static func messages(
        of stream: String, _ settings: NatsSettings
    ) throws -> [NatsMessage] {
        let connection = try NatsConnection(settings)
        let info: Info = try connection.call("STREAM.INFO.\(stream)", Nothing(), about: stream)
        return try (0..<info.state.last_seq).compactMap { index in
            do throws(StreamError) {
                let stored: Stored = try connection.call(
                    "STREAM.MSG.GET.\(stream)", BySequence(seq: index + 1), about: stream)
                return NatsMessage(
                    subject: stored.message.subject, headers: headers(stored.message.hdrs),
                    body: Array(stored.message.data ?? Data()))
            } catch {
                guard error.kind == .missing else { throw error }
                return nil
            }
        }
    }

    /// How many messages the stream holds.
    package static func count(of stream: String, _ settings: NatsSettings) throws -> Int {
        let info: Info = try NatsConnection(settings).call(
            "STREAM.INFO.\(stream)", Nothing(), about: stream)
        return info.state.messages
    }

    /// The name of the server that leads a stream with copies.
    package static func leader(of stream: String, _ settings: NatsSettings) throws -> String? {
        let info: Info = try NatsConnection(settings).call(
            "STREAM.INFO.\(stream)", Nothing(), about: stream)
        return info.cluster?.leader
    }

    /// The lines after `NATS/1.0`.
    private static func headers(_ data: Data?) -> [String: String] {
        var headers: [String: String] = [:]
        let text = String(decoding: data ?? Data(), as: UTF8.self)
        for line in text.split(whereSeparator: \.isNewline).dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        return headers
    }
}
