// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Synchronization

/// A few threads that work off calls, a caller's user after another in turn.
///
/// A user with many calls waiting holds up its own, not those of others.
final class WorkerPool: Sendable {
    /// A call that waits for a thread.
    struct Job: Sendable {
        let frame: [UInt8]
        let channel: CallChannel
    }

    private struct Queue {
        /// The jobs of each user, in reverse order of `next`'s turns.
        var jobs: [UInt32: [Job]] = [:]
        /// Users that have jobs, the next first.
        var turns: [UInt32] = []
        var isClosed = false
    }

    private let queue = Mutex(Queue())
    private let waiting = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let count: Int

    /// - Parameter work: Runs on one of the threads, with that thread's reader of JSON.
    init(
        count: Int, _ work: @escaping @Sendable (Job, inout JSONReader) -> Void
    ) {
        self.count = count
        for index in 0..<count {
            let thread = Thread { [self] in
                var reader = JSONReader()
                while let job = next() { work(job, &reader) }
                ended.signal()
            }
            thread.name = "varlink-\(index)"
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    func give(_ job: Job) {
        let user = job.channel.peer.userID
        queue.withLock { queue in
            if queue.jobs[user] == nil { queue.turns.append(user) }
            queue.jobs[user, default: []].append(job)
        }
        waiting.signal()
    }

    /// Waits for a job; nil when the pool is closed.
    private func next() -> Job? {
        waiting.wait()
        return queue.withLock { queue in
            guard !queue.isClosed, !queue.turns.isEmpty else { return nil }
            let user = queue.turns.removeFirst()
            guard var jobs = queue.jobs.removeValue(forKey: user) else { return nil }
            let job = jobs.removeFirst()
            if !jobs.isEmpty {
                queue.jobs[user] = jobs
                queue.turns.append(user)
            }
            return job
        }
    }

    /// Lets the jobs that run end, drops the others, and waits until the threads have ended.
    func close() {
        queue.withLock { $0.isClosed = true }
        for _ in 0..<count { waiting.signal() }
        for _ in 0..<count { ended.wait() }
    }
}
