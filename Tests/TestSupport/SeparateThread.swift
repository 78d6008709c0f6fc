// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Foundation
internal import Glibc
internal import Synchronization

/// Runs code on a thread of its own, which may leave the process's view of the file system.
///
/// A namespace or a user id that such a thread takes on ends with it, and the threads that it
/// starts take them on too. Nothing that it runs may hand work to a pool of threads.
package enum SeparateThread {
    private static let cloneFileSystem = Int32(TOCSIN_CLONE_FS)
    private static let cloneMounts = Int32(TOCSIN_CLONE_NEWNS)

    /// Runs `body` on a new thread and waits for it.
    package static func run<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) throws -> Result {
        let outcome = Mutex<Swift.Result<Result, any Error>?>(nil)
        let ended = DispatchSemaphore(value: 0)
        let thread = Thread {
            let result = Swift.Result { try body() }
            outcome.withLock { $0 = result }
            ended.signal()
        }
        thread.start()
        ended.wait()
        guard let result = outcome.withLock({ $0 }) else {
            preconditionFailure("a thread without a result")
        }
        return try result.get()
    }

    /// Runs `body` where `directory` is an empty file system in memory of `bytes` bytes.
    package static func withVolume<Result: Sendable>(
        at directory: String, bytes: Int, _ body: @escaping @Sendable () throws -> Result
    ) throws -> Result {
        try run {
            try check(unshare(cloneFileSystem | cloneMounts), "unshare")
            let shared = unsafe mount(nil, "/", nil, UInt(MS_REC) | UInt(MS_PRIVATE), nil)
            try check(shared, "mount --make-rprivate /")
            let made = unsafe "size=\(bytes),mode=755".withCString {
                unsafe mount("tmpfs", directory, "tmpfs", 0, $0)
            }
            try check(made, "mount tmpfs")
            return try body()
        }
    }

    /// Runs `body` with the rights of user 65534 to files, as far as opening them goes.
    package static func withoutFileRights<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) throws -> Result {
        try run {
            _ = setfsuid(65534)
            return try body()
        }
    }

    /// Runs `body` in the mount namespace of another process.
    package static func insideNamespace<Result: Sendable>(
        of process: Int32, _ body: @escaping @Sendable () throws -> Result
    ) throws -> Result {
        try run {
            let descriptor = unsafe open("/proc/\(process)/ns/mnt", O_RDONLY | O_CLOEXEC)
            try check(descriptor, "open the namespace")
            defer { close(descriptor) }
            // A thread that shares its root and working directory may not change namespaces.
            try check(unshare(cloneFileSystem), "unshare")
            try check(setns(descriptor, cloneMounts), "setns")
            return try body()
        }
    }

    /// The running thread's id, as in /proc/self/task.
    package static var currentID: Int32 { gettid() }

    private static func check(_ status: Int32, _ call: String) throws {
        guard status < 0 else { return }
        throw SystemCallError(description: "\(call): \(unsafe String(cString: strerror(errno)))")
    }
}

/// A system call that a test needs has failed.
package struct SystemCallError: Error, CustomStringConvertible {
    package let description: String
}
