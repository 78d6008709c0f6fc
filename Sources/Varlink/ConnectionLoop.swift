// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Synchronization

/// The server's thread: waits for its sockets and for replies, and blocks on nothing else.
@safe
final class ConnectionLoop {
    /// What epoll tells events of the mailbox and of the listener by; connections count from 2.
    static let mailboxToken: UInt64 = 0
    static let listenerToken: UInt64 = 1
    private static let eventsAtATime = 64

    let listener: SocketListener
    let service: VarlinkService
    let limits: VarlinkLimits
    let mailbox: ServerMailbox
    private let shared: SharedCounts
    let poller: Int32
    /// Given up for a moment to tell a client that no descriptors are left.
    var spareDescriptor = openSpare()
    var connections: [UInt64: ServerConnection] = [:]
    var nextID: UInt64 = 2
    var useCount: UInt64 = 0
    var counts = VarlinkServerCounts()
    /// Where input is read to.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private(set) var pool: WorkerPool?

    init(
        _ listener: SocketListener, _ service: VarlinkService, _ limits: VarlinkLimits,
        _ mailbox: ServerMailbox, _ shared: SharedCounts
    ) throws(VarlinkServerError) {
        self.listener = listener
        self.service = service
        self.limits = limits
        self.mailbox = mailbox
        self.shared = shared
        poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poller >= 0, watch(mailbox.signal, Self.mailboxToken),
            watch(listener.descriptor, Self.listenerToken)
        else { throw VarlinkServerError(errno, "the server", "epoll") }
        pool = WorkerPool(count: limits.workers) { job, reader in
            service.perform(job.frame, job.channel, &reader)
        }
    }

    deinit {
        if poller >= 0 { close(poller) }
        if spareDescriptor >= 0 { close(spareDescriptor) }
        unsafe buffer.deallocate()
    }

    static func openSpare() -> Int32 { unsafe open("/dev/null", O_RDONLY | O_CLOEXEC) }

    private func watch(_ descriptor: Int32, _ token: UInt64) -> Bool {
        control(EPOLL_CTL_ADD, descriptor, token, EPOLLIN.rawValue) == 0
    }

    @discardableResult
    func control(_ change: Int32, _ descriptor: Int32, _ token: UInt64, _ mask: UInt32) -> Int32 {
        var event = unsafe epoll_event()
        unsafe event.events = mask
        unsafe event.data.u64 = token
        return unsafe epoll_ctl(poller, change, descriptor, &event)
    }

    /// Serves until it is told to stop.
    func run() {
        let events = UnsafeMutableBufferPointer<epoll_event>.allocate(
            capacity: Self.eventsAtATime)
        unsafe events.initialize(repeating: epoll_event())
        defer { unsafe events.deallocate() }
        var isStopped = false
        while !isStopped {
            let count = unsafe epoll_wait(
                poller, events.baseAddress, Int32(Self.eventsAtATime), -1)
            counts.wakeUpsTotal += 1
            for index in 0..<Int(max(0, count)) {
                let event = unsafe events[index]
                switch unsafe event.data.u64 {
                case Self.mailboxToken: isStopped = deliver() || isStopped
                case Self.listenerToken: accept()
                case let id: unsafe serve(id, event.events)
                }
            }
            shared.value.withLock { $0 = counts }
        }
        end()
    }

    /// Passes replies on to their connections; whether the server was told to stop.
    private func deliver() -> Bool {
        var isStopped = false
        for message in mailbox.takeAll() {
            switch message {
            case .reply(let channel, let frame, let ending): deliver(channel, frame, ending)
            case .stop: isStopped = true
            }
        }
        return isStopped
    }

    private func deliver(
        _ channel: CallChannel, _ frame: [UInt8], _ ending: ServerMailbox.Ending
    ) {
        // The connection may be gone, or the call be over for it.
        guard let connection = connections[channel.connection],
            connection.call?.channel === channel
        else { return }
        if !connection.isClientGone { connection.output.append(frame) }
        switch ending {
        case .continues: break
        case .ends: connection.call = nil
        case .closes:
            connection.call = nil
            connection.phase = .closing
            counts.faultyConnectionsTotal += 1
        }
        if ending != .continues { counts.openCalls -= 1 }
        advance(connection)
    }

    private func end() {
        listener.end()
        for connection in connections.values { _ = connection.call?.channel.clientHasGone() }
        pool?.close()
        _ = deliver()
        for connection in Array(connections.values) { remove(connection) }
        shared.value.withLock { $0 = counts }
    }
}
