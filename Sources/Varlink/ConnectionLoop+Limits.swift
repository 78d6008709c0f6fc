// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

// Taking connections, and who has to go when there are too many or they hold too much.
extension ConnectionLoop {
    private static let acceptedAtATime = 64

    /// Takes connections that wait; epoll tells of more.
    func accept() {
        for _ in 0..<Self.acceptedAtATime {
            let descriptor = acceptOne()
            if descriptor >= 0 {
                take(descriptor)
            } else if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) {
                // As if our own limit were reached: else epoll would tell of it again and again.
                if cutLongestIdle() { continue }
                refuseWithSpare()
            } else if errno != EINTR, errno != ECONNABORTED {
                return
            }
        }
    }

    private func acceptOne() -> Int32 {
        accept4(
            listener.descriptor, nil, nil,
            Int32(TOCSIN_SOCK_NONBLOCK) | Int32(TOCSIN_SOCK_CLOEXEC))
    }

    private func take(_ descriptor: Int32) {
        guard let peer = PeerCredentials(of: descriptor) else {
            close(descriptor)
            return
        }
        if connections.count >= limits.connections, !cutLongestIdle() {
            return refuse(descriptor)
        }
        let connection = ServerConnection(id: nextID, descriptor: descriptor, peer: peer)
        nextID += 1
        useCount += 1
        connection.lastUse = useCount
        connection.interest = EPOLLIN.rawValue
        guard control(EPOLL_CTL_ADD, descriptor, connection.id, connection.interest) == 0 else {
            return refuse(descriptor)
        }
        connections[connection.id] = connection
        counts.connections += 1
    }

    /// With no descriptor left, one that is kept for this takes the connection to its end.
    private func refuseWithSpare() {
        if spareDescriptor >= 0 { close(spareDescriptor) }
        let descriptor = acceptOne()
        if descriptor >= 0 { refuse(descriptor) }
        spareDescriptor = Self.openSpare()
    }

    private func refuse(_ descriptor: Int32) {
        counts.cutConnectionsTotal += 1
        say(tooManyConnections, to: descriptor)
        close(descriptor)
    }

    private var tooManyConnections: VarlinkError {
        service.info.connectionError(
            "TooManyConnections", ["limit": .integer(Int64(limits.connections))])
    }

    /// Closes the longest idle connection of the user that has the most; of the next user where all
    /// of one's are in use. False when all are.
    private func cutLongestIdle() -> Bool {
        var numbers: [UInt32: Int] = [:]
        for connection in connections.values {
            numbers[connection.peer.userID, default: 0] += 1
        }
        let victim = connections.values.filter { $0.call == nil }.max { one, other in
            let ones = (numbers[one.peer.userID] ?? 0, other.lastUse)
            let others = (numbers[other.peer.userID] ?? 0, one.lastUse)
            return ones < others
        }
        guard let victim else { return false }
        cut(victim, tooManyConnections)
        return true
    }

    /// Closes those that hold the most until the rest is in bounds.
    func keepMemoryLimit() {
        while counts.heldBytes > limits.memoryBytes,
            let victim = connections.values.max(by: { $0.countedBytes < $1.countedBytes })
        {
            let limit = JSONValue.integer(Int64(limits.memoryBytes))
            cut(victim, service.info.connectionError("TooMuchMemory", ["limit_bytes": limit]))
        }
    }

    private func cut(_ connection: ServerConnection, _ error: VarlinkError) {
        counts.cutConnectionsTotal += 1
        // Not in the middle of a reply.
        if connection.output.isEmpty { say(error, to: connection.descriptor) }
        remove(connection)
    }

    /// Tells a client why it is left, if its socket takes it at once.
    private func say(_ error: VarlinkError, to descriptor: Int32) {
        let frame = ReplyMessage.frame(error)
        _ = unsafe frame.withUnsafeBytes {
            unsafe send(
                descriptor, $0.baseAddress, $0.count,
                Int32(TOCSIN_MSG_DONTWAIT) | Int32(TOCSIN_MSG_NOSIGNAL))
        }
    }
}
