// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization

/// When a thread of the pipeline last showed that it makes progress.
///
/// The thread beats when it takes work and, while it waits for some, at least every `pauseSeconds`.
/// Where it waits for something outside of this process, as long as that takes, it says so.
final class Heartbeat: Sendable {
    let name: String
    /// The longest wait between two beats; nil where no watchdog listens, so that an idle thread
    /// sleeps on.
    let pauseSeconds: Double?
    /// Nanoseconds of the monotonic clock; `waiting` while the thread waits for others.
    private let lastBeat = Atomic<Int>(Heartbeat.now)
    private static let waiting = Int.max

    init(_ name: String, pauseSeconds: Double?) {
        self.name = name
        self.pauseSeconds = pauseSeconds
    }

    func beat() { lastBeat.store(Self.now, ordering: .relaxed) }

    /// Runs `body`, which another process may hold up without limit.
    func whileWaiting<Result>(_ body: () -> Result) -> Result {
        lastBeat.store(Self.waiting, ordering: .relaxed)
        defer { beat() }
        return body()
    }

    /// How long the thread has shown nothing.
    var silentSeconds: Double {
        let last = lastBeat.load(ordering: .relaxed)
        return last == Self.waiting ? 0 : Double(Self.now - last) / 1e9
    }

    /// It stands still while the machine sleeps, as systemd's own does.
    private static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
