// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The way back of one call: from whichever thread answers it to the thread that owns the socket.
final class CallChannel: Sendable {
    let connection: UInt64
    let peer: PeerCredentials
    private let mailbox: ServerMailbox
    /// What a stream may have waiting for its client to read it.
    private let streamBufferBytes: Int

    private struct State {
        var hasEnded = false
        var isStream = false
        var isClientGone = false
        /// Sent, and not yet taken by the kernel.
        var pendingBytes = 0
        var isWaitingForRoom = false
        var callbacks = Callbacks()

        /// What is let go of may hold the stream, whose end comes back to this state: so it leaves
        /// the lock first.
        mutating func takeCallbacks() -> Callbacks {
            defer { callbacks = Callbacks() }
            return callbacks
        }
    }

    private struct Callbacks {
        var onRoom: (@Sendable () -> Void)?
        var onGone: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    init(
        connection: UInt64, peer: PeerCredentials, mailbox: ServerMailbox, streamBufferBytes: Int
    ) {
        self.connection = connection
        self.peer = peer
        self.mailbox = mailbox
        self.streamBufferBytes = streamBufferBytes
    }

    /// From now on the call outlives its handler, and is over as soon as the client is gone.
    func becomeStream() {
        state.withLock { state in
            state.isStream = true
            guard state.isClientGone, !state.hasEnded else { return }
            state.hasEnded = true
            mailbox.post(.reply(self, [], .ends))
        }
    }

    /// Sends one of several replies, unless the client is behind.
    func send(_ frame: [UInt8]) -> VarlinkSendOutcome {
        state.withLock { state in
            guard !state.isClientGone, !state.hasEnded else { return .gone }
            // One reply is taken whatever its size: else it never could be.
            guard
                state.pendingBytes == 0 || state.pendingBytes + frame.count <= streamBufferBytes
            else {
                state.isWaitingForRoom = true
                return .full
            }
            state.pendingBytes += frame.count
            mailbox.post(.reply(self, frame, .continues))
            return .taken
        }
    }

    /// Sends the last reply, or nothing for an empty frame; what comes later is ignored.
    ///
    /// - Parameter closes: The connection cannot go on after it.
    func end(_ frame: [UInt8], closes: Bool = false) {
        _ = state.withLock { state -> Callbacks in
            guard !state.hasEnded else { return Callbacks() }
            state.hasEnded = true
            mailbox.post(.reply(self, frame, closes ? .closes : .ends))
            return state.takeCallbacks()
        }
    }

    func whenRoom(_ body: @escaping @Sendable () -> Void) {
        state.withLock { if !$0.hasEnded { $0.callbacks.onRoom = body } }
    }

    func whenGone(_ body: @escaping @Sendable () -> Void) {
        let isGone = state.withLock { state in
            if !state.isClientGone, !state.hasEnded { state.callbacks.onGone = body }
            return state.isClientGone
        }
        if isGone { body() }
    }

    /// The kernel has taken so many bytes of the replies.
    func wrote(_ count: Int) {
        let tell = state.withLock { state -> (@Sendable () -> Void)? in
            state.pendingBytes = max(0, state.pendingBytes - count)
            guard state.isWaitingForRoom, state.pendingBytes <= streamBufferBytes / 2 else {
                return nil
            }
            state.isWaitingForRoom = false
            return state.callbacks.onRoom
        }
        tell?()
    }

    /// Nobody will read a reply any more.
    ///
    /// - Returns: Whether the call is over with that: a stream is, another call when its handler is.
    func clientHasGone() -> Bool {
        let (callbacks, isOver) = state.withLock { state -> (Callbacks, Bool) in
            guard !state.isClientGone else { return (Callbacks(), state.hasEnded) }
            state.isClientGone = true
            if state.isStream { state.hasEnded = true }
            return (state.takeCallbacks(), state.hasEnded)
        }
        callbacks.onGone?()
        return isOver
    }
}
