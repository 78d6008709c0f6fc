// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reports
import Testing

@testable import Monitor

/// What `tocsin top` shows of a status on screens of several sizes.
///
/// `RECORD_SNAPSHOTS=1 swift test --filter TopFrameTests` writes the expectations anew.
@Suite struct TopFrameTests {
    private static func at(_ second: Int) -> Timestamp {
        Timestamp(milliseconds: (1_764_000_000 + second) * 1000)
    }

    private static func stream(
        _ file: String, state: MonitorStatus.Stream.State = .live, lagBytes: Int = 0,
        records: Int = 1000, updatedAt second: Int = 0
    ) -> MonitorStatus.Stream {
        MonitorStatus.Stream(
            stream: "s-\(file)", file: file, state: state, compressedBytes: 12_345_678,
            decompressedBytes: 123_456_789, lagBytes: lagBytes, records: records, malformed: 3,
            gaps: 1, lostBytes: 0, updatedAt: at(second))
    }

    private static func status(
        _ streams: [MonitorStatus.Stream], alerts: Int = 0, troubles: [String] = [],
        canary: MonitorStatus.Canary? = nil
    ) -> MonitorStatus {
        var status = MonitorStatus(
            tocsin: "0.1.0", host: "gpu-7", process: 1, startedAt: at(-100_000),
            rules: MonitorStatus.Rules(digest: "ab", summary: "74 rules", loadedAt: at(-90)),
            streams: streams,
            queue: MonitorStatus.Queue(
                ready: 12, claimed: 1, dead: 0, acknowledged: 90, dropped: 4,
                levels: MonitorStatus.Levels(medium: 3, high: 8, critical: 2),
                usedBytes: 1_300_000, limitBytes: 1 << 30),
            deliveries: [MonitorStatus.Delivery(sink: "journal", pending: 2, sent: 1)],
            work: MonitorStatus.Work(
                records: 1_234_567, malformed: 12, decompressedBytes: 1 << 40, reports: 107,
                recordsPerSecond: 203.4, bytesPerSecond: 1_830_000),
            troubles: troubles.map { MonitorStatus.Trouble(about: "journal", message: $0) })
        status.canary = canary
        status.recent = (0..<alerts).map { number in
            MonitorStatus.Alert(
                id: "\(number)", level: ["critical", "medium", "low"][number % 3],
                summary: "\(["critical", "medium", "low"][number % 3]): A finding (prompt, turn "
                    + "\(number), model m) in /var/log/inference/chat.jsonl.gz line \(number)",
                at: at(-number))
        }
        return status
    }

    private static let seen = MonitorStatus.Canary(
        everySeconds: 300, withinSeconds: 120, writtenAt: at(-20), seenAt: at(-19),
        latencySeconds: 0.234, isMissed: false)
    private static let missed = MonitorStatus.Canary(
        everySeconds: 300, withinSeconds: 120, writtenAt: at(-200), seenAt: at(-500),
        latencySeconds: 0.2, isMissed: true)

    /// Compares a frame with its file; styles stand before the lines.
    private func expect(
        _ name: String, _ status: MonitorStatus, rows: Int, columns: Int, notice: String? = nil,
        before: MonitorStatus? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var rates = StreamRates()
        if let before { rates.add(before, at: Self.at(-8)) }
        rates.add(status, at: Self.at(0))
        var frame = TopFrame(status: status, rates: rates, now: Self.at(0))
        frame.notice = notice
        let lines = frame.lines(for: TopFrame.Size(rows: rows, columns: columns))
        #expect(lines.count <= rows, sourceLocation: sourceLocation)
        for line in lines {
            #expect(line.text.columns <= columns, "\(line.text)", sourceLocation: sourceLocation)
            #expect(
                line.text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
                sourceLocation: sourceLocation)
        }
        let marks: [TerminalLine.Style: String] = [
            .plain: " ", .heading: "=", .bad: "!", .faint: ".",
        ]
        let text = lines.map { "\(marks[$0.style] ?? "?")|\($0.text)\n" }.joined()
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Frames/\(name).expected")
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(
            text == (try String(contentsOf: file, encoding: .utf8)), sourceLocation: sourceLocation)
    }

    @Test func aUsualScreen() throws {
        let streams = [
            Self.stream("/var/log/inference/a.jsonl.gz", records: 5_080),
            Self.stream(
                "/var/log/inference/b.jsonl.gz", state: .behind, lagBytes: 45_000_000,
                records: 1_000_016),
            Self.stream("/var/log/inference/gone.jsonl.gz", state: .gone),
        ]
        let before = [
            Self.stream("/var/log/inference/a.jsonl.gz", records: 5_000),
            Self.stream("/var/log/inference/b.jsonl.gz", records: 1_000_000),
        ]
        try expect(
            "usual", Self.status(streams, alerts: 9, canary: Self.seen), rows: 24, columns: 80,
            before: Self.status(before))
    }

    @Test func moreThanFitsIsCounted() throws {
        let streams = (0..<40).map {
            Self.stream("/var/log/inference/\($0).jsonl", updatedAt: -$0)
        }
        try expect("many", Self.status(streams, alerts: 20), rows: 24, columns: 80)
    }

    @Test func whatIsTheMatterStandsFirst() throws {
        try expect(
            "troubles",
            Self.status(
                [Self.stream("/var/log/inference/a.jsonl")], alerts: 1,
                troubles: ["the journal takes no entries"], canary: Self.missed),
            rows: 24, columns: 80, notice: "the daemon has gone; waiting for it to come back")
    }

    @Test func aSmallScreenHasWhatMattersMost() throws {
        try expect(
            "small",
            Self.status([Self.stream("/a")], alerts: 3, troubles: ["the journal takes no entries"]),
            rows: 6, columns: 24)
        try expect("tiny", Self.status([Self.stream("/a")]), rows: 1, columns: 3)
    }

    @Test func namesAndTextsCannotSpeakToTheTerminal() throws {
        let name = "/var/log/\u{1b}]0;title\u{07}\u{202e}evil\r\n\u{9b}2J模型日志.jsonl"
        var status = Self.status([Self.stream(name)], alerts: 1)
        status.recent[0].summary = "critical: \u{1b}[31mA rule\u{0} in \(name) line 1"
        try expect("hostile", status, rows: 20, columns: 60)
    }

    @Test func wideCharactersCountTwiceAndMarksNotAtAll() {
        #expect("模型".columns == 4)
        #expect("e\u{301}".columns == 1)
        #expect("模型日志".fitted(to: 5) == "模型…")
        #expect("abc".fitted(to: 3) == "abc")
        #expect("abcd".fitted(to: 3) == "ab…")
        #expect("abcd".fitted(to: 0) == "")
    }

    @Test func ratesAreThoseOfTheLastTenSeconds() {
        var rates = StreamRates()
        for second in 0...30 {
            let records = second < 20 ? second * 100 : 2000 + (second - 20) * 10
            rates.add(Self.status([Self.stream("/a", records: records)]), at: Self.at(second))
        }
        #expect(rates.perSecond("s-/a") == 10)
        #expect(rates.perSecond("s-/b") == 0)
        // The clock is set back.
        rates.add(Self.status([Self.stream("/a", records: 3000)]), at: Self.at(-1000))
        #expect(rates.perSecond("s-/a") == 0)
    }
}
