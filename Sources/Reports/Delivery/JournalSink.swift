// SPDX-License-Identifier: Apache-2.0
internal import CSystemd
internal import Glibc

/// The systemd journal as a sink.
package struct JournalSink: ReportSink {
    static let sinkName = "journal"
    package let name = JournalSink.sinkName
    /// Where journald takes entries.
    package static let socket = "/run/systemd/journal/socket"
    private let store: String

    /// - Parameter store: ``ReportStore/identifier``, told with each entry.
    package init(store: String) {
        self.store = store
    }

    /// Sends the reports to journald.
    ///
    /// Blocks without limit while journald is frozen and its queue (some ten entries) is full.
    ///
    /// - Complexity: Some 20 µs an entry.
    package func send(_ deliveries: [PendingDelivery]) -> SendOutcome {
        for (index, delivery) in deliveries.enumerated() {
            // libsystemd takes a missing socket for success and drops the entry: a machine
            // without journald is no error to it. So we look ourselves, before each entry. One
            // lost all the same, in between, is not found later and is sent again.
            if let reason = socketFault() { return .unavailable(sent: index, reason: reason) }
            let entry = JournalEntry(delivery.report, sequence: delivery.sequence, store: store)
            let status = Self.send(entry)
            if status < 0 {
                let reason = unsafe String(cString: strerror(-status))
                return .unavailable(sent: index, reason: "\(Self.socket): \(reason)")
            }
        }
        return .sent
    }

    private func socketFault() -> String? {
        var status = stat()
        guard unsafe stat(Self.socket, &status) == 0 else {
            return "\(Self.socket): \(unsafe String(cString: strerror(errno)))"
        }
        return status.st_mode & S_IFMT == S_IFSOCK ? nil : "\(Self.socket): not a socket"
    }

    /// Sends one entry; 0 or a negative error number.
    private static func send(_ entry: JournalEntry) -> Int32 {
        var bytes = Array(entry.fields.joined())
        return unsafe bytes.withUnsafeMutableBytes { buffer in
            var vectors: [iovec] = unsafe []
            var start = 0
            for field in entry.fields {
                let part = unsafe buffer.baseAddress.map { unsafe $0 + start }
                unsafe vectors.append(iovec(iov_base: part, iov_len: field.count))
                start += field.count
            }
            return unsafe sd_journal_sendv(vectors, Int32(vectors.count))
        }
    }

    /// Reads back which of the reports the journal holds.
    ///
    /// journald stores an entry some tens of microseconds after it was sent, and what is stored
    /// can be read at once, though the file's readers are woken only up to 250 ms later: so
    /// we look, and look again after growing pauses. `journalctl --sync` would be a sharper
    /// barrier, but needs root.
    ///
    /// Opens the journal anew each time, as its files come and go.
    package func confirm(_ ids: [String], patience: Int) -> ConfirmOutcome {
        do throws(JournalReader.Unreadable) {
            let reader = try JournalReader()
            var found: Set<String> = []
            var pause = 1
            var waited = 0
            while true {
                for id in ids where !found.contains(id) && reader.holds("TOCSIN_REPORT_ID", id) {
                    found.insert(id)
                }
                guard found.count < ids.count, waited < patience else { return .found(found) }
                reader.awaitChange(milliseconds: pause)
                waited += pause
                pause = min(pause * 2, 64)
            }
        } catch {
            return .unreadable(reason: error.reason)
        }
    }
}
