// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Reports

@Suite("A journal entry") struct JournalEntryTests {
    private func lines(_ report: Report) -> [String] {
        JournalEntry(report, sequence: 42, store: "51").fields.map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test("of a detection has every field that is known") func detection() {
        let report = sample(level: .critical)
        #expect(
            lines(report) == [
                "MESSAGE=critical: Request for a nerve agent (prompt, turn 3, model llama-3) in /var/log/x.jsonl.gz line 12",
                "MESSAGE_ID=5d85fc6229924f1888faf3b3357c70fa",
                "PRIORITY=2",
                "SYSLOG_IDENTIFIER=tocsin",
                "TOCSIN_REPORT_ID=\(report.id)",
                "TOCSIN_SEQ=42",
                "TOCSIN_STORE=51",
                "TOCSIN_LEVEL=critical",
                "TOCSIN_RULE_ID=weapons-1",
                "TOCSIN_RULE_TITLE=Request for a nerve agent",
                "TOCSIN_TAG=attack.impact",
                "TOCSIN_TAG=harm.chemical",
                "TOCSIN_MODEL=llama-3",
                "TOCSIN_CONVERSATION=c-9",
                "TOCSIN_TURN=3",
                "TOCSIN_ACTOR=0123456789abcdef0123456789abcdef",
                "TOCSIN_WHO=prompt",
                "TOCSIN_FIELD=prompt",
                "TOCSIN_STREAM=\(report.position?.stream ?? "")",
                "TOCSIN_FILE=/var/log/x.jsonl.gz",
                "TOCSIN_OFFSET=4096",
                "TOCSIN_LINE=12",
                "TOCSIN_EXCERPT=say hello\nplease",
                "TOCSIN_VERSION=1.0.0",
                "TOCSIN_RULESET=c0ffee",
            ])
    }

    @Test("of a coverage gap says how much was missed and why") func gap() {
        let fields = lines(gapSample())
        #expect(
            fields.first
                == "MESSAGE=medium: 4096 compressed bytes of /var/log/y.gz from offset 777 were not evaluated: bad checksum"
        )
        #expect(fields.contains("MESSAGE_ID=62eacd1a70994618a85917f34a897865"))
        #expect(fields.contains("PRIORITY=4"))
        #expect(fields.contains("TOCSIN_GAP_BYTES=4096"))
        #expect(fields.contains("TOCSIN_GAP_REASON=bad checksum"))
        #expect(!fields.contains { $0.hasPrefix("TOCSIN_RULE_ID") })
    }

    @Test("gives each level its syslog priority") func priorities() {
        let told = Report.Level.allCases.map { level in
            lines(sample(level: level)).first { $0.hasPrefix("PRIORITY=") }
        }
        #expect(told == ["PRIORITY=6", "PRIORITY=5", "PRIORITY=4", "PRIORITY=3", "PRIORITY=2"])
    }

    @Test("says in its message that a turn is old or its record odd") func remarks() {
        var report = sample()
        report.history = true
        report.malformed = true
        #expect(
            lines(report)[0].contains(
                "(prompt, repeated in a later request, turn 3, model llama-3, malformed record)"))
    }

    @Test("holds no control characters, and newlines in the excerpt alone") func controls() {
        var report = sample()
        report.rule?.title = "a\u{1b}[31m\nb\u{202e}c"
        report.position?.file = "/log/\ny\u{9b}"
        report.excerpt?.text = "one\n\ttwo\u{1b}\u{0}"
        let fields = lines(report)
        #expect(fields[0].hasPrefix("MESSAGE=high: a\u{fffd}[31m b\u{fffd}c ("))
        #expect(fields.contains("TOCSIN_FILE=/log/ y\u{fffd}"))
        #expect(fields.contains("TOCSIN_EXCERPT=one\n\ttwo\u{fffd}\u{fffd}"))
    }

    @Test("cuts long values between characters, and long lists") func bounds() {
        var report = sample()
        report.excerpt?.text = "x" + String(repeating: "é", count: 9000)
        report.model = String(repeating: "m", count: 8192)
        report.rule?.tags = (0..<1000).map { "tag.\($0)" }
        let names = (0..<1000).map { "name.\($0)" }
        report.derived = Dictionary(uniqueKeysWithValues: names.map { ($0, true) })
        report.correlation = Report.Correlation(
            start: report.detectedAt, end: report.detectedAt,
            group: Dictionary(uniqueKeysWithValues: names.map { ($0, "x") }), value: 2, count: 2,
            events: [])
        let entry = JournalEntry(report, sequence: 1, store: "")
        for field in entry.fields {
            let value = field.drop { $0 != 0x3d }.dropFirst()
            #expect(value.count <= JournalEntry.valueLimit)
            #expect(String(validating: value, as: UTF8.self) != nil)
        }
        let fields = lines(report)
        #expect(fields.contains { $0.hasPrefix("TOCSIN_EXCERPT=x") && $0.hasSuffix("é…") })
        #expect(fields.contains("TOCSIN_MODEL=" + String(repeating: "m", count: 8192)))
        for name in ["TAG", "DERIVED", "GROUP"] {
            #expect(fields.count { $0.hasPrefix("TOCSIN_\(name)=") } == 32)
        }
    }
}
