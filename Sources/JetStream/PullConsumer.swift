// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// A reader of a stream, which gives messages when it is asked for them.
package struct PullConsumer: Sendable {
    /// Where it begins.
    package enum Start: Sendable, Equatable {
        case sequence(Int)
        /// With what the stream took from this time on, in ms since 1970.
        case time(milliseconds: Int)
    }

    package let stream: String
    package let name: String

    private struct Creation: Encodable {
        struct Settings: Encodable {
            let durable_name: String
            let filter_subject: String
            let ack_policy = "none"
            let deliver_policy: String
            let opt_start_seq: Int?
            let opt_start_time: String?
            let inactive_threshold = 60_000_000_000
        }
        let stream_name: String
        let config: Settings
    }

    private struct Created: Decodable {
        let name: String
    }

    /// Makes a consumer of a name that nobody else uses; the server forgets it when nobody has
    /// asked it for a minute.
    package init(
        _ name: String, of stream: String, subject: String, from start: Start,
        _ connection: NatsConnection
    ) throws(StreamError) {
        var sequence: Int?
        var time: String?
        switch start {
        case .sequence(let first): sequence = max(1, first)
        case .time(let milliseconds):
            let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            time = Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(format)
        }
        let creation = Creation(
            stream_name: stream,
            config: Creation.Settings(
                durable_name: name, filter_subject: subject,
                deliver_policy: sequence != nil ? "by_start_sequence" : "by_start_time",
                opt_start_seq: sequence, opt_start_time: time))
        let created: Created = try connection.call(
            "CONSUMER.DURABLE.CREATE.\(stream).\(name)", creation,
            about: "consumer \(name) of stream \(stream)")
        self.stream = stream
        self.name = created.name
    }

    private struct Pull: Encodable {
        let batch: Int
        let expires: Int
        let no_wait: Bool
    }

    /// Asks for messages; they come on `inbox`, and a message with a status at the end of what
    /// there is or of the time.
    ///
    /// - Parameter waitMilliseconds: How long it waits for messages; 0: it takes what there is.
    package func pull(
        _ count: Int, to inbox: String, waitMilliseconds: Int, _ connection: NatsConnection
    ) throws(StreamError) {
        let pull = Pull(
            batch: count, expires: max(1_000, waitMilliseconds) * 1_000_000,
            no_wait: waitMilliseconds == 0)
        try connection.publish(
            NatsMessage(
                subject: "$JS.API.CONSUMER.MSG.NEXT.\(stream).\(name)", reply: inbox,
                body: try NatsConnection.encode(pull)))
    }

    /// All that there is now.
    package func readAll(_ connection: NatsConnection) throws(StreamError) -> [NatsMessage] {
        let inbox = try connection.inbox()
        let answers = try connection.subscribe(inbox)
        var messages: [NatsMessage] = []
        while true {
            try pull(Self.batch, to: inbox, waitMilliseconds: 0, connection)
            for _ in 0..<Self.batch {
                guard
                    let message = try answers.next(
                        timeoutMilliseconds: NatsConnection.answerMilliseconds)
                else {
                    throw StreamError(
                        .unanswered, "\(connection.place): no messages of stream \(stream) come")
                }
                if message.status != nil { return messages }
                messages.append(message)
            }
        }
    }

    private static let batch = 256
}

/// Where a message that a consumer gave stands.
package struct MessagePlace: Sendable, Equatable {
    package let consumer: String
    /// In the stream.
    package let sequence: Int
    /// In what the consumer has given, from 1.
    package let count: Int
    /// When the stream took it, in ms since 1970.
    package let takenMilliseconds: Int

    /// Reads it from the subject that acknowledgements would go to:
    ///
    ///     $JS.ACK.stream.consumer.tries.sequence.count.nanoseconds.pending
    ///     $JS.ACK.domain.account.stream.consumer.tries.sequence.count.nanoseconds.pending…
    ///
    /// Nil when the message is none that a consumer gave.
    package init?(_ message: NatsMessage) {
        guard let tokens = message.reply?.split(separator: "."),
            tokens.starts(with: ["$JS", "ACK"])
        else { return nil }
        let first = tokens.count == 9 ? 5 : 7
        guard tokens.count >= first + 4,
            let sequence = Int(tokens[first]), let count = Int(tokens[first + 1]),
            let nanoseconds = Int(tokens[first + 2])
        else { return nil }
        consumer = String(tokens[first - 2])
        self.sequence = sequence
        self.count = count
        takenMilliseconds = nanoseconds / 1_000_000
    }
}
