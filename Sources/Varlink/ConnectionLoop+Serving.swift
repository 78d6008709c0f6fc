// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

// A connection's way: read, hand a call to the workers, write its replies, and again.
extension ConnectionLoop {
    /// Something has happened on a connection's socket.
    func serve(_ id: UInt64, _ events: UInt32) {
        guard let connection = connections[id] else { return }
        useCount += 1
        connection.lastUse = useCount
        if events & EPOLLIN.rawValue != 0 { read(connection) }
        if events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { clientHasGone(connection) }
        advance(connection)
    }

    /// Reads once; a client that sends without end is read from in turn with the others.
    private func read(_ connection: ServerConnection) {
        let room =
            connection.phase == .serving ? limits.callBytes + 1 - connection.input.count : .max
        switch unsafe connection.read(room, by: buffer) {
        case .some: break
        // One that only shut its reading end says no end of its sending.
        case .nothing: if connection.isClientGone { connection.hasInputEnded = true }
        case .end: connection.hasInputEnded = true
        case .failed:
            connection.hasInputEnded = true
            clientHasGone(connection)
        }
    }

    /// Nobody reads replies; what the client has sent is done all the same.
    private func clientHasGone(_ connection: ServerConnection) {
        guard !connection.isClientGone else { return }
        connection.isClientGone = true
        connection.output = ByteQueue()
        // The event would come again and again.
        control(EPOLL_CTL_DEL, connection.descriptor, connection.id, 0)
        if let call = connection.call, call.channel.clientHasGone() {
            connection.call = nil
            counts.openCalls -= 1
        }
    }

    /// Does all that can be done for a connection now.
    func advance(_ connection: ServerConnection) {
        if !connection.output.isEmpty {
            guard let written = connection.write() else {
                clientHasGone(connection)
                return advance(connection)
            }
            connection.call?.channel.wrote(written)
        }
        if connection.phase == .serving { beginCall(connection) }
        if connection.phase == .closing, connection.output.isEmpty {
            connection.phase = .lingering
            connection.input = ByteQueue()
            shutdown(connection.descriptor, Int32(SHUT_WR))
        }
        account(connection)
        guard !isOver(connection) else { return remove(connection) }
        setInterest(connection)
        keepMemoryLimit()
    }

    /// Hands the next call to the workers, once the one before it is answered and its reply out.
    private func beginCall(_ connection: ServerConnection) {
        guard connection.call == nil, connection.output.isEmpty else { return }
        // What a client that has gone has sent is not told by epoll any more.
        while connection.isClientGone, !connection.hasInputEnded,
            connection.input.count <= limits.callBytes
        { read(connection) }
        if let frame = connection.input.takeMessage(searched: &connection.searchedBytes) {
            let channel = CallChannel(
                connection: connection.id, peer: connection.peer, mailbox: mailbox,
                streamBufferBytes: limits.streamBufferBytes)
            if connection.isClientGone { _ = channel.clientHasGone() }
            connection.call = (channel, frame.count)
            counts.openCalls += 1
            counts.callsTotal += 1
            pool?.give(WorkerPool.Job(frame: frame, channel: channel))
        } else if connection.input.count > limits.callBytes {
            refuse(
                connection, "CallTooLarge", ["limit_bytes": .integer(Int64(limits.callBytes))])
        } else if connection.hasInputEnded, !connection.input.isEmpty {
            refuse(
                connection, "MalformedCall",
                ["reason": .string("the client has ended in the middle of a call")])
        }
    }

    private func refuse(
        _ connection: ServerConnection, _ error: String, _ parameters: [String: JSONValue]
    ) {
        counts.faultyConnectionsTotal += 1
        connection.phase = .closing
        guard !connection.isClientGone else { return }
        connection.output.append(
            ReplyMessage.frame(service.info.connectionError(error, parameters)))
        _ = connection.write()
    }

    private func isOver(_ connection: ServerConnection) -> Bool {
        switch connection.phase {
        case .serving:
            connection.hasInputEnded && connection.input.isEmpty && connection.call == nil
                && connection.output.isEmpty
        case .closing: connection.isClientGone
        case .lingering: connection.hasInputEnded || connection.isClientGone
        }
    }

    /// Asks epoll for what the connection can make use of, where that has changed.
    private func setInterest(_ connection: ServerConnection) {
        guard !connection.isClientGone else { return }
        let canRead =
            switch connection.phase {
            case .serving: connection.input.count <= limits.callBytes
            case .closing: false
            case .lingering: true
            }
        var interest: UInt32 = 0
        if canRead, !connection.hasInputEnded { interest |= EPOLLIN.rawValue }
        if !connection.output.isEmpty { interest |= EPOLLOUT.rawValue }
        guard interest != connection.interest else { return }
        connection.interest = interest
        control(EPOLL_CTL_MOD, connection.descriptor, connection.id, interest)
    }

    /// Forgets a connection and closes it.
    func remove(_ connection: ServerConnection) {
        guard connections.removeValue(forKey: connection.id) != nil else { return }
        counts.connections -= 1
        counts.heldBytes -= connection.countedBytes
        if let call = connection.call {
            counts.openCalls -= 1
            _ = call.channel.clientHasGone()
        }
        close(connection.descriptor)
    }

    private func account(_ connection: ServerConnection) {
        guard connections[connection.id] != nil else { return }
        counts.heldBytes += connection.heldBytes - connection.countedBytes
        connection.countedBytes = connection.heldBytes
    }
}
