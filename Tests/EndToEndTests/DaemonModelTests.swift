// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Reports
import TestSupport
import Testing

/// The daemon beside a random program of writers, operators and mishaps, against the list of
/// records written.
///
/// ``ModelSeeds`` says which programs.
@Suite struct DaemonModelTests {
    @Test("whatever writers and operators do, and whatever kills the daemon: one report a record")
    func oneReportARecord() { Self.runPrograms("in a plain folder", volume: nil) }

    @Test(
        "and also when the disk is full at times",
        .enabled(if: geteuid() == 0, "needs root, for a small file system"))
    func oneReportARecordOnAFullDisk() {
        Self.runPrograms("on a small disk") { try SmallVolume(at: $0) }
    }

    private static func runPrograms(
        _ place: String, volume: (@Sendable (String) throws -> SmallVolume)?
    ) {
        let faults = ModelSeeds(usualSeconds: 25).run("daemon model \(place)", atATime: 1) { seed in
            let model = try DaemonModel(seed: seed, volume: volume)
            let faults = model.run()
            return faults.isEmpty ? [] : faults + model.actions + [model.host.errors]
        }
        #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
    }
}

/// One random program and the daemon that it runs beside.
private final class DaemonModel {
    let host: Host
    /// What was done, for whoever looks into a failure.
    private(set) var actions: [String] = []
    private let volume: SmallVolume?
    private let secondFolder: String
    private var random: SeededGenerator
    private var logs: [ModelLog] = []
    /// Files to which nothing is added any more.
    private var resting: [ModelFile] = []
    private var nextRecord = 1
    private var isFrozen = false
    private var names = 0

    init(seed: UInt64, volume: ((String) throws -> SmallVolume)?) throws {
        random = SeededGenerator(seed: seed)
        host = try Host()
        secondFolder = host.scratch.path + "/second"
        try FileManager.default.createDirectory(
            atPath: secondFolder, withIntermediateDirectories: true)
        try host.watch("\(host.logs)/*.jsonl*", "\(secondFolder)/*.jsonl*")
        self.volume = try volume?(host.state)
        host.prefix = self.volume?.prefix ?? []
        for (index, name) in ["a.jsonl", "b.jsonl", "c.jsonl.gz", "d.jsonl.gz"].enumerated() {
            logs.append(
                try ModelLog(
                    path: "\(host.logs)/\(name)", isGzip: name.hasSuffix(".gz"),
                    isUneven: index % 2 == 0))
        }
    }

    /// Runs the program; what is wrong at its end, each in a few words.
    func run() -> [String] {
        do {
            try host.start()
            for _ in 0..<80 {
                try act()
                let pause = Int.random(in: 0...16_000, using: &random)
                if pause < 8_000 { usleep(UInt32(pause)) }
            }
            for log in logs { try log.completeRecord() }
            try resume()
        } catch {
            return ["\(error)"] + expected.faults(in: reports())
        }
        _ = wait { expected.missing(in: reports()).isEmpty }
        let status = host.end()
        let faults = expected.faults(in: reports())
        return status == 0 ? faults : ["the daemon ended with \(status)"] + faults
    }

    private func act() throws {
        let log = logs[Int.random(in: 0..<logs.count, using: &random)]
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<45:
            let count = Int.random(in: 1...12, using: &random)
            let isTorn = Int.random(in: 0..<4, using: &random) == 0
            try append(to: log, count, isTorn: isTorn)
        case 45..<51:
            note("end a member of", log.file)
            try log.endMember()
        case 51..<58: try rotate(log)
        case 58..<65: try compress()
        case 65..<69: try copy()
        case 69..<72: try copyAndCut(log)
        case 72..<76: try swapNames()
        case 76..<79: try move()
        case 79..<81: try reuseInode(of: log)
        case 81..<84: try damage()
        case 84..<88: try end(SIGKILL)
        case 88..<90: try end(SIGTERM)
        case 90..<92: freeze()
        case 92..<96: if let volume { try fill(volume) }
        default: try resume()
        }
    }

    private func note(_ action: String, _ file: ModelFile?, _ detail: String = "") {
        let name = file.map { String($0.path.dropFirst(host.scratch.path.count + 1)) } ?? ""
        actions.append("\(actions.count): \(action) \(name) \(detail)")
    }

    // MARK: Writers

    private func append(to log: ModelLog, _ count: Int, isTorn: Bool) throws {
        let numbers = nextRecord..<(nextRecord + count)
        nextRecord += count
        note("append to", log.file, "\(numbers)\(isTorn ? ", the last half" : "")")
        try log.append(numbers, isTorn: isTorn, &random)
    }

    /// Renames the log; its writer may go on for a while before it begins a new one.
    private func rotate(_ log: ModelLog) throws {
        guard !log.file.records.isEmpty else { return }
        let path = log.file.path
        note("rotate", log.file)
        try log.file.rename(to: freshPath())
        if Bool.random(using: &random) { try append(to: log, 3, isTorn: false) }
        try log.complete()
        resting.append(try log.beginAnew(path: path))
    }

    private func copyAndCut(_ log: ModelLog) throws {
        guard !log.file.records.isEmpty else { return }
        note("copy and cut", log.file)
        try log.complete()
        resting.append(try log.copyAndCut(to: freshPath()))
    }

    /// The old file is gone with its name, so its lines have to be reported before.
    private func reuseInode(of log: ModelLog) throws {
        guard !log.file.records.isEmpty else { return }
        try log.complete()
        try resume()
        note("reuse the inode of", log.file)
        let wanted = Set(log.file.records.map { "r\($0)" })
        guard wait(until: { wanted.isSubset(of: reports().compactMap(\.recordID)) }) else {
            throw ModelError.ended("waited in vain for the reports of \(log.file.path)")
        }
        try log.reuseInode(link: "\(host.scratch.path)/held") {
            try append(to: $0, Int.random(in: 1...12, using: &random), isTorn: false)
        }
    }

    // MARK: Operators

    private func freshPath(_ suffix: String = "") -> String {
        names += 1
        return "\(host.logs)/rotated.jsonl.\(names)\(suffix)"
    }

    /// Compresses a file into several members and removes the original.
    private func compress() throws {
        let plain = resting.indices.filter { !resting[$0].isGzip }
        guard let index = plain.randomElement(using: &random) else { return }
        let file = resting[index]
        let isInPieces = Bool.random(using: &random)
        let zipped = ModelFile(path: freshPath(".gz"), isGzip: true)
        note("compress", file, "to number \(names)\(isInPieces ? ", in place" : "")")
        let path = isInPieces ? zipped.path : "\(host.logs)/begun"
        let output = try FileHandle.appending(to: path)
        for bytes in try zipped.fill(from: file, &random) {
            let cut = Int.random(in: 0...bytes.count, using: &random)
            try output.write(contentsOf: bytes[..<cut])
            if isInPieces { usleep(UInt32.random(in: 0...3_000, using: &random)) }
            try output.write(contentsOf: bytes[cut...])
        }
        if !isInPieces { _ = Glibc.rename(path, zipped.path) }
        unlink(file.path)
        resting[index] = zipped
    }

    private func copy() throws {
        guard let file = resting.randomElement(using: &random) else { return }
        note("copy", file, "to number \(names + 1)")
        resting.append(try file.copied(to: freshPath()))
    }

    /// Gives two logs, or two files at rest, each the name of the other.
    private func swapNames() throws {
        let files = Bool.random(using: &random) ? resting : logs.map(\.file)
        let chosen = files.shuffled(using: &random).prefix(2)
        guard let first = chosen.first, let second = chosen.last, first !== second else { return }
        note("swap", first, "with")
        note("this", second)
        let (path, other) = (first.path, second.path)
        try first.rename(to: "\(host.scratch.path)/between")
        try second.rename(to: path)
        try first.rename(to: other)
    }

    private func move() throws {
        guard let file = resting.randomElement(using: &random) else { return }
        note("move", file)
        let name = URL(fileURLWithPath: file.path).lastPathComponent
        try file.rename(to: "\(secondFolder)/\(name)")
    }

    private func damage() throws {
        let files = resting.filter { $0.isGzip && !$0.isDamaged && $0.ended.count > 1 }
        guard let file = files.randomElement(using: &random) else { return }
        let index = Int.random(in: 0..<(file.ended.count - 1), using: &random)
        note("damage", file, "in member \(index) of \(file.ended.count)")
        try file.damage(member: index, &random)
    }

    private func end(_ signal: Int32) throws {
        guard host.daemon != nil else { return }
        thaw()
        note(signal == SIGKILL ? "kill" : "end", nil)
        let status = host.end(signal)
        // What cannot be stored is read again later.
        let mayFail = volume != nil && status == 2
        guard status == (signal == SIGKILL ? -SIGKILL : 0) || mayFail else {
            throw ModelError.ended("status \(status): \(host.errors)")
        }
        if Int.random(in: 0..<3, using: &random) > 0 {
            note("start", nil)
            try host.start()
        }
    }

    /// Keeps the daemon from running, as a machine does that has too much to do.
    private func freeze() {
        guard let daemon = host.daemon else { return }
        note("freeze", nil)
        kill(daemon.processIdentifier, SIGSTOP)
        isFrozen = true
    }

    private func thaw() {
        guard isFrozen, let daemon = host.daemon else { return }
        note("thaw", nil)
        kill(daemon.processIdentifier, SIGCONT)
        isFrozen = false
    }

    private func fill(_ volume: SmallVolume) throws {
        note(volume.isFull ? "free the disk" : "fill the disk", nil)
        if volume.isFull { try resume() } else { try volume.fill() }
    }

    /// Sees to it that there is a daemon, that it runs and has room to store reports.
    private func resume() throws {
        try volume?.free()
        thaw()
        // One that was started on a full disk may have ended.
        if let daemon = host.daemon, !daemon.isRunning { host.end() }
        guard host.daemon == nil else { return }
        note("start", nil)
        try host.start()
    }

    // MARK: What came of it

    private func reports() -> [Report] { volume?.reports ?? host.reports() }

    /// Whether a fact comes to hold within the time that the daemon may take for anything.
    private func wait(until isSo: () -> Bool) -> Bool {
        let deadline = Date() + 40
        while !isSo() {
            if Date() > deadline { return false }
            usleep(10_000)
        }
        return true
    }

    private var expected: ExpectedReports {
        ExpectedReports(records: 1..<nextRecord, files: resting + logs.map(\.file))
    }
}
