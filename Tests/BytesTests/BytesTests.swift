// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import Bytes

@Suite struct SpanSearchTests {
    @Test("searching agrees with looking at every byte", arguments: 0..<200 as Range<UInt64>)
    func searchAgreesWithNaive(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = (0..<Int.random(in: 0...70, using: &random)).map { _ in
            UInt8.random(in: 8...12, using: &random)
        }
        let start = Int.random(in: 0...bytes.count, using: &random)
        let span = bytes.span
        #expect(span.firstIndex(of: 10, from: start) == bytes[start...].firstIndex(of: 10))
        #expect(span.lastIndex(of: 10, from: start) == bytes[start...].lastIndex(of: 10))
        #expect(span.count(of: 10) == bytes.filter { $0 == 10 }.count)
        let trimmed = bytes.drop(while: \.isASCIISpace).reversed().drop(while: \.isASCIISpace)
        #expect(span.trimmed.copied() == trimmed.reversed())
    }

    @Test func hexadecimalHasTwoDigitsAByte() {
        #expect(([0x00, 0x0f, 0xa0, 0xff] as [UInt8]).hexadecimal == "000fa0ff")
    }
}

@Suite struct LineBlockTests {
    @Test func whatIsAppendedCanBeReadAndCutAndStaysWhenTheBlockGrows() {
        let block = LineBlock(capacity: 4)
        block.append(copying: ([1, 2, 3] as [UInt8]).span)
        #expect(block.freeBytes == 1)
        block.grow(to: 100)
        block.append(atMost: 2) { output in
            #expect(output.freeCapacity == 2)
            output.append(4)
            output.append(5)
        }
        #expect(block.bytes.copied() == [1, 2, 3, 4, 5])
        block.truncate(to: 2)
        #expect(block.bytes.copied() == [1, 2])
        #expect(block.capacity == 100)
    }
}

@Suite struct KeyedHashTests {
    @Test func partsAreToldApartByTheirLengths() {
        func hash(_ parts: [[UInt8]], key: UInt64 = 7) -> UInt64 {
            var hash = KeyedHash(key: key)
            for part in parts { hash.combine(part.span) }
            return hash.finalize()
        }
        #expect(hash([[1, 2], [3]]) != hash([[1], [2, 3]]))
        #expect(hash([[1, 2, 3]]) != hash([[1, 2], [3]]))
        #expect(hash([[]]) != hash([]))
        #expect(hash([[1]], key: 1) != hash([[1]], key: 2))
        #expect(hash([[1, 2], [3]]) == hash([[1, 2], [3]]))
    }

    @Test("hashes are stored, so they are the same on every machine and in every version")
    func hashesAreStable() {
        let bytes = (0..<100).map { UInt8($0) }
        let hashes = [0, 1, 16, 31, 32, 100].map { count in
            var hash = KeyedHash(key: 0x0123_4567_89ab_cdef)
            let part = Array(bytes.prefix(count))
            hash.combine(part.span)
            hash.combine(7)
            return String(hash.finalize(), radix: 16)
        }
        // As a few lines of Python give them, written after the description.
        #expect(
            hashes == [
                "d35e2d3ef900bb3f",
                "80546541ae6486ea",
                "f9674e0a7c2c2e60",
                "78cf6c112c5bb0b6",
                "173831c1732dc8ca",
                "c47943ae029666f7",
            ])
    }

    @Test(
        "whatever the key, short texts have hashes of their own",
        arguments: 0..<300 as Range<UInt64>)
    func noKeyIsWeak(key: UInt64) {
        let hashes = (0..<256).map { byte in
            var hash = KeyedHash(key: key)
            let part = [UInt8(byte)]
            hash.combine(part.span)
            return hash.finalize()
        }
        #expect(Set(hashes).count == 256)
    }

    @Test("no two of many short texts share a hash") func noCollisionsInPractice() {
        var seen: Set<UInt64> = []
        for number in 0..<100_000 {
            var hash = KeyedHash(key: 42)
            hash.combine(Array("text \(number)".utf8).span)
            seen.insert(hash.finalize())
        }
        #expect(seen.count == 100_000)
    }
}
