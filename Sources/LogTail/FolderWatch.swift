// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Waits for changes in folders, by inotify(7), and for the order to stop.
///
/// What it tells is a hint: every file is also looked at when the reader rescans, so an event
/// that is lost costs time and no data. Where inotify is not to be had the rescan alone finds
/// changes.
final class FolderWatch: @unchecked Sendable {
    /// What happened since the last wait.
    struct Changes {
        /// Files whose content changed.
        var paths: Set<String> = []
        /// Names came, went or changed, or events were lost: time to look at all files.
        var needsRescan = false
        var isStopped = false
    }

    private let inotify: Int32
    private let stopSignal: Int32
    private var folders: [Int32: String] = [:]
    private var watched: [String: Int32] = [:]
    private let eventBytes = 64 << 10

    init() {
        inotify = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        stopSignal = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        precondition(stopSignal >= 0, "eventfd: \(SystemError(errno).text)")
    }

    deinit {
        if inotify >= 0 { close(inotify) }
        close(stopSignal)
    }

    /// Makes a present or coming wait return with `isStopped`; from any thread.
    func stop() { eventfd_write(stopSignal, 1) }

    /// Watches these folders, and no others from now on.
    func watch(_ wanted: Set<String>) {
        guard inotify >= 0 else { return }
        for (folder, descriptor) in watched where !wanted.contains(folder) {
            inotify_rm_watch(inotify, descriptor)
            watched[folder] = nil
            folders[descriptor] = nil
        }
        let mask =
            IN_CREATE | IN_DELETE | IN_MODIFY | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB
            | IN_ONLYDIR
        for folder in wanted {
            // Again for a folder that is watched: it may be another one of the same name now.
            let descriptor = unsafe inotify_add_watch(inotify, folder, UInt32(mask))
            guard descriptor >= 0 else { continue }
            watched[folder] = descriptor
            folders[descriptor] = folder
        }
    }

    /// Waits until something changes, `timeout` has passed, or ``stop()`` is called.
    func wait(_ timeout: Duration) -> Changes {
        var changes = Changes()
        var descriptors = [
            pollfd(fd: stopSignal, events: Int16(POLLIN), revents: 0),
            pollfd(fd: inotify, events: Int16(POLLIN), revents: 0),
        ]
        let parts = timeout.components
        let milliseconds =
            parts.seconds * 1000 + (parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        _ = unsafe poll(&descriptors, 2, Int32(clamping: max(0, milliseconds)))
        changes.isStopped = descriptors[0].revents != 0
        if descriptors[1].revents != 0 { drain(into: &changes) }
        return changes
    }

    private func drain(into changes: inout Changes) {
        var bytes = [UInt8](repeating: 0, count: eventBytes)
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe read(inotify, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return }
            unsafe bytes.withUnsafeBytes { unsafe note($0, count: count, in: &changes) }
        }
    }

    /// Reads the events, each a header and a name padded with NULs (inotify(7)).
    private func note(_ bytes: UnsafeRawBufferPointer, count: Int, in changes: inout Changes) {
        let headerBytes = MemoryLayout<inotify_event>.size
        var at = 0
        while at + headerBytes <= count {
            let event = unsafe bytes.loadUnaligned(fromByteOffset: at, as: inotify_event.self)
            let nameBytes = Int(event.len)
            if event.mask & UInt32(IN_MODIFY) != 0, let folder = folders[event.wd] {
                let name = unsafe bytes[(at + headerBytes)..<(at + headerBytes + nameBytes)]
                    .prefix { $0 != 0 }
                let file = unsafe String(decoding: name, as: UTF8.self)
                changes.paths.insert(
                    folder == "." ? file : folder == "/" ? "/\(file)" : "\(folder)/\(file)")
            } else {
                changes.needsRescan = true
            }
            at += headerBytes + nameBytes
        }
    }
}
