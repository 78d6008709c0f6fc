// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Foundation
internal import Glibc

/// The socket on which a service tells its manager how it fares (sd_notify(3)).
package final class NotifySocket: @unchecked Sendable {
    /// What `NOTIFY_SOCKET` has to be.
    package let path: String
    private let descriptor: Int32
    private let lock = NSLock()
    private var received: [String] = []

    package init(in folder: String) throws {
        path = folder + "/notify"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SystemCallError(description: "\(path) is too long for a socket")
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) {
            unsafe $0.copyBytes(from: path.utf8)
        }
        let status = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard descriptor >= 0, status == 0 else {
            throw SystemCallError(description: "no socket can be made at \(path)")
        }
    }

    deinit { close(descriptor) }

    /// All lines told so far, as `READY=1`.
    package var lines: [String] {
        lock.withLock {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = unsafe recv(
                    descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                guard count > 0 else { return received }
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                received += text.split(separator: "\n").map(String.init)
            }
        }
    }

    /// How often a line was told.
    package func count(of line: String) -> Int { lines.filter { $0 == line }.count }
}
