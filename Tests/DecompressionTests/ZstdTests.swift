// SPDX-License-Identifier: Apache-2.0
import Bytes
import Foundation
import TestSupport
import Testing

@testable import Decompression

@Suite struct ZstdTests {
    @Test("frames with and without a checksum and a size, skippable ones between them")
    func kindsOfFrames() {
        let parts = (0..<4).map { sampleText(5000, seed: 20 + UInt64($0)) }
        let streamed = ZstdStream(hasChecksum: false)
        let bytes =
            ZstdStream.skippableFrame([1, 2, 3])
            + ZstdStream.frame(of: parts[0]) + ZstdStream.skippableFrame([], kind: 15)
            + ZstdStream.frame(of: parts[1], hasChecksum: false)
            + streamed.write(parts[2], .flush) + streamed.write([], .end)
            + ZstdStream.frame(of: []) + ZstdStream.frame(of: parts[3])
        for pieces in [DecodedRun.Pieces.whole, .init(input: 1...5, room: 1...5)] {
            let run = DecodedRun(bytes, .zstd, pieces: pieces)
            #expect(isSame(run.output, parts.flatMap(\.self)))
            #expect(run.events == Array(repeating: .memberEnd, count: 7))
            #expect(run.decoder.isAtBoundary)
        }
    }

    @Test("a frame that wants more memory than a log should is damage, told as such")
    func largeWindow() {
        let stream = ZstdStream(windowLog: 28)
        let next = sampleText(5000, seed: 9)
        let bytes = stream.write([1, 2, 3], .flush) + ZstdStream.frame(of: next)
        let run = DecodedRun(bytes, .zstd)
        #expect(run.events.first == .damaged(DecodeDamage(.zstd, .window)))
        #expect(isSame(run.output, next))
    }

    @Test(
        "the program zstd's files come out as they went in",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/zstd"), "no zstd(1)"),
        arguments: [["-1"], ["-19"], ["--long=27"], ["--no-check", "-3"], ["--rsyncable", "-3"]])
    func zstdProgram(options: [String]) throws {
        let scratch = try Scratch()
        let text = sampleText(400_000, seed: 4)
        let path = scratch.path + "/log"
        try Data(text).write(to: URL(fileURLWithPath: path))
        let zstd = Process()
        zstd.executableURL = URL(fileURLWithPath: "/usr/bin/zstd")
        zstd.arguments = options + ["-q", path]
        try zstd.run()
        zstd.waitUntilExit()
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path + ".zst")))
        #expect(isSame(DecodedRun(bytes, .zstd).output, text))
    }
}
