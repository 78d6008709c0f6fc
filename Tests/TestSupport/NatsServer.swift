// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Foundation
internal import Glibc

/// A nats-server with JetStream of the test's own, on a port that stays through restarts.
package final class NatsServer: @unchecked Sendable {
    package let port: Int
    private let scratch: Scratch
    private let prefix: [String]
    private var process: Process?
    private let store: String

    /// Why there can be no server here, or nil when there can; where CI is `true` there must be.
    package static var obstacle: String? {
        if program != nil || ProcessInfo.processInfo.environment["CI"] == "true" { return nil }
        return "nats-server is not installed (apt-get install nats-server)"
    }

    private static var program: String? {
        ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"]
            .first { unsafe access($0, X_OK) == 0 }
    }

    /// Starts a server and waits until it answers.
    ///
    /// - Parameters:
    ///   - settings: More of its configuration.
    ///   - store: Where its streams lie; nil: a folder of its own.
    ///   - prefix: What its command line begins with.
    package init(
        settings: String = "", store: String? = nil, port: Int? = nil, prefix: [String] = []
    ) throws {
        scratch = try Scratch()
        self.port = try port ?? Self.freePort()
        self.prefix = prefix
        self.store = store ?? "\(scratch.path)/store"
        try configure(settings)
        try start()
    }

    deinit { stop(SIGKILL) }

    package var url: String { "nats://127.0.0.1:\(port)" }
    package var log: String {
        (try? String(contentsOfFile: "\(scratch.path)/log", encoding: .utf8)) ?? ""
    }

    /// Writes what the next start reads.
    package func configure(_ settings: String) throws {
        try """
        listen: 127.0.0.1:\(port)
        jetstream { store_dir: "\(store)" }
        \(settings)
        """.write(toFile: "\(scratch.path)/conf", atomically: true, encoding: .utf8)
    }

    package func start(awaitsAnswer: Bool = true) throws {
        guard let program = Self.program else {
            throw SystemCallError(description: "nats-server is not installed")
        }
        let process = Process()
        let command = prefix + [program, "-c", "\(scratch.path)/conf"]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        let log = try FileHandle.appending(to: "\(scratch.path)/log")
        process.standardError = log
        process.standardOutput = log
        process.standardInput = FileHandle.nullDevice
        try process.run()
        self.process = process
        guard awaitsAnswer else { return }
        try awaitAnswer()
    }

    /// Waits until the server takes connections.
    package func awaitAnswer() throws {
        let deadline = Date() + 30
        while !Self.answers(port) {
            guard Date() < deadline, process?.isRunning == true else {
                throw SystemCallError(description: "nats-server does not start: \(log)")
            }
            usleep(10_000)
        }
    }

    /// Ends the server with a signal and waits for it.
    package func stop(_ signal: Int32 = SIGTERM) {
        guard let process else { return }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        self.process = nil
    }

    package func restart() throws {
        stop(SIGKILL)
        try start()
    }

    /// A port that nobody listens on now.
    package static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = localAddress(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                unsafe bind(descriptor, plain, length) == 0
                    && getsockname(descriptor, plain, &length) == 0
            }
        }
        guard status else { throw SystemCallError(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func answers(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = localAddress(UInt16(port))
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                unsafe connect(descriptor, plain, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func localAddress(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
