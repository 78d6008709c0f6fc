// SPDX-License-Identifier: Apache-2.0
import FuzzEntries
import TestSupport
import Testing

/// What deploy/fuzz does for as long as it is given, for a moment: the same checks, on sound
/// files that were changed by chance.
@Suite struct FuzzTests {
    @Test(arguments: FuzzTarget.allCases)
    func changedInputsShowNoFault(target: FuzzTarget) {
        guard target.isKnown else { return }
        let sound = Self.soundInputs(target)
        for (index, input) in sound.enumerated() {
            #expect(target.fault(with: input) == nil, "\(target), sound input \(index)")
        }
        for seed in 0..<Self.rounds(target) {
            var random = SeededGenerator(seed: seed)
            let input = Self.mutated(sound, &random)
            if let fault = target.fault(with: input) {
                Issue.record("\(target), seed \(seed): \(fault); the input: \(Self.hex(input))")
            }
        }
    }

    /// Long lines and compiled rules take a while.
    private static func rounds(_ target: FuzzTarget) -> UInt64 {
        target == .lines || target == .rules ? 20 : 60
    }

    /// Files as they are meant to be, each with the bytes that choose its cuts.
    private static func soundInputs(_ target: FuzzTarget) -> [[UInt8]] {
        let text = Array(
            repeatElement(#"{"role":"user","content":"What is the weather?"}"# + "\n", count: 12)
                .joined().utf8)
        let files: [[UInt8]]
        switch target {
        case .gzip:
            let member = GzipMember()
            let flushed = member.write(text, .sync) + member.write(text, .finish)
            files = [
                GzipMember.of(text), GzipMember.of(text, level: 1), GzipMember.of([]), flushed,
                GzipMember.of(text) + [0, 0, 0] + GzipMember.of(Array(text.reversed())),
                Array(GzipMember.of(text).dropLast(20)) + flushed,
            ]
        case .zstd: files = zstdFiles + [zstdFiles.flatMap { $0 }]
        case .lines:
            files = [
                text, text + [0xff, 0x90, 0x0a] + text, [0xff, 0xff, 0xff, 0x20, 0x0a, 0x7b, 0x7d],
            ]
        case .configuration, .rules, .records, .varlink:
            files = (texts[target] ?? []).map { Array($0.utf8) }
        }
        return files.enumerated().map { index, file in file + [0, 0, 0, UInt8(index)] }
    }

    /// Texts that operators, servers and callers write.
    private static let texts: [FuzzTarget: [String]] = [
        .configuration: [
            "logs: [/var/log/*.jsonl]\nexcerpt_bytes: 80\nalarms: {lag_megabytes: 5}\n",
            "logs: a\nviews: [folded, joined]\nplaceholders: {words: [one, two]}\nforget_days: 3\n",
            // Found by deploy/fuzz: the error that named this key had two lines.
            "{\"log\\ns\\e[2J\": a}\n",
        ],
        .rules: [
            """
            title: A
            id: 00000000-0000-0000-0000-000000000001
            logsource: {category: ai_interaction}
            level: high
            detection:
              asked: {prompt|contains|all: [a, b], response|re: 'x[a-f]+'}
              other: {gen_ai.request.model|startswith: m, turn.index|gte: 2}
              condition: asked and not 1 of other*
            """,
            """
            title: B
            name: b
            id: 00000000-0000-0000-0000-000000000002
            logsource: {category: ai_interaction}
            detection: {words: [one, two], condition: words}
            ---
            title: C
            id: 00000000-0000-0000-0000-000000000003
            correlation:
              {type: event_count, rules: [b], group-by: [user.id], timespan: 1h, condition: {gte: 3}}
            level: high
            """,
        ],
        .records: [
            #"""
            {"id":"r","created":1700000000,"model":"m","messages":[{"role":"user","content":"Q"}],"choices":[{"message":{"content":"A"}}]}
            {"conversation_id":"c","messages":[{"role":"user","content":"the weather"}],"choices":[]}

            no JSON, but weather
            {"prompt":"Q","response":"I cannot"}
            """#
        ],
        .varlink: [
            #"{"method":"a.b.C","parameters":{"x":[1,2.5,null,true,"\u00e9"]},"more":true}"#,
            "# What\ninterface a.b\ntype T (x: ?int, y: []string, z: (one, two))\nmethod M(t: T) -> ()\n",
        ],
    ]

    /// Frames of zstd 1.5.4, each of another kind.
    private static let zstdFiles = [
        // Text, compressed, with its checksum.
        "28b52ffd0458c50200e205131790a939ab48b50cfc3dbc8b503e38f2e2ee36f7646c55942569c067068d"
            + "57062685d6f2110af37620079f461fbac0d44025e9e03e674ed0e7b810cf0ea1a6977c49150ae8bd909a"
            + "fa50ef2202000f73e808345550bed358e8",
        // The same with the best level and no checksum.
        "28b52ffd0068b50200e2851211a06ff8e56cd8a9918dabfb002c52bf353c20bb787a529f9650f5836dce"
            + "97f17ecbe3ea7ad9a79f363988a706b217f98c9eb7fd8cf66c4d0f334e9cbea70f220f2e7f5627fe0e4a"
            + "c70102004d1d3a024d1514",
        // An RLE block.
        "28b52ffd04584d0000106161010083d3032cd63c80d4",
        // Raw bytes.
        "28b52ffd045841010000268a2c0c2a8620f80e62f4c4d21ea87076ba3cfcfa36b0685e9204b4a2ce38e0"
            + "c6ea4ceccae640d9518570",
        // Nothing.
        "28b52ffd240001000099e9d851",
        // A skippable frame.
        "502a4d1804000000736b6970",
    ].map(bytes(ofHex:))

    private static func bytes(ofHex text: String) -> [UInt8] {
        var digits = text.compactMap(\.hexDigitValue)[...]
        var bytes: [UInt8] = []
        while let high = digits.popFirst(), let low = digits.popFirst() {
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// One of the inputs, changed in some places.
    private static func mutated(
        _ inputs: [[UInt8]], _ random: inout SeededGenerator
    ) -> [UInt8] {
        var input = inputs.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) where !input.isEmpty {
            let index = Int.random(in: 0..<input.count, using: &random)
            let end = min(input.count, index + Int.random(in: 1...20, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: input[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: input[index] = UInt8.random(in: 0...255, using: &random)
            case 2: input.removeSubrange(index..<end)
            case 3: input.insert(contentsOf: input[index..<end], at: index)
            case 4: input.removeLast(input.count - index)
            default:
                let other = inputs.randomElement(using: &random) ?? []
                input.insert(contentsOf: other.prefix(other.count / 2), at: index)
            }
        }
        return input
    }
}
