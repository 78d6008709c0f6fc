// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Waits for changes in folders, by inotify(7), and for the order to stop.
///
/// What it tells is a hint: every file is also looked at when the reader rescans, so an event
/// that is lost costs time and no data. A file system that is written to from elsewhere cannot
/// tell (network and FUSE file systems), and the kernel may have no more watches to give: then
/// ``isBlind`` is set and the reader looks often.
@safe
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
    private let poller: Int32
    private let isPolling: Bool
    /// Changes in some folder are not told.
    private(set) var isBlind: Bool
    private var folders: [Int32: String] = [:]
    private var watched: [String: Int32] = [:]
    /// Where events are read to.
    private let events = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 8)

    /// - Parameter isPolling: Watch nothing, as where no file system can tell of changes.
    init(isPolling: Bool = false) {
        self.isPolling = isPolling
        isBlind = isPolling
        inotify = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        stopSignal = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(
            stopSignal >= 0 && poller >= 0, "no descriptors left: \(SystemError(errno).text)")
        for descriptor in [stopSignal, inotify] where descriptor >= 0 {
            var event = unsafe epoll_event()
            unsafe event.events = EPOLLIN.rawValue
            unsafe epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event)
        }
    }

    deinit {
        if inotify >= 0 { close(inotify) }
        close(stopSignal)
        close(poller)
        unsafe events.deallocate()
    }

    /// Makes a present or coming wait return with `isStopped`; from any thread.
    func stop() { eventfd_write(stopSignal, 1) }

    /// Watches these folders, and no others from now on.
    func watch(_ wanted: Set<String>) {
        guard !isPolling else { return }
        for (folder, descriptor) in watched where !wanted.contains(folder) {
            inotify_rm_watch(inotify, descriptor)
            watched[folder] = nil
            folders[descriptor] = nil
        }
        isBlind = false
        let mask =
            IN_CREATE | IN_DELETE | IN_MODIFY | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB
            | IN_ONLYDIR
        for folder in wanted {
            // Again for a folder that is watched: it may be another one of the same name now.
            let descriptor = unsafe inotify_add_watch(inotify, folder, UInt32(mask))
            guard descriptor >= 0 else {
                isBlind = isBlind || errno != ENOENT
                continue
            }
            isBlind = isBlind || !FileSystem.tellsOfChanges(in: folder)
            watched[folder] = descriptor
            folders[descriptor] = folder
        }
    }

    /// Waits until something changes, `timeout` has passed, or ``stop()`` is called.
    func wait(_ timeout: Duration) -> Changes {
        var changes = Changes()
        var event = unsafe epoll_event()
        let parts = timeout.components
        let milliseconds =
            parts.seconds * 1000 + (parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        if unsafe epoll_wait(poller, &event, 1, Int32(clamping: max(0, milliseconds))) > 0 {
            var count: eventfd_t = 0
            changes.isStopped = unsafe eventfd_read(stopSignal, &count) == 0
            drain(into: &changes)
        }
        return changes
    }

    /// Takes the events that are there, as many as one read gives: where a folder is written to
    /// without a pause there would be no end of them.
    private func drain(into changes: inout Changes) {
        let bytes = unsafe events
        let count = unsafe read(inotify, bytes.baseAddress, bytes.count)
        if count > 0 { unsafe note(UnsafeRawBufferPointer(bytes), count: count, in: &changes) }
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

/// What kind of file system a folder is on.
enum FileSystem {
    /// Whether all changes pass through this kernel, so that inotify sees them.
    ///
    /// The others are named by their magic numbers of `statfs(2)`.
    static func tellsOfChanges(in folder: String) -> Bool {
        var status = statfs()
        guard unsafe statfs(folder, &status) == 0 else { return true }
        return !writtenFromElsewhere.contains(UInt32(truncatingIfNeeded: status.f_type))
    }

    private static let writtenFromElsewhere: Set<UInt32> = [
        0x6969,  // NFS
        0x517b, 0xfe53_4d42, 0xff53_4d42,  // SMB, SMB2, CIFS
        0x0102_1997,  // 9p
        0x6573_5546,  // FUSE
        0x00c3_6400,  // Ceph
        0x5346_414f,  // AFS
        0x4750_4653,  // GPFS
        0x0bd0_0bd0,  // Lustre
        0x786f_4256,  // VirtualBox shared folders
        0x0116_1970, 0x7461_636f,  // GFS2, OCFS2
    ]
}
