// SPDX-License-Identifier: Apache-2.0
internal import CSystemd
internal import Glibc
internal import Synchronization

/// Tells systemd how the service fares (sd_notify(3)); nothing happens without systemd.
enum ServiceManager {
    /// What was told last with READY=1: by which rules the daemon works.
    private static let readiness = Mutex("")

    /// Somebody listens.
    static var isPresent: Bool { unsafe getenv("NOTIFY_SOCKET") != nil }

    static func ready(status: String) {
        readiness.withLock { $0 = status }
        notify("READY=1\nSTATUS=\(status)")
    }

    /// Tells how the daemon fares meanwhile.
    static func progress(_ text: String) {
        notify("STATUS=\(readiness.withLock { $0 }); \(text)")
    }

    /// Feeds the watchdog.
    static func isAlive() { notify("WATCHDOG=1") }

    /// Tells that a reload has begun; `ready` ends it (sd_notify(3), "RELOADING=1").
    static func reloading() {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        let microseconds = now.tv_sec * 1_000_000 + now.tv_nsec / 1000
        notify("RELOADING=1\nMONOTONIC_USEC=\(microseconds)\nSTATUS=reading the rules")
    }

    static func stopping() { notify("STOPPING=1\nSTATUS=ending: committing what was read") }

    private static func notify(_ state: String) { _ = unsafe sd_notify(0, state) }
}
