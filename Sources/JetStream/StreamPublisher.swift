// SPDX-License-Identifier: Apache-2.0

/// A message for a stream that holds each subject once.
package struct StreamMessage: Sendable, Equatable {
    package var subject: String
    /// Messages of one line go out one after another; those of none in any order.
    package var line: String?
    package var headers: [String: String]
    package var body: [UInt8]

    package init(
        subject: String, line: String? = nil, headers: [String: String] = [:], body: [UInt8]
    ) {
        self.subject = subject
        self.line = line
        self.headers = headers
        self.body = body
    }
}

/// What became of published messages.
package struct PublishResult: Sendable, Equatable {
    /// Which of them the stream is known to hold.
    package var isHeld: [Bool]
    /// Why not all.
    package var trouble: StreamError?

    /// How many there are before the first that is not known to be held.
    package var heldPrefix: Int { isHeld.firstIndex(of: false) ?? isHeld.count }
}

/// Puts messages into a stream, each once for as long as the stream holds it, and waits until
/// JetStream has acknowledged them.
///
/// Of each line only one message is under way at a time: the next goes out when the one before
/// is held, and none does after one that is not. Lines do not wait for each other.
///
///     line a:  1 ──ack──► 4 ──ack──► 5
///     line b:  2 ──refused; 6 and 7 stay
///     none:    3
///
/// One thread at a time calls.
package final class StreamPublisher {
    private let settings: NatsSettings
    private let wanted: StreamConfiguration
    private var link: Link?

    /// How long nothing may be acknowledged before what is under way is given up.
    private let patienceMilliseconds: Int

    private struct Link {
        let connection: NatsConnection
        let inbox: String
        let answers: NatsSubscription
        /// The largest message that the server and the stream take.
        let messageBytesMax: Int
        /// Messages published so far: each is answered on a subject of its own.
        var count = 0
    }

    package init(
        _ settings: NatsSettings, stream: StreamConfiguration, patienceMilliseconds: Int = 5_000
    ) {
        self.settings = settings
        wanted = stream
        self.patienceMilliseconds = patienceMilliseconds
    }

    /// Connects, unless it is connected, and looks whether the stream does what it must.
    ///
    /// - Returns: The largest message, headers included, that the server and the stream take.
    package func prepare() throws(StreamError) -> Int {
        if let link, link.connection.isOpen { return link.messageBytesMax }
        link = nil
        let connection = try NatsConnection(settings)
        let stream = try connection.ensureStream(wanted)
        let inbox = try connection.inbox()
        let payload = connection.payloadBytesMax
        let bytesMax = stream.messageBytesMax > 0 ? min(stream.messageBytesMax, payload) : payload
        link = Link(
            connection: connection, inbox: inbox,
            answers: try connection.subscribe("\(inbox).*"), messageBytesMax: bytesMax)
        return bytesMax
    }

    /// Publishes the messages and waits for their acknowledgements.
    ///
    /// - Complexity: Blocks until all are acknowledged, or for 5 s after the last answer.
    package func publish(_ messages: [StreamMessage]) -> PublishResult {
        var flight = Flight(messages)
        do throws(StreamError) {
            _ = try prepare()
            while let index = flight.ready() { try send(messages[index], index, &flight) }
            while flight.isWaiting { try takeAnswer(messages, &flight) }
        } catch {
            flight.trouble = error
        }
        // Another connection starts afresh: nothing is under way, and the stream is looked at anew.
        if flight.trouble != nil { link = nil }
        return PublishResult(isHeld: flight.isHeld, trouble: flight.trouble)
    }

    private func send(
        _ message: StreamMessage, _ index: Int, _ flight: inout Flight
    ) throws(StreamError) {
        guard var link else { return }
        link.count += 1
        self.link = link
        try link.connection.publish(
            NatsMessage(
                subject: message.subject, reply: "\(link.inbox).\(link.count)",
                headers: message.headers, body: message.body))
        flight.underWay["\(link.count)"] = index
    }

    private func takeAnswer(
        _ messages: [StreamMessage], _ flight: inout Flight
    ) throws(StreamError) {
        guard let link else { return }
        guard let answer = try link.answers.next(timeoutMilliseconds: patienceMilliseconds) else {
            let complaint = link.connection.complaint.map { " (\($0))" } ?? ""
            throw StreamError(
                .unanswered,
                "\(settings.place): stream \(wanted.name): nothing is acknowledged within "
                    + "\(patienceMilliseconds) ms\(complaint)")
        }
        let token = answer.subject.dropFirst(link.inbox.utf8.count + 1)
        // What comes late, of an earlier call, counts for nothing.
        guard let index = flight.underWay.removeValue(forKey: String(token)) else { return }
        switch PublishReply(answer) {
        case .held:
            flight.isHeld[index] = true
            if let next = flight.next(after: messages[index]) {
                try send(messages[next], next, &flight)
            }
        case .refused(let reason):
            flight.trouble = StreamError(
                .refused,
                "\(settings.place): stream \(wanted.name) does not take "
                    + "\(messages[index].subject): \(reason)")
        }
    }
}

/// The messages of one call: what is held, under way, and yet to go out.
private struct Flight {
    var isHeld: [Bool]
    var trouble: StreamError?
    /// By the last token of the subject that the answer comes on.
    var underWay: [String: Int] = [:]
    /// Messages that may go out at once, last first.
    private var heads: [Int] = []
    /// By line, those that wait for the one before; last first.
    private var waiting: [String: [Int]] = [:]

    init(_ messages: [StreamMessage]) {
        isHeld = Array(repeating: false, count: messages.count)
        for (index, message) in messages.enumerated().reversed() {
            guard let line = message.line else {
                heads.append(index)
                continue
            }
            waiting[line, default: []].append(index)
        }
        for line in waiting.keys {
            if let first = waiting[line]?.popLast() { heads.append(first) }
        }
        heads.sort(by: >)
    }

    var isWaiting: Bool { !underWay.isEmpty }

    mutating func ready() -> Int? { heads.popLast() }

    mutating func next(after message: StreamMessage) -> Int? {
        message.line.flatMap { waiting[$0]?.popLast() }
    }
}
