// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Synchronization

/// Serves a service over a local socket, on a thread of its own that waits in epoll(7).
///
/// That thread owns the sockets and never blocks; handlers run on a few others. Calls of one
/// connection are answered in their order, one after another; an idle server has no wake-ups.
package final class VarlinkServer: Sendable {
    private let mailbox: ServerMailbox
    private let shared: SharedCounts
    private let ended = DispatchSemaphore(value: 0)
    private let hasStopped = Mutex(false)

    /// Begins to serve.
    package init(
        _ service: VarlinkService, at address: VarlinkAddress, limits: VarlinkLimits = .init()
    ) throws(VarlinkServerError) {
        let mailbox = try ServerMailbox()
        let shared = SharedCounts()
        let listener = try SocketListener(address)
        let loop: ConnectionLoop
        do throws(VarlinkServerError) {
            loop = try ConnectionLoop(listener, service, limits, mailbox, shared)
        } catch {
            listener.end()
            throw error
        }
        self.mailbox = mailbox
        self.shared = shared
        let work = ServingThread(loop: loop)
        let thread = Thread { [ended] in
            work.loop.run()
            ended.signal()
        }
        thread.name = "varlink"
        thread.stackSize = 1 << 20
        thread.start()
    }

    deinit { stop() }

    /// Takes no more calls, lets the handlers that run end, tells streams that their clients have
    /// gone, closes all connections, and removes the socket's file.
    package func stop() {
        let isFirst = hasStopped.withLock { hasStopped in
            defer { hasStopped = true }
            return !hasStopped
        }
        guard isFirst else { return }
        mailbox.post(.stop)
        ended.wait()
    }

    package var counts: VarlinkServerCounts { shared.value.withLock { $0 } }
}

/// The counts, written by the server's thread and read by any.
final class SharedCounts: Sendable {
    let value = Mutex(VarlinkServerCounts())
}

/// What the server's thread does, handed to it once and touched by it alone.
private struct ServingThread: @unchecked Sendable {
    let loop: ConnectionLoop
}
