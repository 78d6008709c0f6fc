// SPDX-License-Identifier: Apache-2.0

/// What became of one of several replies.
package enum VarlinkSendOutcome: Sendable, Equatable {
    /// It will be sent, unless the client goes.
    case taken
    /// The client is behind by more than the buffer: the reply was not taken. Keep it, or drop it
    /// and say so; `whenRoom` tells when to go on.
    case full
    /// The client has gone, or the stream was ended.
    case gone
}

/// The replies of a call with `more`, from any thread, for as long as somebody holds this object.
///
/// A slow reader costs no more than `VarlinkLimits.streamBufferBytes`: then ``send(_:)`` says
/// `.full`. When the object is let go of without an end, the client is told so.
package final class VarlinkReplyStream<Reply: Encodable>: Sendable {
    private let channel: CallChannel
    private let encode: @Sendable (Reply) throws -> [UInt8]

    private let abandoned: VarlinkError

    /// - Parameter abandoned: What the client is told when nobody holds the stream any more.
    init(
        channel: CallChannel, abandoned: VarlinkError,
        encode: @escaping @Sendable (Reply) throws -> [UInt8]
    ) {
        self.channel = channel
        self.abandoned = abandoned
        self.encode = encode
        channel.becomeStream()
    }

    deinit { channel.end(ReplyMessage.frame(abandoned)) }

    /// Sends a reply after which others will come.
    package func send(_ reply: Reply) throws -> VarlinkSendOutcome {
        channel.send(ReplyMessage.frame(parameters: try encode(reply), continues: true))
    }

    /// Sends the last reply.
    package func finish(_ reply: Reply) throws {
        channel.end(ReplyMessage.frame(parameters: try encode(reply)))
    }

    /// Ends with an error.
    package func fail(_ error: VarlinkError) { channel.end(ReplyMessage.frame(error)) }

    /// Calls `body` each time that there is room again after a `.full`.
    ///
    /// It runs on the thread that serves all connections, so it only wakes another.
    package func whenRoom(_ body: @escaping @Sendable () -> Void) { channel.whenRoom(body) }

    /// Calls `body` once when the client has gone, at once if it has; as ``whenRoom(_:)``.
    package func whenGone(_ body: @escaping @Sendable () -> Void) { channel.whenGone(body) }
}
