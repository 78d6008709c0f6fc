// SPDX-License-Identifier: Apache-2.0
internal import CSystemd

/// Tells systemd how the service fares (sd_notify(3)); nothing happens without systemd.
enum ServiceManager {
    static func ready(status: String) { notify("READY=1\nSTATUS=\(status)") }
    static func stopping() { notify("STOPPING=1\nSTATUS=ending: committing what was read") }

    private static func notify(_ state: String) { _ = unsafe sd_notify(0, state) }
}
