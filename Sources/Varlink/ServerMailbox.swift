// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Synchronization

/// What other threads have for the thread that owns the sockets.
final class ServerMailbox: Sendable {
    /// What a reply means for its call.
    enum Ending { case continues, ends, closes }

    enum Message {
        /// An empty frame is no reply.
        case reply(CallChannel, [UInt8], Ending)
        case stop
    }

    /// Readable while there may be messages.
    let signal: Int32
    private let messages = Mutex<[Message]>([])

    init() throws(VarlinkServerError) {
        signal = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard signal >= 0 else { throw VarlinkServerError(errno, "the server", "eventfd") }
    }

    deinit { close(signal) }

    func post(_ message: Message) {
        let wasEmpty = messages.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        if wasEmpty { eventfd_write(signal, 1) }
    }

    /// The messages, oldest first; the signal is taken back.
    func takeAll() -> [Message] {
        var count: eventfd_t = 0
        unsafe eventfd_read(signal, &count)
        return messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
