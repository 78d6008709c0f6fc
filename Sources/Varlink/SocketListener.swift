// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import CSystemd
internal import Glibc

/// Where a server takes connections from.
package enum VarlinkAddress: Sendable, Equatable {
    /// A socket file, made by the server and removed at its end. Who may connect is the mode's
    /// matter; who may call what the handlers'.
    case path(String, mode: UInt32 = 0o666)
    /// A listening socket that was handed to the process; it becomes the server's.
    case descriptor(Int32)

    /// The listening socket that systemd has handed to this process under `name`
    /// (`FileDescriptorName=` of the socket unit), or nil.
    ///
    /// - Source: sd_listen_fds_with_names(3)
    package static func passed(named name: String) -> VarlinkAddress? {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = unsafe sd_listen_fds_with_names(0, &names)
        guard count > 0, let names = unsafe names else { return nil }
        defer { unsafe free(names) }
        var found: Int32?
        for index in 0..<Int(count) {
            guard let passed = unsafe names[index] else { continue }
            if unsafe String(cString: passed) == name, found == nil {
                found = SD_LISTEN_FDS_START + Int32(index)
            }
            unsafe free(passed)
        }
        return found.map { .descriptor($0) }
    }
}

/// A listening socket, and the file that it made.
@safe
final class SocketListener {
    /// Connections that wait to be taken; the kernel lets no more than somaxconn.
    private static let backlog: Int32 = 4096

    let descriptor: Int32
    private var file: SocketFile?

    init(_ address: VarlinkAddress) throws(VarlinkServerError) {
        switch address {
        case .path(let path, let mode):
            (descriptor, file) = try Self.bind(path, mode: mode)
        case .descriptor(let passed):
            let subject = "descriptor \(passed)"
            guard sd_is_socket_unix(passed, Int32(SOCK_STREAM.rawValue), 1, nil, 0) > 0
            else { throw VarlinkServerError(subject, "is no listening Unix stream socket") }
            let flags = fcntl(passed, F_GETFL)
            guard fcntl(passed, F_SETFL, flags | O_NONBLOCK) == 0,
                fcntl(passed, F_SETFD, FD_CLOEXEC) == 0
            else { throw VarlinkServerError(errno, subject, "fcntl") }
            descriptor = passed
        }
    }

    /// Takes no more connections and removes the socket's file.
    func end() {
        close(descriptor)
        file?.remove()
    }

    private static func bind(
        _ path: String, mode: UInt32
    ) throws(VarlinkServerError) -> (Int32, SocketFile) {
        guard let address = UnixAddress(path: path) else {
            throw VarlinkServerError(
                path, "a socket's path has 1 to \(UnixAddress.pathBytesMax) bytes; choose another")
        }
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(TOCSIN_SOCK_NONBLOCK) | Int32(TOCSIN_SOCK_CLOEXEC),
            0)
        guard descriptor >= 0 else { throw VarlinkServerError(errno, path, "socket") }
        do throws(VarlinkServerError) {
            var status = bindStatus(descriptor, address)
            if status == EADDRINUSE {
                try removeStale(path, address)
                status = bindStatus(descriptor, address)
            }
            guard status == 0 else { throw VarlinkServerError(status, path, "bind") }
            // Before anybody can connect, which takes a listener.
            guard unsafe chmod(path, mode) == 0, listen(descriptor, backlog) == 0,
                let file = SocketFile(path)
            else { throw VarlinkServerError(errno, path, "chmod or listen") }
            return (descriptor, file)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// 0, or the error number.
    private static func bindStatus(_ descriptor: Int32, _ address: UnixAddress) -> Int32 {
        unsafe address.withPointer { unsafe Glibc.bind(descriptor, $0, $1) } == 0 ? 0 : errno
    }

    /// Removes a socket that nobody serves any more; any other file is a reason to stop.
    private static func removeStale(
        _ path: String, _ address: UnixAddress
    ) throws(VarlinkServerError) {
        guard let file = SocketFile(path) else {
            throw VarlinkServerError(
                path, "a file that is no socket stands there; remove it or choose another path")
        }
        let probe = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(TOCSIN_SOCK_NONBLOCK) | Int32(TOCSIN_SOCK_CLOEXEC),
            0)
        guard probe >= 0 else { throw VarlinkServerError(errno, path, "socket") }
        defer { close(probe) }
        let status =
            unsafe address.withPointer { unsafe connect(probe, $0, $1) } == 0 ? 0 : errno
        switch status {
        case ECONNREFUSED: file.remove()
        case ENOENT: return
        case 0, EAGAIN:
            throw VarlinkServerError(
                path, "another process serves this socket; stop it or choose another path")
        default: throw VarlinkServerError(status, path, "connect")
        }
    }
}

/// A socket's file, known by its inode.
private struct SocketFile {
    let path: String
    private let device: dev_t
    private let inode: ino_t

    /// Nil when no socket stands at the path.
    init?(_ path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            return nil
        }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }

    /// Removes the file unless another has taken its place.
    func remove() {
        guard let now = SocketFile(path), now.inode == inode, now.device == device else { return }
        _ = unsafe unlink(path)
    }
}
