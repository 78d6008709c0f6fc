// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// One of the pipeline's threads.
final class WorkerThread: @unchecked Sendable {
    private let finished = DispatchSemaphore(value: 0)

    /// Starts the thread.
    init(_ name: String, _ body: sending @escaping () -> Void) {
        let work = UncheckedWork(body: body)
        let thread = Thread { [finished] in
            // The kernel's name, which debuggers show; Thread's own reaches it only by chance.
            try? Data(name.utf8).write(to: URL(fileURLWithPath: "/proc/thread-self/comm"))
            work.body()
            finished.signal()
        }
        thread.stackSize = 4 << 20
        thread.start()
    }

    /// Waits until the thread has ended; to be called once.
    func join() { finished.wait() }

    /// Waits at most so long; whether the thread has ended.
    func join(seconds: Double) -> Bool { finished.wait(timeout: .now() + seconds) == .success }
}

/// What a thread does, handed to it once and touched by it alone.
private struct UncheckedWork: @unchecked Sendable {
    let body: () -> Void
}
