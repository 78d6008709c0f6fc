// SPDX-License-Identifier: Apache-2.0
import Bytes
import Testing

@testable import Decompression

@Suite struct FormatTests {
    @Test(
        arguments: [
            ([], nil), ([0x1f], nil), ([0x1f, 0x8b], nil), ([0x1f, 0x8b, 8], .gzip),
            ([0x1f, 0x8b, 7], .plain), ([0x7b], .plain), ([0x1f, 0x20], .plain),
            ([0x28], nil), ([0x28, 0xb5, 0x2f], nil), ([0x28, 0xb5, 0x2f, 0xfd], .zstd),
            ([0x5a, 0x2a, 0x4d], nil), ([0x5a, 0x2a, 0x4d, 0x18], .zstd),
            ([0x28, 0xb5, 0x2f, 0xfe], .plain), (Array("Plain".utf8), .plain),
        ] as [([UInt8], LogFormat?)])
    func isToldByTheFirstBytes(prefix: [UInt8], format: LogFormat?) {
        #expect(LogFormat.detect(prefix.span) == format)
    }

    @Test func plainBytesComeOutAsTheyAre() {
        let decoder = makeDecoder(format: .plain, inflater: .isal)
        let block = LineBlock(capacity: 4)
        let input: [UInt8] = [1, 2, 3, 4, 5]
        _ = block.append { decoder.decode(input.span, into: &$0) }
        #expect(block.bytes.copied() == [1, 2, 3, 4])
        #expect(decoder.compressedOffset == 4)
    }
}
