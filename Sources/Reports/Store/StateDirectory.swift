// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Glibc

/// The directory that holds everything that Tocsin must remember, and the lock on it.
///
///     DIR/tocsin.lock     who works with it: a process id, locked with flock(2)
///     DIR/tocsin.sqlite   reports, queue and checkpoints (and -wal, -shm beside it)
///     DIR/actor.key       the key of the pseudonyms
///
/// The lock lives as long as this object, and the kernel drops it with the process.
@safe
final class StateDirectory: Sendable {
    let path: String
    private let lockDescriptor: Int32

    /// Creates the directory (mode 0700) unless it is there, and takes the lock.
    ///
    /// - Throws: ``StoreError``: no directory, not writable, or another daemon's.
    init(owning path: String) throws(StoreError) {
        self.path = path
        try Self.createDirectory(path)
        let lock = path + "/tocsin.lock"
        let descriptor = unsafe open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(errno: errno, file: lock, "the lock cannot be opened")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let owner = Self.processID(in: descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else {
                throw StoreError(errno: code, file: lock, "the lock cannot be taken")
            }
            let name = owner.map { "process \($0)" } ?? "another process"
            throw StoreError(
                .owned(by: owner), file: path,
                "\(name) already works with this state directory; "
                    + "stop it or choose another directory"
            )
        }
        lockDescriptor = descriptor
        // For the message above only, so a full disk may leave it out.
        let owner = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = unsafe pwrite(descriptor, owner, owner.count, 0) }
    }

    deinit { close(lockDescriptor) }

    /// Creates the directory (mode 0700) unless it is there.
    static func createDirectory(_ path: String) throws(StoreError) {
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST {
            throw StoreError(errno: errno, file: path, "the state directory cannot be created")
        }
        try requireDirectory(path)
    }

    /// - Throws: ``StoreError`` unless `path` is a directory.
    static func requireDirectory(_ path: String) throws(StoreError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            if errno == ENOENT {
                throw StoreError(.missing, file: path, "there is no such directory")
            }
            throw StoreError(errno: errno, file: path, "the state directory cannot be opened")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw StoreError(
                .notADirectory, file: path, "this is no directory; name one for Tocsin's state")
        }
    }

    /// Creates an empty file (mode 0600) unless it is there.
    ///
    /// An existing file is not even opened: closing a descriptor of it would drop the locks
    /// that SQLite holds on it in this process (fcntl(2), "record locks").
    ///
    /// - Throws: ``StoreError`` when it can be neither found nor created.
    func createIfMissing(_ name: String) throws(StoreError) {
        let file = "\(path)/\(name)"
        let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            throw StoreError(errno: errno, file: file, "the file cannot be created")
        }
        close(descriptor)
        Self.synchronize(path)
    }

    /// Makes the directory's entries outlast a power failure, as far as its file system can.
    static func synchronize(_ path: String) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func processID(in descriptor: Int32) -> Int? {
        var text = [UInt8](repeating: 0, count: 20)
        let count = unsafe pread(descriptor, &text, text.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: text[..<count].prefix { $0 != 0x0a }, as: UTF8.self))
    }
}
