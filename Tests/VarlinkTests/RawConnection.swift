// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport

@testable import Varlink

/// Something that a test needs does not work.
struct TestFault: Error, CustomStringConvertible {
    let description: String
}

/// A connection that sends any bytes and reads messages, with no knowledge of the protocol.
final class RawConnection {
    let descriptor: Int32
    private var input: [UInt8] = []

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard let address = UnixAddress(path: path), descriptor >= 0,
            address.withPointer({ connect(descriptor, $0, $1) }) == 0
        else {
            let reason = String(cString: strerror(errno))
            throw TestFault(description: "connect \(path): \(reason)")
        }
        // A test that hangs fails instead.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    deinit { close(descriptor) }

    /// Sends all of it, or as much as the other side takes before it leaves; how much.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Int {
        sendAll(bytes, to: descriptor)
    }

    @discardableResult
    func send(_ text: String) -> Int { send(Array(text.utf8) + [0]) }

    /// No more will be sent.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next message, or nil at the end.
    func receive() -> String? {
        while true {
            if let end = input.firstIndex(of: 0) {
                defer { input.removeSubrange(...end) }
                return String(decoding: input[..<end], as: UTF8.self)
            }
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            let status = recv(descriptor, &buffer, buffer.count, 0)
            guard status > 0 else { return nil }
            input += buffer[..<status]
        }
    }

    /// The messages up to the end.
    func receiveAll() -> [String] {
        var messages: [String] = []
        while let message = receive() { messages.append(message) }
        return messages
    }
}

/// A method call of the test interface as a message without its NUL.
func call(_ method: String, _ parameters: String = "{}", _ more: String = "") -> String {
    #"{"method":"org.example.test.\#(method)","parameters":\#(parameters)\#(more)}"#
}

/// Sends all bytes, or as many as the other side takes before it leaves; how many.
@discardableResult
func sendAll(_ bytes: [UInt8], to descriptor: Int32) -> Int {
    var start = 0
    while start < bytes.count {
        let rest = Array(bytes[start...].prefix(1 << 20))
        let status = send(descriptor, rest, rest.count, Int32(MSG_NOSIGNAL))
        guard status > 0 else { break }
        start += status
    }
    return start
}
