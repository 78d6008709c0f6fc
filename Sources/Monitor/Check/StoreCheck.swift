// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Glibc
internal import Reports
internal import Varlink

/// Whether the queue of reports can be worked with.
enum StoreCheck {
    static func result(_ folder: String) -> CheckResult {
        guard FileSize.of("\(folder)/tocsin.sqlite") != nil else {
            return .fine("queue", "none yet: the daemon makes it at its first start")
        }
        do throws(StoreError) {
            let store = try ReportStore(existing: folder)
            let counts = try store.queueCounts()
            let waiting = counts.ready + counts.claimed + counts.dead
            let deliveries = try store.deliveryCounts(sink: "journal")
            return .fine(
                "queue",
                "\(waiting) reports to work on, \(deliveries.pending) not yet sent to the journal")
        } catch {
            return .failed("queue", error.description)
        }
    }
}

/// Whether alerts can be sent to the journal, and be seen to have arrived.
enum JournalCheck {
    static var result: CheckResult {
        if let reason = LocalSocket.fault(of: JournalSink.socket, type: SOCK_DGRAM) {
            return .failed(
                "journal", "\(JournalSink.socket): \(reason)",
                "start it: systemctl start systemd-journald.socket systemd-journald.service")
        }
        guard case .unreadable(let reason) = JournalSink(store: "").confirm([], patience: 0) else {
            return .fine("journal", "takes entries and can be read")
        }
        return .failed(
            "journal", "takes entries but cannot be read: \(reason)",
            "usermod -aG systemd-journal tocsin; until then alerts are sent but not confirmed")
    }
}

/// Whether a running daemon answers on its control socket.
enum SocketCheck {
    static func result(_ path: String) -> CheckResult {
        guard unsafe access(path, F_OK) == 0 else {
            return .doubtful(
                "socket", "\(path): is not there: no daemon runs", "systemctl start tocsin.service")
        }
        if let reason = LocalSocket.fault(of: path, type: SOCK_STREAM) {
            return .failed(
                "socket", "\(path): \(reason)", "systemctl restart tocsin.service, and try as root")
        }
        return .fine("socket", "the daemon answers on \(path)")
    }
}

/// Sockets of the local machine.
enum LocalSocket {
    /// Why nobody listens at the path, or nil.
    static func fault(of path: String, type: __socket_type) -> String? {
        let descriptor = socket(AF_UNIX, Int32(type.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return unsafe String(cString: strerror(errno)) }
        defer { close(descriptor) }
        guard let address = UnixAddress(path: path) else {
            return "the path is too long for a socket"
        }
        let status = unsafe address.withPointer { unsafe connect(descriptor, $0, $1) }
        return status == 0 ? nil : unsafe String(cString: strerror(errno))
    }
}
