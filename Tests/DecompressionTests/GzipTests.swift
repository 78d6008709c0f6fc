// SPDX-License-Identifier: Apache-2.0
import Bytes
import Foundation
import TestSupport
import Testing

@testable import Decompression

@Suite struct GzipTests {
    @Test("gzip(1) and this decoder agree on headers with names, extra fields and checksums")
    func optionalHeaderParts() throws {
        let text = sampleText(5000, seed: 3)
        let deflated = Array(GzipMember.of(text).dropFirst(10))
        for flags in 0..<32 as Range<UInt8> where flags & 1 == 0 || flags == 1 {
            var header: [UInt8] = [0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3]
            if flags & 4 != 0 { header += [3, 0, 9, 9, 9] }
            if flags & 8 != 0 { header += Array("name".utf8) + [0] }
            if flags & 16 != 0 { header += Array("comment".utf8) + [0] }
            if flags & 2 != 0 {
                let crc = UInt32(0).updated(with: header.span)
                header += [UInt8(truncatingIfNeeded: crc), UInt8(truncatingIfNeeded: crc >> 8)]
            }
            for coding in [Coding.isal, .zlib] {
                let pieces = DecodedRun.Pieces(input: 1...7, room: 100...100)
                let run = DecodedRun(
                    header + deflated, coding, pieces: pieces, seed: UInt64(flags))
                #expect(isSame(run.output, text), "flags \(flags)")
                #expect(run.events == [.memberEnd])
            }
        }
    }

    @Test(
        "the program gzip's files come out as gzip -dc gives them",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/gzip"), "no gzip(1)"),
        arguments: ["-1", "-6", "-9"])
    func gzipProgram(level: String) throws {
        let scratch = try Scratch()
        let text = sampleText(200_000, seed: 4)
        let path = scratch.path + "/log"
        try Data(text).write(to: URL(fileURLWithPath: path))
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
        gzip.arguments = [level, path]
        try gzip.run()
        gzip.waitUntilExit()
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path + ".gz")))
        for coding in [Coding.isal, .zlib] {
            #expect(isSame(DecodedRun(bytes, coding).output, text))
        }
    }

    @Test("a bgzip file, members with an extra field and an empty one at the end, comes out whole")
    func blockGzip() {
        let text = sampleText(150_000, seed: 5)
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: text.count, by: 60_000) {
            let piece = Array(text[start..<min(start + 60_000, text.count)])
            bytes += Self.bgzipMember(of: piece)
        }
        bytes += Self.bgzipMember(of: [])
        for coding in [Coding.isal, .zlib] {
            let run = DecodedRun(bytes, coding, pieces: .init(input: 1...9000, room: 1...9000))
            #expect(isSame(run.output, text))
            #expect(run.events == Array(repeating: .memberEnd, count: 4))
        }
    }

    /// A member with the extra field "BC" that holds its size less one (the SAM specification,
    /// section 4.1).
    private static func bgzipMember(of text: [UInt8]) -> [UInt8] {
        let member = GzipMember.of(text)
        let size = UInt16(member.count + 8 - 1)
        let extra: [UInt8] = [
            6, 0, 0x42, 0x43, 2, 0, UInt8(truncatingIfNeeded: size), UInt8(size >> 8),
        ]
        return Array(member[..<3]) + [4] + Array(member[4..<10]) + extra + Array(member[10...])
    }
}
