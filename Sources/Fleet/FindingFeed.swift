// SPDX-License-Identifier: Apache-2.0
internal import JetStream
internal import Reports

/// What comes of a partition's findings.
enum FeedItem {
    case finding(PublishedFinding, MessagePlace)
    /// Time has passed up to this, in ms since 1970.
    case mark(Int, MessagePlace)
    case unreadable(subject: String, MessagePlace)
    /// There was nothing more when it was asked.
    case end
}

/// Reads a partition's findings in the order of the stream.
///
/// Its consumer is made for one worker: its name holds the revision of the state with which the
/// partition was taken, so no other worker takes a message away from it.
struct FindingFeed {
    private let consumer: PullConsumer
    private let connection: NatsConnection
    private let inbox: String
    /// Messages that were asked for and have not come.
    private var expected = 0
    private var count = 0
    private var lastAnswer: Int
    /// Until there was no more for the first time: only then are messages waited for.
    private var isCatchingUp = true

    private static let batch = 256
    private static let waitMilliseconds = 10_000

    /// - Parameter inbox: Where messages are to come; each feed has its own.
    init(
        _ settings: FleetSettings, partition: Int, revision: Int, from sequence: Int,
        inbox: String, now: Int, _ connection: NatsConnection
    ) throws(StreamError) {
        consumer = try PullConsumer(
            "fleet-\(partition)-\(revision)", of: settings.findingStream.name,
            subject: settings.findingSubject(partition) + ".*", from: .sequence(sequence),
            connection)
        self.connection = connection
        self.inbox = inbox
        lastAnswer = now
        try pull()
    }

    private mutating func pull() throws(StreamError) {
        expected = Self.batch
        try consumer.pull(
            Self.batch, to: inbox, waitMilliseconds: isCatchingUp ? 0 : Self.waitMilliseconds,
            connection)
    }

    /// Takes a message that came for this feed; nil for one of an earlier consumer's.
    ///
    /// - Throws: ``StreamError`` when a message is missing.
    mutating func take(_ message: NatsMessage, now: Int) throws(StreamError) -> FeedItem? {
        if message.status != nil {
            lastAnswer = now
            isCatchingUp = false
            try pull()
            return .end
        }
        guard let place = MessagePlace(message), place.consumer == consumer.name else { return nil }
        lastAnswer = now
        count += 1
        guard place.count == count else {
            throw StreamError(
                .unanswered, "\(connection.place): stream \(consumer.stream): messages are missing")
        }
        expected -= 1
        if expected == 0 { try pull() }
        return Self.item(message, place)
    }

    private static func item(_ message: NatsMessage, _ place: MessagePlace) -> FeedItem {
        let name = message.subject.split(separator: ".").last.map(String.init) ?? ""
        if name.hasPrefix(FleetSettings.markPrefix),
            let mark = Int(name.dropFirst(FleetSettings.markPrefix.count))
        {
            return .mark(mark, place)
        }
        guard let finding = PublishedFinding(json: message.body) else {
            return .unreadable(subject: message.subject, place)
        }
        return .finding(finding, place)
    }

    /// - Throws: ``StreamError`` when the server has not answered for longer than it should.
    func checkAnswers(now: Int) throws(StreamError) {
        guard now - lastAnswer > Self.waitMilliseconds + 10_000 else { return }
        throw StreamError(
            .unanswered, "\(connection.place): consumer \(consumer.name) gives no answers")
    }
}
