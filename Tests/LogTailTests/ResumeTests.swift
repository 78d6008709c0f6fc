// SPDX-License-Identifier: Apache-2.0
import Bytes
import Decompression
import Foundation
import TestSupport
import Testing

@testable import LogTail

/// Going on in the midst of large compressed files, and what is checked before.
@Suite struct ResumeTests {
    private let scratch: Scratch
    private var path: String { scratch.path + "/a.jsonl.gz" }

    init() throws { scratch = try Scratch() }

    /// Lines that compress badly, so that a few MiB of file hold them.
    private static func lines(_ range: Range<Int>) -> [String] {
        var random = SeededGenerator(seed: UInt64(range.lowerBound))
        return range.map { number in
            let noise = (0..<40).map { _ in String(random.next(), radix: 36) }.joined()
            return "line \(number) \(noise)"
        }
    }

    private static func bytes(_ lines: [String]) -> [UInt8] {
        Array(lines.map { $0 + "\n" }.joined().utf8)
    }

    /// Writes a file of one member in two parts and reads the first; what is known then.
    private func readFirstPart(
        of member: GzipMember, _ lines: [String]
    ) throws -> Collector {
        try Data(member.write(Self.bytes(lines), .sync)).write(to: URL(fileURLWithPath: path))
        let collector = Collector()
        let reader = RunningReader(scratch.path, collector)
        collector.wait { $0.isSuperset(of: lines) }
        reader.stop()
        return collector
    }

    private func append(_ bytes: [UInt8]) throws {
        try FileHandle.appending(to: path).write(contentsOf: bytes)
    }

    private func overwrite(at offset: Int, _ bytes: [UInt8]) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: bytes)
    }

    /// Reads on from what is known, with the store as it was; what was read.
    private func resume(_ before: Collector, until last: String) -> Collector {
        let reader = RunningReader(scratch.path, before, .init(known: before.known))
        before.wait { $0.contains(last) }
        reader.stop()
        return before
    }

    @Test("a large file goes on where it was, without what stands before being decoded again")
    func fromARestartPoint() throws {
        let lines = Self.lines(0..<18_000)
        let member = GzipMember()
        let before = try readFirstPart(of: member, Array(lines[..<16_000]))
        let restart = try #require(
            before.restart(of: before.known[0].checkpoint.stream).flatMap(FileRestart.init))
        #expect(restart.point.compressedOffset > 2 << 20)
        // Only who decodes it again can see this damage.
        try overwrite(at: 1 << 20, [UInt8](repeating: 0xff, count: 500))
        try append(member.write(Self.bytes(Array(lines[16_000...])), .finish))
        let after = resume(before, until: lines[17_999])
        #expect(after.gaps.isEmpty)
        #expect(after.texts.count == lines.count)
        #expect(after.texts.values.allSatisfy { $0.count == 1 })
    }

    @Test("the member's checksum is still verified at its end")
    func checksum() throws {
        let lines = Self.lines(0..<18_000)
        let member = GzipMember()
        let before = try readFirstPart(of: member, Array(lines[..<16_000]))
        var rest = member.write(Self.bytes(Array(lines[16_000...])), .finish)
        rest[rest.count - 8] ^= 1
        try append(rest)
        let after = resume(before, until: lines[17_999])
        #expect(
            after.sees { $0.gaps.map(\.reason) == [.damaged(DecodeDamage(.gzip, .checksum))] })
    }

    @Test("where the file does not hold the bytes before the place, it is decoded from its start")
    func fileGuard() throws {
        let lines = Self.lines(0..<18_000)
        let before = try readFirstPart(of: GzipMember(), Array(lines[..<16_000]))
        // The same text, compressed otherwise.
        try Data(GzipMember.of(Self.bytes(lines), level: 1)).write(
            to: URL(fileURLWithPath: path))
        let after = resume(before, until: lines[17_999])
        #expect(after.gaps.isEmpty)
        #expect(after.texts.values.allSatisfy { $0.count == 1 })
        let starts = after.notices.compactMap { notice in
            if case .opened(_, _, let offset) = notice { offset } else { nil }
        }
        #expect(starts == [0, Self.bytes(Array(lines[..<16_000])).count])
    }

    @Test("a plain file goes on without being read again, a zstd file at its frame's start")
    func otherFormats() throws {
        let lines = Self.lines(0..<3000)
        let parts = [Array(lines[..<1000]), Array(lines[1000..<2000]), Array(lines[2000...])]
        for (name, pieces) in [
            ("p.jsonl", parts.map { Self.bytes($0) }),
            ("z.jsonl.zst", parts.map { ZstdStream.frame(of: Self.bytes($0)) }),
        ] {
            let folder = try Scratch()
            let file = try FileHandle.appending(to: "\(folder.path)/\(name)")
            try file.write(contentsOf: pieces[0] + pieces[1])
            let collector = Collector()
            let reader = RunningReader(folder.path, collector)
            collector.wait { $0.isSuperset(of: lines[..<2000]) }
            reader.stop()
            try file.write(contentsOf: pieces[2])
            let again = RunningReader(folder.path, collector, .init(known: collector.known))
            collector.wait { $0.count == lines.count }
            again.stop()
            #expect(collector.texts.values.allSatisfy { $0.count == 1 }, "\(name)")
        }
    }

    @Test("a stored place comes back whole, and nothing else is taken for one")
    func encoding() {
        let point = RestartPoint(
            format: .gzip, compressedOffset: 5000, pendingBits: 0b101, pendingBitCount: 3,
            decompressedOffset: 70_000,
            member: .init(start: 10, crc: 0xdead_beef, length: 69_000, windowBytes: 300),
            history: (0..<1024).map { UInt8(truncatingIfNeeded: $0) })
        let restart = FileRestart(
            point: point, guardBytes: 1000, guardDigest: [UInt8](repeating: 7, count: 32))
        #expect(FileRestart(encoded: restart.encoded) == restart)
        var random = SeededGenerator(seed: 1)
        for count in 0..<restart.encoded.count {
            // Cut inside the history it is a shorter one, whose window may still be there.
            let cut = FileRestart(encoded: Array(restart.encoded[..<count]))
            #expect(cut == nil || count >= restart.encoded.count - 1024 + 300)
        }
        for _ in 0..<2000 {
            var bytes = restart.encoded
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<78, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            guard let read = FileRestart(encoded: bytes) else { continue }
            // Whatever it says can be tried without harm.
            let decoder = makeDecoder(at: read.point, inflater: .isal)
            let block = LineBlock(capacity: 4096)
            let input = [UInt8](repeating: 0x55, count: 100)
            _ = block.append { decoder.decode(input.span, into: &$0) }
        }
    }
}
