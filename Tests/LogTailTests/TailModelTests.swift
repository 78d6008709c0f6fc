// SPDX-License-Identifier: Apache-2.0
import Bytes
import Decompression
import Foundation
import TestSupport
import Testing

@testable import LogTail

/// A reader beside a random program of writers and operators, against the list of lines written.
@Suite struct TailModelTests {
    @Test(
        "whatever is appended, flushed, renamed, compressed, copied and restarted: each line once",
        arguments: 0..<100 as Range<UInt64>)
    func everyLineOnce(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        let collector = Collector()
        var writers = try (0..<3).map {
            try ModelLog(
                folder: scratch.path, name: "log\($0)", isGzip: Bool.random(using: &random))
        }
        var reader = RunningReader(scratch.path, collector, [])
        for _ in 0..<60 {
            let index = Int.random(in: 0..<3, using: &random)
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<10: try writers[index].append(&random)
            case 10..<12: try writers[index].endMember()
            case 12..<14: try writers[index].rotate()
            case 14..<16: try writers[index].compressRotated()
            case 16: try writers[index].copyRotated()
            case 17: try writers[index].append(&random, isTorn: true)
            default:
                reader.stop()
                // What was committed when the process died: any earlier state of it.
                reader = RunningReader(scratch.path, collector, collector.checkpoints(&random))
            }
            if Bool.random(using: &random) { usleep(3000) }
        }
        for index in writers.indices { try writers[index].completeLine() }
        let written = Set(writers.flatMap(\.lines))
        collector.wait { $0.isSuperset(of: written) }
        reader.stop()
        let seen = collector.texts
        let missing = written.subtracting(seen.keys).map { $0.prefix(24) }
        let invented = Set(seen.keys).subtracting(written).map { $0.prefix(24) }
        let elsewhere = seen.filter { $0.value.count > 1 }.map {
            "\($0.key.prefix(24)) at \($0.value)"
        }
        #expect(missing.isEmpty)
        #expect(invented.isEmpty)
        #expect(elsewhere.isEmpty)
        let gaps = collector.gaps.map { "\($0.path.suffix(20)) at \($0.offset): \($0.reason)" }
        #expect(gaps.isEmpty)
    }

    @Test func aLogThatIsCutInPlaceIsReadAnew() throws {
        let scratch = try Scratch()
        let collector = Collector()
        let path = scratch.path + "/a.jsonl"
        let log = try FileHandle.appending(to: path)
        let reader = RunningReader(scratch.path, collector, [])
        try log.write(contentsOf: Data("first\nsecond\n".utf8))
        collector.wait { $0.isSuperset(of: ["first", "second"]) }
        try log.truncate(atOffset: 0)
        try log.write(contentsOf: Data("third\n".utf8))
        collector.wait { $0.contains("third") }
        // Also when it is already longer again, and when it begins with the same line.
        try log.truncate(atOffset: 0)
        try log.write(contentsOf: Data("third\nfourth and more than there was before\n".utf8))
        collector.wait { $0.contains("fourth and more than there was before") }
        reader.stop()
    }

    @Test func aDeletedFileIsReadToItsEndAndItsUnfinishedLineToo() throws {
        let scratch = try Scratch()
        let collector = Collector()
        let path = scratch.path + "/a.jsonl"
        let log = try FileHandle.appending(to: path)
        let reader = RunningReader(scratch.path, collector, [])
        try log.write(contentsOf: Data("first\n".utf8))
        collector.wait { $0.contains("first") }
        try log.write(contentsOf: Data("second\nunfinished".utf8))
        unlink(path)
        collector.wait { $0.isSuperset(of: ["second", "unfinished"]) }
        reader.stop()
    }

    @Test func aGapIsToldAgainAfterARestartFromAnyCheckpointBeforeIt() throws {
        let scratch = try Scratch()
        let members = (0..<3).map { member in
            (0..<40).map { "member \(member) line \($0)\n" }.joined()
        }
        var bytes = members.map { GzipMember.of(Array($0.utf8)) }
        bytes[1][bytes[1].count / 2] ^= 0x55
        try Data(bytes.flatMap(\.self)).write(
            to: URL(fileURLWithPath: scratch.path + "/a.jsonl.gz"))
        let first = Collector()
        let reader = RunningReader(scratch.path, first, [])
        first.wait { $0.contains("member 2 line 39") }
        reader.stop()
        let gap = try #require(first.gaps.first)
        #expect(first.gaps.count == 1)
        for state in first.allStates {
            let offset = state.first?.offset ?? 0
            let again = Collector()
            let reader = RunningReader(scratch.path, again, state)
            if offset <= gap.offset {
                again.wait { $0.contains("member 2 line 39") }
                #expect(again.gaps.map(\.offset) == [gap.offset], "from \(offset)")
            }
            reader.stop()
        }
    }

    @Test func aLastRecordWithoutItsNewlineIsReadOnceTheFileIsAtRest() throws {
        let scratch = try Scratch()
        let collector = Collector()
        let log = try FileHandle.appending(to: scratch.path + "/a.jsonl")
        let reader = RunningReader(scratch.path, collector, [])
        try log.write(contentsOf: Data("first\n{\"second\": 2}".utf8))
        collector.wait { $0.contains("{\"second\": 2}") }
        try log.write(contentsOf: Data("\nthird {".utf8))
        try log.write(contentsOf: Data("}\n".utf8))
        collector.wait { $0.contains("third {}") }
        // Also where it is all that there is.
        try Data("{\"alone\": 1}".utf8).write(
            to: URL(fileURLWithPath: scratch.path + "/b.jsonl"))
        collector.wait { $0.contains("{\"alone\": 1}") }
        reader.stop()
        #expect(
            Set(collector.texts.keys) == [
                "first", "{\"second\": 2}", "third {}", "{\"alone\": 1}",
            ])
        #expect(collector.texts.values.allSatisfy { $0.count == 1 })
    }

    @Test func whatCannotBeReadIsToldOnceWithWhatToDo() throws {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/folder.jsonl", withIntermediateDirectories: true)
        let collector = Collector()
        let reader = RunningReader(scratch.path, collector, [])
        let log = try FileHandle.appending(to: scratch.path + "/b.jsonl")
        for round in 0..<5 {
            try log.write(contentsOf: Data("line \(round)\n".utf8))
            collector.wait { $0.contains("line \(round)") }
        }
        reader.stop()
        let told = collector.notices.filter {
            $0 == .isDirectory(path: scratch.path + "/folder.jsonl")
        }
        #expect(told.count == 1)
    }
}

/// A reader on a thread of its own, with short waits.
private final class RunningReader {
    private let reader: LogReader
    private let ended = DispatchSemaphore(value: 0)

    init(_ folder: String, _ collector: Collector, _ checkpoints: [StreamCheckpoint]) {
        var timing = TailTiming()
        timing.settle = .milliseconds(200)
        timing.grace = .milliseconds(200)
        timing.rescan = .milliseconds(50)
        let reader = LogReader(
            patterns: ["\(folder)/*.jsonl*"], inflater: .isal, timing: timing,
            checkpoints: checkpoints, pool: BlockPool(), events: collector)
        self.reader = reader
        Thread { [ended] in
            reader.run()
            ended.signal()
        }.start()
    }

    func stop() {
        reader.stop()
        ended.wait()
    }
}

/// Keeps what a reader hands on.
private final class Collector: TailEvents, @unchecked Sendable {
    private let lock = NSCondition()
    private var seen: [String: Set<String>] = [:]
    private var states: [[StreamID: StreamCheckpoint]] = [[:]]
    private var foundGaps: [CoverageGap] = []
    private var told: [TailNotice] = []

    /// Each line with the places at which it was read.
    var texts: [String: Set<String>] { lock.withLock { seen } }
    var gaps: [CoverageGap] { lock.withLock { foundGaps } }
    var notices: [TailNotice] { lock.withLock { told } }

    /// All states that the store may have been in.
    var allStates: [[StreamCheckpoint]] { lock.withLock { states.map { Array($0.values) } } }

    /// A state that the store may have been in, of the last few.
    func checkpoints(_ random: inout SeededGenerator) -> [StreamCheckpoint] {
        lock.withLock {
            let state = states.suffix(5).randomElement(using: &random) ?? [:]
            states = [state]
            return Array(state.values)
        }
    }

    func lines(_ batch: LineBatch) -> Bool {
        lock.withLock {
            var offset = batch.offset
            for line in batch.block.bytes.copied().split(
                separator: 10, omittingEmptySubsequences: false)
            where !line.isEmpty {
                let text = String(decoding: line, as: UTF8.self)
                seen[text, default: []].insert("\(batch.root.text.prefix(8)) \(offset)")
                offset += line.count + 1
            }
            if let checkpoint = batch.checkpoint {
                var state = states.last ?? [:]
                state[checkpoint.stream] = checkpoint
                states.append(state)
            }
            lock.broadcast()
        }
        return true
    }

    func gap(_ gap: CoverageGap) -> Bool {
        lock.withLock { foundGaps.append(gap) }
        return true
    }

    func notice(_ notice: TailNotice) { lock.withLock { told.append(notice) } }

    /// Waits until the lines seen satisfy `fact`; fails the test after 30 seconds.
    func wait(sourceLocation: SourceLocation = #_sourceLocation, _ fact: (Set<String>) -> Bool) {
        let deadline = Date() + 30
        lock.lock()
        defer { lock.unlock() }
        while !fact(Set(seen.keys)) {
            if !lock.wait(until: deadline) {
                Issue.record(
                    "waited in vain; \(seen.count) lines seen", sourceLocation: sourceLocation)
                return
            }
        }
    }
}

/// A log as its writer and its operator know it.
private struct ModelLog {
    private let folder: String
    private let name: String
    private let isGzip: Bool
    private var file: FileHandle
    private var member: GzipMember?
    private var rotated: [String] = []
    private var count = 0
    private var begun = ""
    /// What was written, whole lines only.
    private(set) var lines: [String] = []

    init(folder: String, name: String, isGzip: Bool) throws {
        self.folder = folder
        self.name = name
        self.isGzip = isGzip
        file = try .appending(to: "\(folder)/\(name).jsonl")
    }

    mutating func append(_ random: inout SeededGenerator, isTorn: Bool = false) throws {
        var text = ""
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            count += 1
            let line = "\(name) line \(count) " + String(repeating: "x", count: count % 300)
            text += (begun.isEmpty ? "" : String(line.dropFirst(begun.count)))
            if begun.isEmpty { text += line }
            text += "\n"
            begun = ""
            lines.append(line)
        }
        if isTorn {
            count += 1
            begun = "\(name) line \(count) "
            text += begun
            count -= 1
        }
        try write(Array(text.utf8))
    }

    /// Ends a line that was left half written.
    mutating func completeLine() throws {
        guard !begun.isEmpty else { return }
        count += 1
        lines.append(begun + String(repeating: "x", count: count % 300))
        try write(Array((String(repeating: "x", count: count % 300) + "\n").utf8))
        begun = ""
    }

    private mutating func write(_ bytes: [UInt8]) throws {
        guard isGzip else { return try file.write(contentsOf: bytes) }
        let member = member ?? GzipMember()
        self.member = member
        try file.write(contentsOf: member.write(bytes, .sync))
    }

    mutating func endMember() throws {
        guard let member else { return }
        try file.write(contentsOf: member.write([], .finish))
        self.member = nil
    }

    /// Renames the log and begins a new one, as logrotate does.
    mutating func rotate() throws {
        guard count > 0 else { return }
        try completeLine()
        try endMember()
        let path = "\(folder)/\(name).jsonl"
        let kept = "\(path).\(rotated.count + 1)"
        guard rename(path, kept) == 0 else { throw SystemCallError.renaming }
        rotated.append(kept)
        file = try .appending(to: path)
    }

    /// Compresses the last rotated file and removes the original.
    mutating func compressRotated() throws {
        guard let path = rotated.last, !path.hasSuffix(".gz"), !isGzip else { return }
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        try Data(GzipMember.of(bytes)).write(to: URL(fileURLWithPath: path + ".gz"))
        unlink(path)
        rotated[rotated.count - 1] = path + ".gz"
    }

    func copyRotated() throws {
        guard let path = rotated.last else { return }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.write(to: URL(fileURLWithPath: path.replacing(".jsonl", with: ".jsonl.copy")))
    }
}

private enum SystemCallError: Error {
    case renaming
}
