// SPDX-License-Identifier: Apache-2.0
import Bytes
import Foundation
import TestSupport
import Testing

@testable import LogTail

@Suite struct TailTests {
    @Test func aLogThatIsCutInPlaceIsReadAnew() throws {
        let scratch = try Scratch()
        let collector = Collector()
        let path = scratch.path + "/a.jsonl"
        let log = try FileHandle.appending(to: path)
        let reader = RunningReader(scratch.path, collector)
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
        let reader = RunningReader(scratch.path, collector)
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
        let reader = RunningReader(scratch.path, first)
        first.wait { $0.contains("member 2 line 39") }
        reader.stop()
        let gap = try #require(first.gaps.first)
        #expect(first.gaps.count == 1)
        for state in first.allStates {
            let offset = state.first?.checkpoint.offset ?? 0
            let again = Collector()
            let reader = RunningReader(scratch.path, again, .init(known: state))
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
        let reader = RunningReader(scratch.path, collector)
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
        let reader = RunningReader(scratch.path, collector)
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
