// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import TextViews

/// What views cost; `swift test -c release --filter SpeedTests` prints figures that mean something.
@Suite(.serialized) struct SpeedTests {
    #if DEBUG
        private static let longBytes = 1 << 17
        private static let rounds = 1
    #else
        private static let longBytes = 16 << 20
        private static let rounds = 15
    #endif
    private static let sentence = Array(
        """
        The boats go out in the morning when the harbour is still quiet, and nobody hears them. \
        Could you tell me why the old lighthouse was moved, and where I find its plans?\n
        """.utf8)

    private static func repeated(_ piece: [UInt8], to bytes: Int) -> [UInt8] {
        Array(repeatElement(piece, count: bytes / piece.count).joined())
    }

    /// Nanoseconds of this process a byte, the best of some rounds, and what was derived.
    private static func measure(_ texts: [[UInt8]], rounds: Int) -> (
        nanoseconds: Double, bytes: Int
    ) {
        let views = TextViews()
        var best = Double.infinity
        var derived = 0
        for _ in 0..<rounds {
            derived = 0
            let start = clock()
            for text in texts {
                views.forEachDerived(of: text.span) { _, bytes in derived += bytes.count }
            }
            best = min(best, Double(clock() - start) * 1000)
        }
        return (best / Double(texts.reduce(0) { $0 + $1.count }), derived)
    }

    @Test(arguments: [100, 500, 2_000, 1_000_000])
    func plainTextCostsOnePass(_ bytes: Int) {
        let text = Self.repeated(Self.sentence, to: bytes + Self.sentence.count).prefix(bytes)
        let texts = [[UInt8]](repeating: Array(text), count: max(1, 4_000_000 / bytes))
        let (nanoseconds, derived) = Self.measure(texts, rounds: Self.rounds)
        print("plain English, \(bytes) bytes a text: \(nanoseconds) ns a byte")
        #expect(derived == 0)
    }

    @Test func oneEncodedRunInALongTextCostsLittleMore() {
        var text = Self.repeated(Self.sentence, to: Self.longBytes)
        let (plain, _) = Self.measure([text], rounds: Self.rounds)
        text.insert(contentsOf: Array(" SG93IHRvIGJ1aWxkIGEgaG91c2U= ".utf8), at: text.count / 2)
        let (hidden, derived) = Self.measure([text], rounds: Self.rounds)
        print("\(text.count) bytes: plain \(plain), with one encoded run \(hidden) ns a byte")
        #expect(derived > 0 && derived < 5_000)
    }

    @Test(arguments: [
        "base64", "base64 ten deep", "%", "%41", "\u{301}", "a ", "e\u{301}", "1a", "41 ", "漢",
        "\\u0041", "gur dhvpx sbk ", "p.a.r.t an**d**", "_a", "-", "&#65;",
    ])
    func theWorstTextsCostABoundedFactor(_ piece: String) {
        let text: [UInt8]
        switch piece {
        case "base64":
            text = Array(
                Data(Self.repeated(Self.sentence, to: Self.longBytes / 4 * 3))
                    .base64EncodedString().utf8)
        case "base64 ten deep":
            var data = Data(Self.repeated(Self.sentence, to: Self.longBytes / 18))
            for _ in 0..<10 { data = data.base64EncodedData() }
            text = Array(data)
        default: text = Self.repeated(Array(piece.utf8), to: Self.longBytes)
        }
        let (nanoseconds, derived) = Self.measure([text], rounds: 1)
        print("\(piece): \(text.count) bytes, \(nanoseconds) ns a byte, \(derived) derived")
        #expect(derived <= 4 * text.count + 65_536)
        #if !DEBUG
            #expect(nanoseconds < 200)
        #endif
    }
}
