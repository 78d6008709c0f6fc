// SPDX-License-Identifier: Apache-2.0
internal import CSystemd
internal import Glibc

/// The journal opened for reading; used and closed on the thread that opened it.
@safe
struct JournalReader: ~Copyable {
    private let journal: OpaquePointer

    /// Opens this machine's journal, volatile and persistent, of all namespaces: a unit with
    /// `LogNamespace=` writes into another one than it would read by default.
    ///
    /// - Throws: ``Unreadable`` when no journal file may be read.
    /// - Complexity: Opens and maps every journal file, some 30 µs each.
    init() throws(Unreadable) {
        var opened: OpaquePointer?
        let flags = Int32(SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_ALL_NAMESPACES)
        let status = unsafe sd_journal_open_namespace(&opened, nil, flags)
        guard status >= 0, let opened = unsafe opened else {
            throw Unreadable(reason: unsafe String(cString: strerror(-status)))
        }
        // Files without permission are passed over without an error.
        guard
            unsafe sd_journal_has_runtime_files(opened) > 0
                || sd_journal_has_persistent_files(opened) > 0
        else {
            unsafe sd_journal_close(opened)
            throw Unreadable(
                reason: "no journal file can be read; the user must be in group systemd-journal")
        }
        unsafe journal = opened
    }

    deinit { unsafe sd_journal_close(journal) }

    /// The journal holds nothing that this process may read.
    struct Unreadable: Error {
        let reason: String
    }

    /// Whether an entry has this field with this value.
    ///
    /// - Complexity: One hash look-up a journal file, some 1 µs each.
    func holds(_ field: String, _ value: String) -> Bool {
        unsafe sd_journal_flush_matches(journal)
        let match = Array("\(field)=\(value)".utf8)
        guard unsafe sd_journal_add_match(journal, match, match.count) >= 0,
            unsafe sd_journal_seek_head(journal) >= 0
        else { return false }
        return unsafe sd_journal_next(journal) > 0
    }

    /// Waits until the journal tells of a change, at most `milliseconds`; takes in new files.
    func awaitChange(milliseconds: Int) {
        _ = unsafe sd_journal_wait(journal, UInt64(milliseconds) * 1000)
    }
}
