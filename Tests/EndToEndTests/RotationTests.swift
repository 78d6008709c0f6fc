// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Reports
import TestSupport
import Testing

/// The logrotate of the distribution beside the daemon, in the ways that operators set it up.
@Suite(
    .enabled(
        if: geteuid() == 0 && FileManager.default.isExecutableFile(atPath: LogRotation.program),
        "needs the package logrotate, and root, to whom its configuration has to belong"))
struct RotationTests {
    private static let rotations = 5

    @Test(
        "whatever way logrotate takes: each record has one report, and nothing is told as lost",
        arguments: RotationWay.all)
    func everyRecordOnce(way: RotationWay) throws {
        let seed = UInt64(way.name.utf8.reduce(0) { $0 &* 31 &+ UInt32($1) })
        print("logrotate, \(way.name): seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let host = try Host()
        let rotation = try LogRotation(of: host, way: way)
        try host.watch("\(host.logs)/*.jsonl*", "\(rotation.oldFolder)/*.jsonl*")
        try host.start()

        let writer = RotatedLogWriter(rotation, seed: seed)
        try writer.start()
        for _ in 0..<Self.rotations {
            usleep(UInt32.random(in: 1_000...300_000, using: &random))
            try writer.whilePausing(if: way.isCopied) { try rotation.run() }
        }
        // Once more while no daemon runs: the next one knows the files by what they hold.
        #expect(host.end() == 0)
        try writer.whilePausing(if: way.isCopied) { try rotation.run() }
        try host.start()
        usleep(UInt32.random(in: 1_000...300_000, using: &random))
        let written = writer.finish()
        host.waitForReports(written)
        #expect(host.end() == 0)

        let reports = host.reports()
        let found = reports.compactMap(\.recordID)
        let missing = Set((1...written).map { "r\($0)" }).subtracting(found)
        #expect(missing.isEmpty, "seed \(seed): \(missing.sorted()) missing; \(host.errors)")
        #expect(found.count == written, "seed \(seed): \(host.errors)")
        let others = reports.filter { $0.kind != .detection || $0.recordID == nil }
        #expect(others.isEmpty, "seed \(seed): \(others.map(\.json)); \(host.errors)")
    }
}

/// One way to set logrotate up.
struct RotationWay: Sendable, CustomTestStringConvertible {
    let name: String
    let directives: [String]
    /// The log is copied and cut: what is written while that goes on is lost by logrotate itself,
    /// as its manual says, so the writer has to pause.
    var isCopied: Bool { directives.contains("copytruncate") }

    var testDescription: String { name }

    init(_ directives: String..., named name: String? = nil) {
        self.name = name ?? directives.joined(separator: ", ")
        self.directives = directives
    }

    static let all: [RotationWay] = [
        RotationWay("create", "nocompress"),
        RotationWay("create", "compress"),
        RotationWay("create", "compress", "delaycompress"),
        RotationWay("copytruncate", "nocompress"),
        RotationWay("copytruncate", "compress"),
        RotationWay("copytruncate", "compress", "delaycompress"),
        // A name a second: logrotate leaves a log alone whose next name is taken.
        RotationWay("create", "compress", "dateext", "dateformat -%Y%m%d-%s", named: "dateext"),
        RotationWay("create", "compress", "olddir OLD", named: "olddir"),
        RotationWay("copytruncate", "olddir OLD", named: "copytruncate, olddir"),
        RotationWay(
            "create", "compress", "compresscmd /usr/bin/zstd", "compressext .zst",
            "compressoptions -q", named: "zstd"),
    ].filter { $0.name != "zstd" || FileManager.default.isExecutableFile(atPath: "/usr/bin/zstd") }
}

/// logrotate with a configuration and a state file of its own, for one log.
final class LogRotation: Sendable {
    static let program = "/usr/sbin/logrotate"

    let log: String
    let oldFolder: String
    /// There while logrotate waits for the writer to open the log anew; nil when it does not.
    let flag: String?
    private let configuration: String
    private let state: String
    private let output: String

    init(of host: Host, way: RotationWay) throws {
        log = host.logs + "/chat.jsonl"
        oldFolder = host.scratch.path + "/old"
        configuration = host.scratch.path + "/logrotate.conf"
        state = host.scratch.path + "/logrotate.state"
        output = host.scratch.path + "/logrotate.output"
        flag = way.isCopied ? nil : host.scratch.path + "/reopen"
        try FileManager.default.createDirectory(
            atPath: oldFolder, withIntermediateDirectories: true)
        var directives = ["su root root", "rotate 1000"]
        directives += way.directives.map { $0.replacing("OLD", with: oldFolder) }
        if let flag {
            // Stands for the signal by which servers are told, and for their heeding it.
            directives += [
                "postrotate",
                "touch \(flag); timeout 60 sh -c 'while [ -e \(flag) ]; do sleep 0.01; done'",
                "endscript",
            ]
        }
        let text = (["\(log) {"] + directives.map { "    \($0)" } + ["}", ""])
            .joined(separator: "\n")
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
        chmod(configuration, 0o644)
    }

    /// Rotates now, or as soon as the name that logrotate wants is free.
    func run() throws {
        while true {
            let (status, said) = try attempt()
            if status == 0 { return }
            guard said.contains("already exists, skipping rotation") else {
                Issue.record("logrotate: status \(status): \(said)")
                return
            }
            usleep(50_000)
        }
    }

    private func attempt() throws -> (status: Int32, said: String) {
        unlink(output)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["-f", "-s", state, configuration]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle.appending(to: output)
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try String(contentsOfFile: output, encoding: .utf8))
    }
}

/// Writes marked records to a log that is rotated beside it, until told to end.
struct RotatedLogWriter {
    private let rotation: LogRotation
    private let seed: UInt64
    /// Held while a record is written.
    private let writing = NSLock()
    private let thread = WritingThread(nothing: 0)

    init(_ rotation: LogRotation, seed: UInt64) {
        self.rotation = rotation
        self.seed = seed
    }

    /// Creates the log and writes from a thread of its own.
    func start() throws {
        let log = try FileHandle.appending(to: rotation.log)
        thread.start { [self] in try write(to: log, until: $0) }
    }

    /// Ends the writing; how many records were written, numbered from 1.
    func finish() -> Int { thread.finish() }

    /// Runs `body`; with nothing written meanwhile when `isPausing`.
    func whilePausing(if isPausing: Bool, _ body: () throws -> Void) rethrows {
        if isPausing { try writing.withLock(body) } else { try body() }
    }

    private func write(to created: FileHandle, until isEnding: () -> Bool) throws -> Int {
        var random = SeededGenerator(seed: seed &+ 1000)
        var log = created
        var written = 0
        while !isEnding() {
            // Servers heed the signal when they come to it: some records still go into the file
            // that was renamed.
            if let flag = rotation.flag, access(flag, F_OK) == 0,
                Int.random(in: 0..<8, using: &random) == 0
            {
                log = try .appending(to: rotation.log)
                unlink(flag)
            }
            try writing.withLock {
                let line = Host.record(written + 1, isMarked: true) + "\n"
                try log.write(contentsOf: Data(line.utf8))
                written += 1
            }
            usleep(UInt32.random(in: 100...2_000, using: &random))
        }
        return written
    }
}
