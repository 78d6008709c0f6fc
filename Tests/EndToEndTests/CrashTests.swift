// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// The promise that counts most: whatever kills the daemon, every report comes, and once.
@Suite struct CrashTests {
    @Test(
        "killed 25 times at random moments while a log is written: no report missing, none twice",
        arguments: [1, 2] as [UInt64])
    func killedAtRandomMoments(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let host = try Host()
        let writer = LogWriter(folder: host.logs, seed: seed)
        writer.start()
        var countsLeft: Set<Int> = []
        for round in 0..<25 {
            let newest = host.newestReport()
            try host.start()
            // Some are killed while they start, most while they read.
            if round % 3 != 0 {
                host.wait(for: "a report") { host.newestReport() > newest }
            }
            usleep(UInt32.random(in: 1_000...600_000, using: &random))
            #expect(host.end(SIGKILL) == -SIGKILL, "it ended by itself: \(host.errors)")
            countsLeft.insert(host.newestReport())
        }
        // The kills fell into the midst of its work, not before or after it.
        #expect(countsLeft.count > 5, "\(countsLeft.sorted())")
        let expected = writer.finish()
        try host.start()
        host.waitForReports(expected.count)
        #expect(host.end() == 0)
        #expect(host.reports().compactMap(\.recordID).sorted() == expected.sorted())
        // And again from the start: nothing that was read is reported a second time.
        try host.start()
        let count = host.errors.components(separatedBy: "watching").count
        host.wait(for: "start") {
            host.errors.components(separatedBy: "watching").count >= count
        }
        #expect(host.end() == 0)
        #expect(host.reports().count == expected.count)
    }
}

/// Writes to a gzip log and a plain one until told to end, at a pace that spans the kills.
struct LogWriter {
    private let folder: String
    private let seed: UInt64
    private let thread = WritingThread<[String]>(nothing: [])

    init(folder: String, seed: UInt64) {
        self.folder = folder
        self.seed = seed
    }

    func start() { thread.start { [folder, seed] in try Self.write(folder, seed, until: $0) } }

    /// Ends the writing; the ids of the records that hold the marker.
    func finish() -> [String] { thread.finish() }

    private static func write(
        _ folder: String, _ seed: UInt64, until isEnding: () -> Bool
    ) throws -> [String] {
        var random = SeededGenerator(seed: seed &+ 1000)
        let zipped = try GzipLog(path: "\(folder)/a.jsonl.gz")
        let plain = try FileHandle.appending(to: "\(folder)/b.jsonl")
        var marked: [String] = []
        var number = 0
        while !isEnding() {
            number += 1
            let isMarked = Int.random(in: 0..<4, using: &random) == 0
            let line = Host.record(number, isMarked: isMarked)
            if isMarked { marked.append("r\(number)") }
            if Bool.random(using: &random) {
                try zipped.append(line)
                if Int.random(in: 0..<50, using: &random) == 0 { try zipped.endMember() }
            } else {
                // Torn writes: a reader may see the line's beginning first.
                let bytes = Array((line + "\n").utf8)
                let cut = Int.random(in: 0...bytes.count, using: &random)
                try plain.write(contentsOf: bytes[..<cut])
                try plain.write(contentsOf: bytes[cut...])
            }
            usleep(500)
        }
        try zipped.endMember()
        return marked
    }
}
