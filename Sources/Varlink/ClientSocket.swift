// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Messages over one connection to a service, each way with a deadline.
struct ClientSocket: ~Copyable {
    /// The longest reply that is taken.
    private static let replyBytesMax = 64 << 20

    private let path: String
    private let descriptor: Int32
    private var input = ByteQueue()
    private var searchedBytes = 0

    /// Connects; waits no longer than until the deadline where the service is behind with taking
    /// connections.
    init(path: String, deadline: Deadline) throws(VarlinkClientError) {
        let connected = try Self.connect(path, deadline)
        descriptor = connected
        self.path = path
    }

    private static func connect(
        _ path: String, _ deadline: Deadline
    ) throws(VarlinkClientError) -> Int32 {
        guard let address = UnixAddress(path: path) else {
            throw .cannotConnect(
                path: path, reason: "a socket's path has 1 to \(UnixAddress.pathBytesMax) bytes")
        }
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(TOCSIN_SOCK_CLOEXEC)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw VarlinkClientError(connecting: errno, path: path) }
        var limit = deadline.timeLeft
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let status = unsafe address.withPointer { unsafe Glibc.connect(descriptor, $0, $1) }
        guard status == 0 else {
            let error = VarlinkClientError(connecting: errno, path: path)
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    deinit { close(descriptor) }

    /// Sends a message; false when the service has left. It may have said why, to be read next.
    mutating func send(_ frame: [UInt8], _ deadline: Deadline) throws(VarlinkClientError) -> Bool {
        var start = 0
        while start < frame.count {
            let status = unsafe frame.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    descriptor, bytes.baseAddress.map { unsafe $0 + start }, bytes.count - start,
                    Int32(TOCSIN_MSG_DONTWAIT) | Int32(TOCSIN_MSG_NOSIGNAL))
            }
            if status >= 0 {
                start += status
            } else if errno == EAGAIN {
                try wait(for: Int16(POLLOUT), deadline)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// The next message, without its NUL.
    mutating func receive(_ deadline: Deadline) throws(VarlinkClientError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            if let message = input.takeMessage(searched: &searchedBytes) { return message }
            guard input.count <= Self.replyBytesMax else {
                throw .malformed(
                    path: path, reason: "a reply of more than \(Self.replyBytesMax) bytes")
            }
            let status = unsafe recv(
                descriptor, &buffer, buffer.count, Int32(TOCSIN_MSG_DONTWAIT))
            if status > 0 {
                input.append(buffer[..<status])
            } else if status < 0, errno == EAGAIN {
                try wait(for: Int16(POLLIN), deadline)
            } else if status == 0 || errno != EINTR {
                throw .closed(path: path)
            }
        }
    }

    private func wait(for events: Int16, _ deadline: Deadline) throws(VarlinkClientError) {
        var poll = pollfd(fd: descriptor, events: events, revents: 0)
        let status = unsafe Glibc.poll(&poll, 1, deadline.millisecondsLeft)
        guard status != 0 else { throw .timedOut(path: path) }
    }
}

/// When waiting ends; never, where no limit is given.
struct Deadline {
    private let end: ContinuousClock.Instant?

    init(after limit: Duration?) { end = limit.map { .now + $0 } }

    private var left: Duration? { end.map { max(.zero, $0 - .now) } }

    /// As poll(2) takes it, rounded up: a wait never ends too early.
    var millisecondsLeft: Int32 {
        guard let left else { return -1 }
        let (seconds, attoseconds) = left.components
        return Int32(
            clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    /// As SO_SNDTIMEO takes it: zero is no limit.
    var timeLeft: timeval {
        guard let left else { return timeval() }
        let (seconds, attoseconds) = left.components
        return timeval(tv_sec: Int(seconds), tv_usec: max(1, Int(attoseconds / 1_000_000_000_000)))
    }
}
