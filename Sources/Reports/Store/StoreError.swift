// SPDX-License-Identifier: Apache-2.0
internal import GRDB
internal import Glibc

/// The state directory or a file in it cannot be used.
///
/// The description is one line that names the file and says what to do. It never holds a
/// value of the store: those are texts of conversations.
package struct StoreError: Error, Equatable, CustomStringConvertible {
    /// What is wrong, for callers that act on it.
    package enum Kind: Sendable, Equatable {
        /// No space: nothing was written, and the same call works once there is space again.
        case diskFull
        /// Another process held the database longer than the busy timeout; try again.
        case busy
        /// A read or write failed in the kernel; it may pass.
        case inputOutput
        case notPermitted
        case notADirectory
        /// There is no Tocsin state to open.
        case missing
        case damaged
        /// A later Tocsin wrote it.
        case newerVersion
        /// An earlier Tocsin wrote it and no daemon of this version has yet brought it up.
        case olderVersion
        /// Another daemon works with this directory; its process id, if it was told.
        case owned(by: Int?)
        /// A fault of this program.
        case failed
    }

    package let kind: Kind
    package let file: String
    private let message: String

    package var description: String { "\(file): \(message)" }

    /// Callers wait and repeat the call, with back-pressure, until space is freed.
    package var isDiskFull: Bool { kind == .diskFull }

    /// Whether the same call may work later without anybody's changing the set-up.
    package var isTransient: Bool {
        kind == .diskFull || kind == .busy || kind == .inputOutput
    }

    init(_ kind: Kind, file: String, _ message: String) {
        self.kind = kind
        self.file = file
        self.message = message
    }

    /// A system call's failure; `what` is in the form "the lock cannot be written".
    init(errno code: Int32, file: String, _ what: String) {
        let reason = unsafe String(cString: strerror(code))
        switch code {
        case ENOSPC, EDQUOT:
            self.init(
                .diskFull, file: file, "\(what): no space left; free some, Tocsin goes on by itself"
            )
        case EACCES, EPERM, EROFS:
            self.init(
                .notPermitted, file: file,
                "\(what): \(reason); give the user that runs Tocsin write access to it")
        case ENOTDIR:
            self.init(.notADirectory, file: file, "\(what): a part of this path is no directory")
        case ENOENT:
            self.init(.missing, file: file, "\(what): \(reason); create the directory above it")
        default:
            self.init(.inputOutput, file: file, "\(what): \(reason)")
        }
    }

    /// Whatever GRDB threw, without the values that it was about.
    init(_ error: any Error, file: String) {
        if let known = error as? StoreError {
            self = known
            return
        }
        guard let error = error as? DatabaseError else {
            // A row of another shape, whose error would print the row.
            self.init(.damaged, file: file, Self.damagedAdvice("a value of an unexpected kind"))
            return
        }
        // The code's own name; the full message may name more than the code.
        let name = error.extendedResultCode.description
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(errno: ENOSPC, file: file, "the database cannot grow")
        case .SQLITE_IOERR, .SQLITE_CANTOPEN:
            // SQLite tells a full disk as such only when it writes the database or its log; the
            // shared index of the log, or a file that cannot be created, fail in these words.
            if Self.isFull(volumeOf: file) {
                self.init(errno: ENOSPC, file: file, "the database cannot grow")
            } else if error.resultCode == .SQLITE_CANTOPEN {
                self.init(
                    .notPermitted, file: file,
                    "the database cannot be opened (\(name)); check who owns it and its directory")
            } else {
                self.init(
                    .inputOutput, file: file, "reading or writing failed (\(name)); check the disk")
            }
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(errno: EACCES, file: file, "the database cannot be written")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.busy, file: file, "another program holds the database; try again")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_MISMATCH:
            self.init(.damaged, file: file, Self.damagedAdvice(name))
        default:
            self.init(
                .failed, file: file,
                "the database refused a statement (\(name)); please report this")
        }
    }

    static func damagedAdvice(_ what: String) -> String {
        "the database is damaged (\(what)); restore it, or move it away and the logs are read anew"
    }

    /// Whether less is free than SQLite adds to a file at a time (32 KiB, the log's index).
    private static func isFull(volumeOf file: String) -> Bool {
        var volume = statvfs()
        // The file itself may not exist yet; its directory does.
        let directory = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        guard unsafe statvfs(directory.isEmpty ? "/" : directory, &volume) == 0 else {
            return false
        }
        let freeBytes = UInt64(volume.f_bavail) * UInt64(volume.f_frsize)
        return freeBytes < 64 * 1024 || (volume.f_files > 0 && volume.f_favail == 0)
    }
}
