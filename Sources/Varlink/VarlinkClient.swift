// SPDX-License-Identifier: Apache-2.0

/// A connection to a service, on which one thread calls methods and waits for their replies.
package final class VarlinkClient {
    /// How long a call waits where nothing else is said.
    package static let usualTimeout = Duration.seconds(30)

    private let path: String
    /// Nil once the connection cannot go on.
    private var socket: ClientSocket?
    private var reader = JSONReader()

    /// Connects to the service at a socket's path.
    package init(
        path: String, timeout: Duration = usualTimeout
    ) throws(VarlinkClientError) {
        self.path = path
        socket = try ClientSocket(path: path, deadline: Deadline(after: timeout))
    }

    /// Calls a method, named with its interface, and waits for its one reply.
    ///
    /// - Parameter timeout: Without one it waits for ever.
    package func call<Reply: Decodable>(
        _ method: String, _ parameters: some Encodable = NoParameters(),
        returning: Reply.Type = Reply.self, timeout: Duration? = usualTimeout
    ) throws(VarlinkClientError) -> Reply {
        let deadline = Deadline(after: timeout)
        try send(method, parameters, deadline)
        let reply = try receive(deadline)
        guard !reply.continues else { throw give(up: "a second reply is announced") }
        return try value(of: reply)
    }

    /// Calls a method and wants to hear nothing of it, not even an error.
    package func callOneway(
        _ method: String, _ parameters: some Encodable = NoParameters(),
        timeout: Duration? = usualTimeout
    ) throws(VarlinkClientError) {
        try send(method, parameters, Deadline(after: timeout), isOneway: true)
    }

    /// Calls a method for all the replies that it has. The connection is theirs until the last.
    package func callMore<Reply: Decodable>(
        _ method: String, _ parameters: some Encodable = NoParameters(),
        returning: Reply.Type = Reply.self, timeout: Duration? = usualTimeout
    ) throws(VarlinkClientError) -> VarlinkReplies<Reply> {
        try send(method, parameters, Deadline(after: timeout), wantsMore: true)
        return VarlinkReplies(client: self)
    }

    /// Leaves the service; later calls fail as closed.
    package func close() { socket = nil }

    private func send(
        _ method: String, _ parameters: some Encodable, _ deadline: Deadline,
        isOneway: Bool = false, wantsMore: Bool = false
    ) throws(VarlinkClientError) {
        let text: [UInt8]
        do {
            text = try JSONText.bytes(encoding: parameters)
        } catch {
            preconditionFailure("parameters of \(method) that are no JSON: \(error)")
        }
        let frame = CallMessage.frame(
            method: method, parameters: text, isOneway: isOneway, wantsMore: wantsMore)
        do throws(VarlinkClientError) {
            // Of what cannot be sent, a reply may still tell why.
            guard let wasSent = try socket?.send(frame, deadline), wasSent || !isOneway else {
                throw .closed(path: path)
            }
        } catch {
            close()
            throw error
        }
    }

    /// The next reply; an error that the service answered is thrown as such.
    fileprivate func receive(_ deadline: Deadline) throws(VarlinkClientError) -> ReplyMessage {
        let frame: [UInt8]
        do throws(VarlinkClientError) {
            guard let received = try socket?.receive(deadline) else { throw .closed(path: path) }
            frame = received
        } catch {
            close()
            throw error
        }
        let reply: ReplyMessage
        do throws(JSONFault) {
            reply = try ReplyMessage(try reader.read(frame))
        } catch {
            throw give(up: error.reason)
        }
        if let name = reply.error { throw .reply(VarlinkError(name, reply.parameters)) }
        return reply
    }

    fileprivate func value<Reply: Decodable>(
        of reply: ReplyMessage
    ) throws(VarlinkClientError) -> Reply {
        do {
            return try JSONText.decode(Reply.self, from: .object(reply.parameters))
        } catch {
            throw give(up: "the reply's parameters are not those of a \(Reply.self)")
        }
    }

    private func give(up reason: String) -> VarlinkClientError {
        close()
        return .malformed(path: path, reason: reason)
    }
}

/// The replies of a call with `more`, one after another.
///
/// Let go of before the last, it closes the client's connection: that is how a service learns that
/// no more are wanted.
package final class VarlinkReplies<Reply: Decodable> {
    private let client: VarlinkClient
    private var isAtEnd = false

    init(client: VarlinkClient) { self.client = client }

    deinit { if !isAtEnd { client.close() } }

    /// Waits for the next reply; nil after the last.
    ///
    /// - Parameter timeout: Without one it waits for ever.
    package func next(timeout: Duration? = nil) throws(VarlinkClientError) -> Reply? {
        guard !isAtEnd else { return nil }
        let message: ReplyMessage
        do throws(VarlinkClientError) {
            message = try client.receive(Deadline(after: timeout))
        } catch {
            isAtEnd = true
            throw error
        }
        if !message.continues { isAtEnd = true }
        return try client.value(of: message)
    }
}
