// SPDX-License-Identifier: Apache-2.0
import Bytes
import Decompression
import Foundation
import TestSupport
import Testing

@testable import LogTail

/// A reader beside a random program of writers and operators, against the list of lines written.
@Suite struct TailModelTests {
    @Test("whatever writers and operators do, and whatever is lost at a kill: each line once")
    func everyLineOnce() {
        let faults = ModelSeeds(usualSeconds: 20).run("tail model", atATime: 6) { seed in
            let faults = try TailModel(seed: seed).run()
            // Waits are thirty times shorter here than in use, so on a busy machine a file can be
            // given up before its writer had its turn: a gap that is told and is none. One that a
            // second run of the program tells again is a fault, and a line missing or doubled always.
            guard faults.first?.hasPrefix("gap in ") == true else { return faults }
            print("tail model: seed \(seed) told a gap, and is run again")
            return try TailModel(seed: seed).run()
        }
        #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
    }
}

/// One random program.
private final class TailModel {
    private var random: SeededGenerator
    private let scratch: Scratch
    private let collector = Collector()
    private var setup = RunningReader.Setup()
    private var logs: [ModelLog] = []
    /// Whether files are damaged: then lines are cut, and those after them stand elsewhere.
    private let isDamaging: Bool
    /// Lines in members that were damaged, and all lines of the files that hold these.
    private var damagedLines: Set<String> = []
    private var displacedLines: Set<String> = []
    private var actions: [String] = []

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        scratch = try Scratch()
        for folder in ["a", "b"] {
            try FileManager.default.createDirectory(
                atPath: "\(scratch.path)/\(folder)", withIntermediateDirectories: true)
        }
        isDamaging = Int.random(in: 0..<3, using: &random) == 0
        setup.patterns = ["a/*.jsonl*", "b/*.jsonl*"]
        setup.isPolling = Int.random(in: 0..<4, using: &random) == 0
        setup.openFilesLimit = [1, 2, 256].randomElement(using: &random) ?? 1
        setup.inflater = Inflater.allCases.randomElement(using: &random) ?? .isal
        for index in 0..<3 {
            logs.append(
                try ModelLog(
                    folder: scratch.path + "/a", name: "log\(index)",
                    format: ModelLog.Format.allCases.randomElement(using: &random) ?? .plain))
        }
    }

    /// Runs the program; what is wrong at its end.
    func run() throws -> [String] {
        var reader = RunningReader(scratch.path, collector, setup)
        for _ in 0..<60 {
            let isRestart = try act()
            if isRestart {
                reader.stop()
                // What was committed when the process died: any earlier state of it.
                setup.known = collector.lose(&random)
                setup.inflater = Inflater.allCases.randomElement(using: &random) ?? .isal
                reader = RunningReader(scratch.path, collector, setup)
            }
            if Bool.random(using: &random) { usleep(3000) }
        }
        for log in logs { try log.completeLine() }
        let expected = Set(logs.flatMap(\.lines)).subtracting(damagedLines)
        let isComplete = collector.sees { expected.isSubset(of: $0.texts.keys) }
        reader.stop()
        let faults = judge(expected, isComplete: isComplete)
        return faults.isEmpty ? [] : faults + actions + circumstances
    }

    /// What else helps to understand a fault.
    private var circumstances: [String] {
        collector.gaps.map {
            "gap in \($0.path.suffix(24)) at \($0.offset), line \($0.line): \($0.reason)"
        } + [
            "formats \(logs.map(\.format)), damaged \(damagedLines.map { $0.prefix(16) }.sorted())",
            "\(setup)",
        ]
    }

    /// Does one thing; whether it is to kill the reader and start it again.
    private func act() throws -> Bool {
        let log = logs[Int.random(in: 0..<logs.count, using: &random)]
        let action = Int.random(in: 0..<26, using: &random)
        actions.append("\(action) \(log.name)")
        switch action {
        case 0..<9: try log.append(&random)
        case 9: try log.append(&random, isTorn: true)
        case 10, 11: try log.endMember()
        case 12, 13: try log.rotate()
        case 14, 15: try log.compressRotated(&random)
        case 16: try log.copyRotated()
        case 17, 18: try log.copyAndTruncate()
        case 19: try log.swap(with: logs[(Int(log.name.suffix(1)) ?? 0) == 0 ? 1 : 0])
        case 20: try log.moveRotated(to: scratch.path + "/b")
        case 21: try replaceInTheSameInode(log)
        case 22 where isDamaging:
            if let damage = try log.corruptRotated(&random) {
                damagedLines.formUnion(damage.lines)
                displacedLines.formUnion(damage.fileLines)
            }
        case 22: try log.append(&random)
        default: return true
        }
        return false
    }

    /// What was not read of a file before its inode is another's is lost, so all is read first.
    private func replaceInTheSameInode(_ log: ModelLog) throws {
        try log.endMember()
        let written = Set(log.lines).subtracting(damagedLines)
        guard collector.sees({ written.isSubset(of: $0.texts.keys) }) else { return }
        try log.replaceInTheSameInode()
    }

    private func judge(_ expected: Set<String>, isComplete: Bool) -> [String] {
        let seen = collector.texts
        let written = Set(logs.flatMap(\.lines))
        var faults = expected.subtracting(seen.keys).map { "missing: \($0.prefix(24))" }
        if faults.isEmpty, !isComplete { faults.append("late") }
        for (text, places) in seen where !displacedLines.contains(text) {
            guard written.contains(text) else {
                if !isDamaging, !isBegun(text, at: places, in: seen) {
                    faults.append("invented: \(text.prefix(40).debugDescription)")
                }
                continue
            }
            if places.count > 1 { faults.append("\(text.prefix(24)) at \(places.sorted())") }
        }
        for gap in collector.gaps where !isDamaging {
            faults.append("gap in \(gap.path.suffix(24)) at \(gap.offset): \(gap.reason)")
        }
        return faults
    }

    /// Whether a text is the begin of a line that stood at the end of a file for a while.
    private func isBegun(
        _ text: String, at places: Set<String>, in seen: [String: Set<String>]
    ) -> Bool {
        seen.contains { $0.key.hasPrefix(text) && $0.key != text && $0.value == places }
    }
}
