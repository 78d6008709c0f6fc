// SPDX-License-Identifier: Apache-2.0
import Bytes
import TestSupport
import Testing

@testable import Reports

/// Why the tests with a real journal cannot run here.
let noJournald = PrivateJournald.obstacle
let noJournaldComment = Comment(rawValue: "real journald: \(noJournald ?? "")")

/// A detection whose id follows from its rule, record and text.
func sample(
    rule: String = "weapons-1", level: Report.Level = .high, record: String = "r-1",
    text: String = "hello"
) -> Report {
    var report = Report(
        id: ReportIdentity.detection(
            rule: rule,
            event: ReportIdentity.event(recordID: record, turn: 3, digest: Array(text.utf8))),
        kind: .detection, detectedAt: Timestamp(milliseconds: 1_770_091_506_789),
        host: "gpu-7",
        rule: Report.Rule(
            id: rule, title: "Request for a nerve agent", level: level,
            tags: ["attack.impact", "harm.chemical"], version: "2"),
        level: level,
        position: Report.Position(
            stream: String(repeating: "ab", count: 32), file: "/var/log/x.jsonl.gz", offset: 4096,
            line: 12),
        tocsin: Report.Origin(version: "1.0.0", rules: "c0ffee"))
    report.time = Timestamp(milliseconds: 1_770_091_500_000)
    report.model = "llama-3"
    report.conversation = "c-9"
    report.turn = 3
    report.actor = "0123456789abcdef0123456789abcdef"
    report.who = .prompt
    report.field = "prompt"
    report.excerpt = Report.Excerpt(text: "say \(text)\nplease", matchStart: 4, matchEnd: 9)
    report.recordID = record
    return report
}

func pending(_ report: Report, text: String = "hello", isHistory: Bool = false) -> PendingReport {
    PendingReport(report: report, turnDigest: Array(text.utf8), isHistory: isHistory)
}

/// A place in a stream that is its family's first.
func checkpoint(of stream: String, offset: Int, restart: [UInt8]? = nil) -> StreamCheckpoint {
    StreamCheckpoint(
        stream: StreamID(stream), root: StreamID(stream), offset: offset, line: 4, guardBytes: 3,
        guardDigest: [0, 255, 9],
        file: FilePosition(path: "/var/log/a b.gz", readBytes: 1 << 40, sizeBytes: 1 << 41),
        restart: restart)
}

/// As many different reports as asked for, in one batch.
func batch(_ count: Int, from first: Int = 0) -> CommitBatch {
    CommitBatch(
        reports: (first..<first + count).map {
            pending(sample(record: "r-\($0)", text: "t-\($0)"), text: "t-\($0)")
        })
}

func gapSample() -> Report {
    let position = Report.Position(
        stream: String(repeating: "cd", count: 32), file: "/var/log/y.gz", offset: 777, line: 5)
    var report = Report(
        id: ReportIdentity.gap(stream: position.stream, offset: 777, reason: "bad checksum"),
        kind: .coverageGap, detectedAt: Timestamp(milliseconds: 1_770_091_506_789), host: "gpu-7",
        rule: nil, level: .medium, position: position,
        tocsin: Report.Origin(version: "1.0.0", rules: "c0ffee"))
    report.gap = Report.Gap(bytes: 4096, space: .compressed, reason: "bad checksum")
    return report
}
