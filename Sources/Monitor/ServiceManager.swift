// SPDX-License-Identifier: Apache-2.0
internal import CSystemd
internal import Glibc

/// Tells systemd how the service fares (sd_notify(3)); nothing happens without systemd.
enum ServiceManager {
    static func ready(status: String) { notify("READY=1\nSTATUS=\(status)") }
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
