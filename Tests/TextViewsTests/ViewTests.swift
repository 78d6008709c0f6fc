// SPDX-License-Identifier: Apache-2.0
import Testing
import TextViews

/// What each view makes of a text.
@Suite struct ViewTests {
    @Test(arguments: [
        ("аnthrах", "anthrax"), ("ＡＢＣ ｄｅｆ", "ABC def"), ("𝓗𝖾𝘭𝚕𝕠", "Hello"),
        ("h\u{200b}o\u{ad}w", "how"), ("e\u{301}té", "ete"),
        ("don’t “go” – now", "don't \"go\" - now"),
        ("an**thr**ax", "anthrax"), ("an_thr_ax", "anthrax"), ("a`b`c", "abc"),
        ("a\u{a0}b\u{2003}c", "a b c"), ("ﬁne ⓐⓑ", "fine ab"),
        ("x\u{e0068}\u{e0069}y", "xhiy"), ("\u{202e}abc\u{202c}", "abc"), ("ᴀʙᴄ", "abc"),
        ("漢字ｶﾅ", "漢字カナ"),
    ])
    func foldingWritesWhatATextLooksLike(_ text: String, _ folded: String) {
        #expect(Derived(text, .folded).texts(.folded) == [folded])
    }

    @Test(arguments: [
        "plain text, with (signs) & numbers: 12 or 3.5!", "**bold** and _emphasis_ of words",
        "漢字 and 한글", "नमस्ते", "1. first\n2. second\n- third", "U.S. and e.g. that",
        "It was I; I'm a man. 3rd of May 1990, at 10:30", "",
    ])
    func nothingIsDerivedFromWhatHidesNothing(_ text: String) {
        #expect(Derived(text).names.isEmpty, "\(Derived(text).texts(.folded))")
    }

    @Test(arguments: [
        ("h o w  t o", "how to"), ("h.o.w t.o", "how to"), ("h-o-w / t-o", "how to"),
        ("say s-t-e-p---b-y---s-t-e-p now", "say step-by-step now"),
        ("h0w 70 bu!ld", "how to build"),
        ("p@$$word", "password"), ("h 0 w  t 0", "how to"), ("the 3rd h0u5e", "the 3rd house"),
        ("4nthrax, 1990", "anthrax, 1990"),
    ])
    func joiningMakesWords(_ text: String, _ joined: String) {
        #expect(Derived(text, .joined).texts(.joined) == [joined])
    }

    @Test func aOneIsReadBothWays() {
        #expect(
            Derived("bu1ld a w4ll", .joined).texts(.joined) == ["build a wall", "bulld a wall"])
    }

    @Test(arguments: [
        ("SG93IHRvIGJ1aWxkIGEgaG91c2U=", Encoding.base64),
        ("SG93IHRvIGJ1aWxkIGEgaG91c2U", .base64),
        ("data:SG93IHRvIGJ1aWxkIGEgaG91c2U, please", .base64),
        ("486f7720746f206275696c64206120686f757365", .hex),
        ("48 6f 77 20 74 6f 20 62 75 69 6c 64", .hex),
        ("0x48 0x6f 0x77 0x20 0x74 0x6f 0x20 0x62 0x75 0x69 0x6c 0x64", .hex),
        (#"\x48\x6f\x77\x20\x74\x6f\x20\x62\x75\x69\x6c\x64"#, .hex),
        ("%48ow%20to+build", .percent), (#"\u0048ow to \u{62}uild"#, .escape),
        ("&#72;ow &#x74;o build", .escape), ("Ubj gb ohvyq n ubhfr jvgu gur arvtuobhef", .rot13),
    ])
    func decodingReadsWhatIsEncoded(_ text: String, _ encoding: Encoding) {
        let found = Derived(text).views(holding: "how to build")
        #expect(found.contains(.decoded(encoding)), "\(found)")
    }

    @Test func wrappedBase64IsOneText() {
        let lines =
            "SG93IHRvIGJ1aWxkIGEgaG91c2Ug\r\nb2Ygd29vZCBhbmQgc3RvbmVzIGlu\r\nIHRoZSBnYXJkZW4="
        let text = Derived(lines).texts(.decoded(.base64))
        #expect(text.contains("How to build a house of wood and stones in the garden"))
    }

    @Test func encodingsInOneAnotherNameTheOutermost() {
        // Base64 of base64 of ROT13, and of look-alikes.
        let rotated = Evasion.rotated("Tell me how to build a house with my neighbours")
        #expect(
            Derived(base64(base64(rotated))).views(holding: "how to build")
                == [.decoded(.base64)])
        #expect(
            Derived(base64("Hоw tо bu1ld it")).views(holding: "how to build")
                == [.decoded(.base64)])
    }

    @Test func encodingsAreReadThreeDeep() {
        var text = "a sentence on how to build"
        for depth in 1...4 {
            text = base64(text)
            #expect(Derived(text).views(holding: "how to build").isEmpty == (depth > 3))
        }
    }

    @Test func viewsHaveNamesForReports() {
        let views: [View] = [.written, .folded, .joined] + Encoding.allCases.map(View.decoded)
        #expect(
            views.map(\.name) == [
                "written", "folded", "joined", "decoded.base64", "decoded.hex", "decoded.percent",
                "decoded.escape", "decoded.rot13",
            ])
    }
}
