// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

@testable import LogTail

/// A host with thousands of logs, of which a few are written to.
@Suite(.serialized) struct ManyFilesTests {
    private static let fileCount = 5000
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        for index in 0..<Self.fileCount {
            try FileHandle.appending(to: path(index)).write(
                contentsOf: Data("first of \(index)\n".utf8))
        }
    }

    private func path(_ index: Int) -> String { "\(scratch.path)/\(index).jsonl" }

    /// This process's open descriptors of these files.
    private var openFiles: Int {
        let links = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return links.count { link in
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/fd/\(link)")
            return target?.hasPrefix(scratch.path) == true
        }
    }

    @Test("5,000 files with 20 active: every line is read, and few files are open")
    func fewAreOpen() throws {
        let most = Most()
        // To look takes long, so not with each batch.
        let collector = Collector { _ in if most.isTurn { most.see(openFiles) } }
        var setup = RunningReader.Setup()
        setup.openFilesLimit = 64
        let reader = RunningReader(scratch.path, collector, setup)
        collector.wait { $0.count == Self.fileCount }
        let active = try (0..<20).map { try FileHandle.appending(to: path($0 * 200)) }
        for round in 0..<30 {
            for (index, file) in active.enumerated() {
                try file.write(contentsOf: Data("round \(round) of \(index)\n".utf8))
            }
        }
        collector.wait { $0.count == Self.fileCount + 600 }
        reader.stop()
        #expect(collector.texts.values.allSatisfy { $0.count == 1 })
        // Those of the reader, and what this test itself holds.
        #expect(most.value <= 64 + active.count + 1)
    }

    @Test("events that the kernel could not keep are made good by a look at all files")
    func overflow() throws {
        let wall = DispatchSemaphore(value: 0)
        let isWaiting = DispatchSemaphore(value: 0)
        let collector = Collector { batch in
            if batch.block.bytes.copied().starts(with: Array("wait".utf8)) {
                isWaiting.signal()
                wall.wait()
            }
        }
        var setup = RunningReader.Setup()
        // Nothing but the overflow itself leads to another look.
        setup.timing.rescan = .seconds(3600)
        let reader = RunningReader(scratch.path, collector, setup)
        collector.wait { $0.count == Self.fileCount }
        let waiting = try FileHandle.appending(to: path(0))
        try waiting.write(contentsOf: Data("wait\n".utf8))
        isWaiting.wait()
        let limit = try String(
            contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let events = try #require(Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)))
        // Two files in turn: like events in a row would be merged.
        let noise = try (1...2).map { try FileHandle.appending(to: path($0)) }
        for index in 0...events { try noise[index % 2].write(contentsOf: Data("\n".utf8)) }
        for index in 3..<103 {
            try FileHandle.appending(to: path(index)).write(
                contentsOf: Data("unseen \(index)\n".utf8))
        }
        wall.signal()
        collector.wait { $0.count == Self.fileCount + 101 }
        reader.stop()
    }
}

/// The largest number seen.
private final class Most: @unchecked Sendable {
    private let lock = NSLock()
    private var most = 0
    private var asked = 0

    /// One time in 25.
    var isTurn: Bool {
        lock.withLock {
            asked += 1
            return asked % 25 == 0
        }
    }

    var value: Int { lock.withLock { most } }

    func see(_ number: Int) { lock.withLock { most = max(most, number) } }
}
