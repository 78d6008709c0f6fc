// SPDX-License-Identifier: Apache-2.0
import Bytes
import Decompression
import Foundation
import Glibc
import TestSupport
import Testing

@testable import LogTail

/// What is noticed, how soon, and what is said when something was missed.
@Suite struct FollowingTests {
    private let scratch: Scratch
    private let collector = Collector()
    private var path: String { scratch.path + "/a.jsonl" }

    init() throws { scratch = try Scratch() }

    /// Waits in which nothing but inotify can tell of a change.
    private var onlyNotified: RunningReader.Setup {
        var setup = RunningReader.Setup()
        setup.timing.rescan = .seconds(3600)
        return setup
    }

    @Test("inotify alone tells of new files, growth, renames and what follows them")
    func inotify() throws {
        let reader = RunningReader(scratch.path, collector, onlyNotified)
        for (index, make) in [
            { GzipMember().write(Array("\($0)\n".utf8), .sync) },
            { ZstdStream().write(Array("\($0)\n".utf8), .flush) },
            { Array("\($0)\n".utf8) },
        ].enumerated() as EnumeratedSequence<[(String) -> [UInt8]]> {
            let path = "\(scratch.path)/\(index).jsonl"
            let file = try FileHandle.appending(to: path)
            try file.write(contentsOf: make("first of \(index)"))
            collector.wait { $0.contains("first of \(index)") }
            #expect(rename(path, path + ".1") == 0)
            let next = try FileHandle.appending(to: path)
            try next.write(contentsOf: make("second of \(index)"))
            collector.wait { $0.contains("second of \(index)") }
        }
        let log = try FileHandle.appending(to: path)
        for round in 0..<50 {
            try log.write(contentsOf: Data("line \(round)\n".utf8))
            collector.wait { $0.contains("line \(round)") }
        }
        reader.stop()
    }

    @Test("a file beside the logs that is written to without a pause keeps no log waiting")
    func noiseInTheFolder() throws {
        let reader = RunningReader(scratch.path, collector, onlyNotified)
        let noise = try FileHandle.appending(to: scratch.path + "/noise")
        let other = try FileHandle.appending(to: scratch.path + "/other noise")
        let isOver = Flag()
        let ended = DispatchSemaphore(value: 0)
        Thread {
            while !isOver.isRaised {
                try? noise.write(contentsOf: Data("x".utf8))
                try? other.write(contentsOf: Data("x".utf8))
            }
            ended.signal()
        }.start()
        let log = try FileHandle.appending(to: path)
        for round in 0..<20 {
            try log.write(contentsOf: Data("line \(round)\n".utf8))
            collector.wait { $0.contains("line \(round)") }
        }
        isOver.raise()
        ended.wait()
        reader.stop()
    }

    @Test("where no file system can tell, looking often finds the same")
    func polling() throws {
        var setup = onlyNotified
        setup.isPolling = true
        let reader = RunningReader(scratch.path, collector, setup)
        let log = try FileHandle.appending(to: path)
        for round in 0..<5 {
            try log.write(contentsOf: Data("line \(round)\n".utf8))
            collector.wait { $0.contains("line \(round)") }
        }
        #expect(rename(path, path + ".1") == 0)
        try Data("next\n".utf8).write(to: URL(fileURLWithPath: path))
        collector.wait { $0.contains("next") }
        reader.stop()
        #expect(FileSystem.tellsOfChanges(in: scratch.path))
    }

    @Test(
        "a file overwritten in place is read anew, though size and last bytes are the same",
        arguments: [0, 3])
    func overwritten(moreLines: Int) throws {
        func text(_ first: Int, _ count: Int) -> Data {
            let ending = String(repeating: "the same in each record ", count: 20)
            return Data((first..<first + count).map { "\($0) \(ending)\n" }.joined().utf8)
        }
        try text(100, 5).write(to: URL(fileURLWithPath: path))
        let reader = RunningReader(scratch.path, collector)
        collector.wait { $0.count == 5 }
        // At once, so that no look at the file falls between.
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.write(contentsOf: text(200, 5 + moreLines))
        collector.wait { $0.count == 10 + moreLines }
        reader.stop()
    }

    @Test("a backlog does not keep the others waiting")
    func fairness() throws {
        let line = String(repeating: "backlog ", count: 2000) + "\n"
        let member = GzipMember(level: 1)
        let backlog = try FileHandle.appending(to: "\(scratch.path)/z.jsonl.gz")
        let piece = Array(String(repeating: line, count: 64).utf8)
        for _ in 0..<200 { try backlog.write(contentsOf: member.write(piece, .none)) }
        try backlog.write(contentsOf: member.write([], .finish))
        let totalBytes = 200 * piece.count
        let progress = Progress()
        let log = try FileHandle.appending(to: path)
        try log.write(contentsOf: Data("live 0\n".utf8))
        let collector = Collector { batch in
            guard batch.path.hasSuffix(".gz") else { return progress.seeLive() }
            // Each time a part of the backlog was read, there is news in the other log.
            if progress.read(batch.block.count) {
                try? log.write(contentsOf: Data("live \(progress.written)\n".utf8))
            }
        }
        let reader = RunningReader(scratch.path, collector)
        #expect(collector.sees { _ in progress.backlogBytes == totalBytes })
        reader.stop()
        // No more than a turn of the backlog goes by before the news is read.
        #expect(progress.written > 10)
        #expect(progress.longestWaitBytes <= 6 << 20)
    }

    @Test("what was seen at a file's end and cut before it was read is a gap, unless a copy has it")
    func cutBeforeItWasRead() throws {
        for hasCopy in [false, true] {
            let scratch = try Scratch()
            let path = scratch.path + "/a.jsonl"
            let wall = DispatchSemaphore(value: 0)
            let isWaiting = DispatchSemaphore(value: 0)
            let line = String(repeating: "x", count: 1 << 20)
            let collector = Collector { batch in
                guard batch.line == 1, batch.path.hasSuffix("a.jsonl") else { return }
                isWaiting.signal()
                wall.wait()
            }
            // More than one turn's worth, so that reading stops in the midst of it.
            let whole = Data((0..<9).map { "\($0)\(line)\n" }.joined().utf8)
            try whole.write(to: URL(fileURLWithPath: path))
            let reader = RunningReader(scratch.path, collector)
            isWaiting.wait()
            if hasCopy { try whole.write(to: URL(fileURLWithPath: path + ".1")) }
            #expect(truncate(path, 0) == 0)
            wall.signal()
            if hasCopy {
                #expect(collector.sees { $0.texts.keys.contains("8" + line) })
                #expect(collector.gaps.isEmpty)
            } else {
                #expect(collector.sees { !$0.gaps.isEmpty })
                let gap = try #require(collector.gaps.first)
                #expect(gap.reason == .overwritten)
                #expect(gap.lostCompressedBytes == whole.count - gap.offset)
            }
            reader.stop()
        }
    }

    @Test("a file that ends inside a member is a gap once it is finished, and not before")
    func unfinishedMember() throws {
        var setup = RunningReader.Setup()
        setup.timing.abandon = .milliseconds(100)
        let reader = RunningReader(scratch.path, collector, setup)
        let unfinished = GapReason.damaged(DecodeDamage(.gzip, .unfinished))
        for (name, finish) in [
            ("renamed", { rename($0, $0 + ".1") }), ("deleted", { unlink($0) }),
        ] as [(String, (String) -> Int32)] {
            let path = "\(scratch.path)/\(name).jsonl.gz"
            try FileHandle.appending(to: path).write(
                contentsOf: GzipMember().write(Array("of \(name)\n".utf8), .sync))
            collector.wait { $0.contains("of \(name)") }
            let others = collector.gaps.count
            // While the others are renamed and deleted, it is at rest for longer than that.
            #expect(!collector.gaps.contains { $0.path.hasPrefix(path) })
            #expect(finish(path) == 0)
            #expect(collector.sees { $0.gaps.count == others + 1 })
            #expect(collector.gaps.last?.reason == unfinished)
            #expect(collector.gaps.last?.path.hasPrefix(path) == true)
        }
        reader.stop()
        #expect(collector.gaps.count == 2)
    }

    @Test("a file in which nothing can be read is a gap, each such file one of its own")
    func nothingToRead() throws {
        let reader = RunningReader(scratch.path, collector)
        for index in 0..<2 {
            var bytes = GzipMember.of(Array("of \(index)\n".utf8))
            bytes.replaceSubrange(10..<14, with: [0xff, 0xff, 0xff, UInt8(index)])
            try Data(bytes).write(to: URL(fileURLWithPath: "\(scratch.path)/\(index).jsonl.gz"))
        }
        #expect(collector.sees { $0.gaps.count == 2 })
        #expect(Set(collector.gaps.map(\.root)).count == 2)
        #expect(collector.gaps.allSatisfy { $0.lostCompressedBytes > 0 })
        // What is written after the damage is read.
        try FileHandle.appending(to: "\(scratch.path)/0.jsonl.gz").write(
            contentsOf: GzipMember.of(Array("after\n".utf8)))
        collector.wait { $0 == ["after"] }
        reader.stop()
    }

    @Test("nothing of a file that is closed for others' sake is lost when it vanishes")
    func vanishedWhileClosed() throws {
        var setup = RunningReader.Setup()
        setup.openFilesLimit = 1
        setup.timing.settle = .seconds(600)
        let reader = RunningReader(scratch.path, collector, setup)
        let closed = "\(scratch.path)/closed.jsonl.gz"
        try FileHandle.appending(to: closed).write(
            contentsOf: GzipMember().write(Array("whole\n{\"begun\": 1}".utf8), .sync))
        collector.wait { $0.contains("whole") }
        // Its place is needed for another.
        try Data("other\n".utf8).write(to: URL(fileURLWithPath: path))
        collector.wait { $0.isSuperset(of: ["other", "{\"begun\": 1}"]) }
        unlink(closed)
        #expect(collector.sees { !$0.gaps.isEmpty })
        #expect(collector.gaps.map(\.reason) == [.damaged(DecodeDamage(.gzip, .unfinished))])
        reader.stop()
    }

    @Test("a stream that no file holds is forgotten after the set time, and not before")
    func forgetting() throws {
        let clock = TestClock()
        var setup = RunningReader.Setup()
        setup.timing.forget = .seconds(86_400)
        setup.wallClock = { clock.milliseconds }
        try Data("gone\n".utf8).write(to: URL(fileURLWithPath: path))
        try Data("kept\n".utf8).write(to: URL(fileURLWithPath: path + ".2"))
        let reader = RunningReader(scratch.path, collector, setup)
        collector.wait { $0.count == 2 }
        unlink(path)
        #expect(collector.sees { $0.news.count == 1 })
        let since = clock.milliseconds
        guard case .gone(let stream, since) = collector.news[0] else {
            Issue.record("\(collector.news)")
            return reader.stop()
        }
        // A file that has it comes back, and goes.
        clock.advance(seconds: 80_000)
        try Data("gone\n".utf8).write(to: URL(fileURLWithPath: path + ".1"))
        #expect(collector.sees { $0.news.last == .found(stream) })
        unlink(path + ".1")
        let again = clock.milliseconds
        #expect(collector.sees { $0.news.last == .gone(stream, since: again) })
        clock.advance(seconds: 86_399)
        #expect(collector.news.count == 3)
        clock.advance(seconds: 1)
        #expect(collector.sees { $0.news.last == .forgotten(stream) })
        reader.stop()
        #expect(collector.news.count == 4)
    }
}

/// Something that one thread says to another once.
private final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var raised = false

    var isRaised: Bool { lock.withLock { raised } }

    func raise() { lock.withLock { raised = true } }
}

/// A clock that stands until it is moved.
private final class TestClock: @unchecked Sendable {
    private let lock = NSLock()
    private var now = 1_760_000_000_000

    var milliseconds: Int { lock.withLock { now } }

    func advance(seconds: Int) { lock.withLock { now += seconds * 1000 } }
}

/// How far a backlog was read while news waited elsewhere.
private final class Progress: @unchecked Sendable {
    private let lock = NSLock()
    private var read = 0
    private var wroteAt: Int?
    private var count = 0
    private var longest = 0

    var backlogBytes: Int { lock.withLock { read } }
    var written: Int { lock.withLock { count } }
    var longestWaitBytes: Int { lock.withLock { longest } }

    /// Whether news is to be written: there is none that waits.
    func read(_ bytes: Int) -> Bool {
        lock.withLock {
            read += bytes
            guard wroteAt == nil else { return false }
            wroteAt = read
            count += 1
            return true
        }
    }

    func seeLive() {
        lock.withLock {
            if let wroteAt { longest = max(longest, read - wroteAt) }
            wroteAt = nil
        }
    }
}
