// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// A client's connection, owned by the thread of the server; calls are answered one at a time.
final class ServerConnection {
    /// How far a connection is on its way to its end.
    enum Phase {
        case serving
        /// Nothing is read any more until the last reply is out.
        case closing
        /// The last reply is out: what the client still sends is read and dropped, so that it can
        /// end its sending and see that reply.
        case lingering
    }

    let id: UInt64
    let descriptor: Int32
    let peer: PeerCredentials
    var phase = Phase.serving
    var input = ByteQueue()
    /// How much of the input holds no end of a message.
    var searchedBytes = 0
    var output = ByteQueue()
    /// The call that is being answered, and the bytes of its message.
    var call: (channel: CallChannel, bytes: Int)?
    /// The client sends no more.
    var hasInputEnded = false
    /// The client will read no reply.
    var isClientGone = false
    /// When it was last heard of, as a number that grows.
    var lastUse: UInt64 = 0
    /// What epoll is asked for.
    var interest: UInt32 = 0
    /// The part of the server's memory that was counted for it.
    var countedBytes = 0

    init(id: UInt64, descriptor: Int32, peer: PeerCredentials) {
        self.id = id
        self.descriptor = descriptor
        self.peer = peer
    }

    var heldBytes: Int { input.count + output.count + (call?.bytes ?? 0) }

    /// What came of one reading.
    enum Reading { case some, nothing, end, failed }

    /// Reads what is there, at most `count` bytes, by way of `buffer`.
    func read(_ count: Int, by buffer: UnsafeMutableRawBufferPointer) -> Reading {
        let wanted = min(count, buffer.count)
        guard wanted > 0 else { return .nothing }
        let status = unsafe recv(
            descriptor, buffer.baseAddress, wanted, Int32(TOCSIN_MSG_DONTWAIT))
        if status > 0 {
            if phase == .serving {
                unsafe input.append(UnsafeRawBufferPointer(rebasing: buffer[..<status]))
            }
            return .some
        }
        if status == 0 { return .end }
        return errno == EAGAIN || errno == EINTR ? .nothing : .failed
    }

    /// Writes what the kernel takes; how many bytes, or nil when it takes none ever more.
    func write() -> Int? {
        var written = 0
        while !output.isEmpty {
            let status = unsafe output.withBytes {
                unsafe send(
                    descriptor, $0.baseAddress, $0.count,
                    Int32(TOCSIN_MSG_DONTWAIT) | Int32(TOCSIN_MSG_NOSIGNAL))
            }
            if status < 0 { return errno == EAGAIN || errno == EINTR ? written : nil }
            output.drop(status)
            written += status
        }
        return written
    }
}
