// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// What the daemon tells systemd: readiness, how it fares, and that each of its threads is alive.
@Suite(.serialized) struct WatchdogTests {
    private let host: Host
    private let manager: NotifySocket
    private static let intervalSeconds = 2.0

    init() throws {
        host = try Host()
        manager = try NotifySocket(in: host.scratch.path)
    }

    private func start(expectsSigns: Bool = true) throws {
        host.prefix = ["/usr/bin/env", "NOTIFY_SOCKET=\(manager.path)"]
        if expectsSigns {
            host.prefix.append("WATCHDOG_USEC=\(Int(Self.intervalSeconds * 1e6))")
        }
        try host.start()
        host.wait(for: "READY=1") { manager.lines.contains("READY=1") }
    }

    private var signs: Int { manager.count(of: "WATCHDOG=1") }

    @Test func anIdleDaemonGoesOnGivingSignsOfLife() throws {
        try start()
        let begin = Date()
        // Twice as long as a thread may be silent.
        let wanted = signs + 2 * 4
        host.wait(for: "\(wanted) signs") { signs >= wanted }
        #expect(Date().timeIntervalSince(begin) < 60)
        #expect(host.end() == 0)
        #expect(manager.lines.contains("STOPPING=1"))
    }

    @Test func nothingIsToldThatNobodyExpects() throws {
        try start(expectsSigns: false)
        host.wait(for: "status") {
            manager.lines.contains { $0.contains("no alert since the start") }
        }
        #expect(signs == 0)
        #expect(host.end() == 0)
    }

    @Test func theStatusSaysWhatWasReadAndWhatWasFoundLast() throws {
        try start()
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        for number in 0..<5 {
            let line = Host.record(number, isMarked: number == 3) + "\n"
            try log.write(contentsOf: Data(line.utf8))
        }
        host.wait(for: "the status") {
            manager.lines.contains {
                $0.hasPrefix(
                    "STATUS=watching with 1 rules; 1 logs, 5 records, 0 bytes not yet read; "
                        + "last alert high at ")
            }
        }
        #expect(host.end() == 0)
    }

    @Test(
        "a thread that is stopped ends the signs of life, and its going on brings them back",
        .enabled(if: geteuid() == 0, "another process's thread is stopped by root only"),
        arguments: ["read", "evaluate", "commit", "deliver"])
    func stopped(thread: String) throws {
        try start()
        let daemon = try #require(host.daemon?.processIdentifier)
        let stopper = try Stopper(process: daemon, thread: thread)
        // What is told is taken meanwhile: a full socket would hold the daemon's watchdog up.
        var before = signs
        host.wait(for: "word of it") {
            before = signs
            return host.errors.contains("the thread \(thread) hangs")
        }
        // Time for four signs. Waiting is the fact that is looked for here: none may come.
        Thread.sleep(forTimeInterval: Self.intervalSeconds)
        #expect(signs == before)
        stopper.end()
        host.wait(for: "signs again") { signs > before + 2 }
        #expect(host.end() == 0)
    }

    @Test func aFullDiskIsNoHang() throws {
        // Not a fault of the process: ending it would mend nothing.
        let volume = try SmallVolume(at: host.state)
        host.prefix = volume.prefix + ["/usr/bin/env", "NOTIFY_SOCKET=\(manager.path)"]
        host.prefix.append("WATCHDOG_USEC=\(Int(Self.intervalSeconds * 1e6))")
        try host.start()
        host.wait(for: "READY=1") { manager.lines.contains("READY=1") }
        try volume.fill()
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        try log.write(contentsOf: Data((Host.record(1, isMarked: true) + "\n").utf8))
        host.wait(for: "word of it") {
            _ = signs
            return host.errors.contains("reading waits until")
        }
        let wanted = signs + 8
        host.wait(for: "\(wanted) signs") { signs >= wanted }
        try volume.free()
        host.wait(for: "the report") { volume.reports.count == 1 }
        #expect(host.end() == 0)
    }
}

/// A thread of another process, stopped for as long as this lasts.
final class Stopper {
    private let process = Process()

    init(process id: Int32, thread: String) throws {
        let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardized
        process.executableURL = root.appendingPathComponent("deploy/stop-thread")
        process.arguments = ["\(id)", thread]
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    deinit { end() }

    /// Lets the thread go on: the kernel does when its tracer ends.
    func end() { kill(process.processIdentifier, SIGKILL) }
}
