// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Foundation
internal import Glibc

/// A socket of another process, held in common with it: what is set here is set there.
package final class ForeignSocket {
    private let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// The sockets for datagrams that a process has open.
    package static func datagramSockets(of process: Int32) throws -> [ForeignSocket] {
        let handle = pidfd_open(process, 0)
        guard handle >= 0 else { throw SystemCallError(description: "no process \(process)") }
        defer { close(handle) }
        return try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")
            .compactMap { Int32($0) }.map { pidfd_getfd(handle, $0, 0) }.filter { $0 >= 0 }
            .map(ForeignSocket.init).filter { $0.option(SO_TYPE) == Int32(SOCK_DGRAM.rawValue) }
    }

    /// Makes the room for what is sent as small as the kernel allows, and with it each datagram.
    package func minimizeDatagrams() throws {
        var bytes: Int32 = 1
        let status = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        guard status == 0 else { throw SystemCallError(description: "SO_SNDBUF is refused") }
    }

    /// Whether the kernel refuses a datagram for its size alone: before it looks where it goes.
    package func isTooLarge(bytes: Int) -> Bool {
        let datagram = [UInt8](repeating: 0, count: bytes)
        let count = unsafe send(descriptor, datagram, bytes, Int32(TOCSIN_MSG_NOSIGNAL))
        return count < 0 && errno == EMSGSIZE
    }

    private func option(_ name: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }
}
