// SPDX-License-Identifier: Apache-2.0
import CTextScan
import Testing
import TextViews

/// What holds whatever the text is.
@Suite struct InvariantTests {
    /// Pieces of which texts are made that come near to everything that is looked for.
    private static let pieces = [
        "a", "b", "word", "the ", " ", "  ", "\n", "\r\n", ".", "-", "*", "**", "_", "`", "~~", "0",
        "1", "3", "42", "@", "$", "!", "|", "%", "%6f", "%e2%80", "\\x41", "\\u00e9", "\\ud83d",
        "\\u{1F600}", "&#65;", "&#x1f600;", "&#", "h o w ", "h.o.w", "68 6f 77 20 74 6f 20 62 75",
        "0x48 0x6f ", "SG93IHRvIGJ1aWxkIGEgaG91c2U=", "4868656c6c6f20776f726c64", "а", "ё", "é",
        "e\u{301}", "\u{301}", "\u{200b}", "\u{e0041}", "“", "—", "漢", "ﷺ", "𝓗", "😀", "\u{0}",
        "gur dhvpx oebja sbk whzcf bire gur ynml qbt ", "Ａ", "\u{7f}", "\u{fe0f}", "ﬃ",
    ]

    private static func text(_ numbers: inout SeededNumbers, upTo count: Int) -> [UInt8] {
        var text = ""
        for _ in 0..<Int.random(in: 0...count, using: &numbers) {
            if Int.random(in: 0..<8, using: &numbers) == 0 {
                let value = UInt32.random(in: 0..<0x110000, using: &numbers)
                text.unicodeScalars.append(Unicode.Scalar(value) ?? "x")
            } else {
                let piece = pieces.randomElement(using: &numbers) ?? ""
                let times = Int.random(in: 0..<20, using: &numbers) == 0 ? 40 : 1
                for _ in 0..<times { text += piece }
            }
        }
        return Array(text.utf8)
    }

    private static func isUTF8(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
    }

    @Test func whatIsDerivedIsUTF8AndBounded() {
        let views = TextViews()
        for seed in UInt64(1)...200 {
            var numbers = SeededNumbers(seed: seed)
            let text = Self.text(&numbers, upTo: seed % 20 == 0 ? 800 : 60)
            let derived = Derived(text, views: views)
            for (view, bytes) in derived.texts {
                #expect(Self.isUTF8(bytes), "\(view.name), seed \(seed)")
            }
            #expect(derived.bytes <= 4 * text.count + 65_536, "seed \(seed)")
        }
    }

    @Test func foldingTwiceIsFoldingOnce() {
        for seed in UInt64(1)...200 {
            var numbers = SeededNumbers(seed: seed)
            let text = Self.text(&numbers, upTo: 60)
            guard text.count <= 1024 else { continue }
            for (_, folded) in Derived(text, .folded).texts {
                #expect(Derived(folded, .folded).texts.isEmpty, "seed \(seed)")
            }
        }
    }

    @Test func aViewSwitchedOffIsAllThatIsMissing() {
        for seed in UInt64(1)...80 {
            var numbers = SeededNumbers(seed: seed)
            let text = Self.text(&numbers, upTo: 30)
            let all = Derived(text)
            for (set, hasPrefix) in [
                (ViewSet.folded, "folded"), (.joined, "joined"), (.decoded, "decoded"),
            ] {
                let without = Derived(text, .all.subtracting(set))
                #expect(without.names.allSatisfy { !$0.hasPrefix(hasPrefix) })
                #expect(Derived(text, set).names.allSatisfy { $0.hasPrefix(hasPrefix) })
                // Unless there was no room for more.
                #expect(
                    all.bytes > 30_000 || without.names.isSubset(of: all.names), "seed \(seed)")
            }
            #expect(Derived(text, []).names.isEmpty)
        }
    }

    @Test func aLiteralThatTouchesWhatDiffersStandsInARegion() {
        let views = TextViews()
        let filler = Array("the quiet harbour town wakes early and the boats go out ".utf8)
        for seed in UInt64(1)...20 {
            var numbers = SeededNumbers(seed: seed)
            let count = Int.random(in: 2_000...12_000, using: &numbers)
            let plainText = (0..<count).map { filler[$0 % filler.count] }
            let before = (0..<250).map { filler[($0 + 5) % filler.count] }
            let place = Int.random(in: 0...count, using: &numbers)
            // 250 plain letters, and a word of which one letter is Cyrillic, spaced or encoded.
            for (hidden, plain) in [
                ("аx", "ax"), ("h0me", "home"), ("SGVsbG8gd29ybGQgYWdhaW4", "Hello"),
            ] {
                var text = plainText
                text.insert(contentsOf: before + Array(" \(hidden)".utf8), at: place)
                let literal = String(decoding: before.suffix(240), as: UTF8.self) + " " + plain
                #expect(
                    !Derived(text, views: views).views(holding: literal).isEmpty,
                    "\(hidden) at \(place), seed \(seed)")
            }
        }
    }

    @Test func aPlainTextWithOneHiddenWordDerivesLittle() {
        var text = Array(repeating: "The boats go out in the morning. ", count: 20_000).joined()
        text.insert(
            contentsOf: " SG93IHRvIGJ1aWxkIGEgaG91c2U= ",
            at: text.index(text.startIndex, offsetBy: 300_000))
        let derived = Derived(text)
        #expect(derived.views(holding: "how to build") == [.decoded(.base64)])
        #expect(derived.bytes < 4_000)
    }

    @Test(arguments: [
        "QUFBQUFBQUFBQUFB", "%", "%41", "%e2", "e\u{301}", "\u{301}", "a ", "a.", "é", "ﷺ", "1a",
        "41", "41 ", "a*", "_", "\\x41", "&#65;", "\\u0041", "gur ", "\u{200b}", "漢", "AAAA", "a",
        "-", "1", "@",
    ])
    func theWorstTextsTakeLinearTime(_ piece: String) {
        let clock = ContinuousClock()
        func seconds(_ bytes: Int) -> Duration {
            let unit = Array(piece.utf8)
            let text = Array(repeatElement(unit, count: bytes / unit.count).joined())
            return clock.measure {
                let derived = Derived(text)
                #expect(derived.bytes <= 4 * text.count + 65_536)
            }
        }
        _ = seconds(1 << 13)
        let small = seconds(1 << 13)
        let large = seconds(1 << 16)
        // Eight times as long; room for a busy machine.
        #expect(large < small * 40 + .milliseconds(400), "\(small) and \(large)")
    }

    @Test func allProcessorsSeeTheSameAndOverlookLittle() {
        for seed in UInt64(1)...600 {
            var numbers = SeededNumbers(seed: seed)
            let text = Self.text(&numbers, upTo: 200)
            let blocks = (text.count + 63) / 64
            var signs = [UInt8](repeating: 0xee, count: blocks + 1)
            var exact = signs
            let seen = ctextscan_signs(text, text.count, &signs)
            let all = ctextscan_signs_closely(text, text.count, &exact)
            var portable = [UInt8](repeating: 0xee, count: blocks + 1)
            // Which processor a text is looked at on must not change what is found in it.
            #expect(ctextscan_signs_portably(text, text.count, &portable) == seen, "seed \(seed)")
            #expect(portable == signs, "seed \(seed)")
            #expect(signs[blocks] == 0xee && exact[blocks] == 0xee)
            #expect(seen & ~(all | UInt32(CTEXTSCAN_HIGH)) == 0, "seed \(seed)")
            // Figures at a word's end, pairs of digits, letters as ROT13 has them; marks of which
            // there are more than a block.
            let overlooked = UInt8(
                CTEXTSCAN_LEET | CTEXTSCAN_PAIRS | CTEXTSCAN_ROT13 | CTEXTSCAN_EMPHASIS)
            for block in 0..<blocks {
                let missing = exact[block] & ~signs[block] & ~overlooked
                #expect(missing == 0, "seed \(seed), block \(block)")
                // The last look may see a character of the block before.
                let added = signs[block] & ~exact[block]
                #expect(
                    added == 0 || block == blocks - 1 && added == UInt8(CTEXTSCAN_HIGH),
                    "seed \(seed), block \(block)")
            }
        }
    }
}
