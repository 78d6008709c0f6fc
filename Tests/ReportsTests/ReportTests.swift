// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Reports

@Suite("A report") struct ReportTests {
    @Test("is one line of JSON with sorted keys and nothing for absent values") func golden() {
        var report = gapSample()
        report.host = "a/b"
        #expect(
            report.json == """
                {"detected_at":"2026-02-03T04:05:06.789Z","gap":{"bytes":4096,"reason":"bad checksum",\
                "space":"compressed"},"history":false,"host":"a/b",\
                "id":"\(report.id)","kind":"coverage_gap",\
                "level":"medium","malformed":false,"position":{"file":"/var/log/y.gz","line":5,\
                "offset":777,"stream":"\(report.position?.stream ?? "")"},\
                "tocsin":{"rules":"c0ffee","version":"1.0.0"},"version":2}
                """)
        #expect(!sample().json.contains("\n"))
    }

    @Test("comes back from its JSON as it was") func roundTrip() throws {
        #expect(try Report(json: sample().json) == sample())
        #expect(try Report(json: gapSample().json) == gapSample())
    }

    @Test("of another version is refused without being quoted") func unknownVersion() {
        let text = sample().json.replacingOccurrences(of: "\"version\":2,", with: "\"version\":3,")
        let error = #expect(throws: Report.UnreadableError.self) { try Report(json: text) }
        #expect(error?.description == "a report of the unknown version 3")
        let torn = #expect(throws: Report.UnreadableError.self) { try Report(json: "{\"excerpt\"") }
        #expect(torn?.description.contains("excerpt") == false)
    }

    @Test("keys its id on what makes the event, and on nothing else") func identity() {
        let digest: [UInt8] = [1, 2, 3]
        let event = ReportIdentity.event(recordID: "c", turn: 1, digest: digest)
        let ids = [
            event, ReportIdentity.event(recordID: "bc", turn: 1, digest: digest),
            ReportIdentity.event(recordID: "c", turn: 2, digest: digest),
            ReportIdentity.event(timeMilliseconds: 1, actor: "c", digest: digest),
            ReportIdentity.event(stream: "c", offset: 1, digest: digest),
            ReportIdentity.historyEvent(digest: digest),
            ReportIdentity.detection(rule: "ab", event: event),
            ReportIdentity.detection(rule: "a", event: "b" + event),
            ReportIdentity.correlation(["ab", "c"]), ReportIdentity.correlation(["a", "bc"]),
            ReportIdentity.repeats(of: event),
            ReportIdentity.gap(stream: "ab", offset: 1, reason: "c"),
        ]
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.count == 64 })
        // Stored ids outlive the program, so the form may not drift.
        let known = "9fc1fe17385f1129beaf2175540f7672"
        #expect(ReportIdentity.historyEvent(digest: [0]).prefix(32) == known)
    }
}

@Suite("A timestamp") struct TimestampTests {
    @Test(
        "is written in RFC 3339 and read back",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_770_091_506_789, "2026-02-03T04:05:06.789Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
        ]) func known(milliseconds: Int, text: String)
    {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test("agrees with the C library on random moments") func againstLibrary() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5000 {
            let seconds = Int.random(in: -62_167_219_200...253_402_300_799, using: &random)
            var moment = seconds
            var fields = unsafe tm()
            _ = unsafe gmtime_r(&moment, &fields)
            let text = unsafe String(
                format: "%04d-%02d-%02dT%02d:%02d:%02d.000Z", fields.tm_year + 1900,
                fields.tm_mon + 1, fields.tm_mday, fields.tm_hour, fields.tm_min, fields.tm_sec)
            let time = Timestamp(milliseconds: seconds * 1000)
            #expect(time.description == text, "seed \(seed)")
            #expect(Timestamp(text) == time, "seed \(seed)")
        }
    }

    @Test(
        "is not read from what is no time",
        arguments: [
            "", "2026-02-30T00:00:00.000Z", "2026-02-03T24:00:00.000Z", "2026-02-03 04:05:06.789Z",
            "2026-02-03T04:05:06.789", "2026-02-03T04:05:06.78xZ",
        ]) func refused(text: String)
    {
        #expect(Timestamp(text) == nil)
    }
}

@Suite("A pseudonym") struct PseudonymTests {
    @Test("is the same in every run with one key, and another with another") func stable() throws {
        let scratch = try Scratch()
        let first = try Pseudonym(directory: scratch.path)
        let second = try Pseudonym(directory: scratch.path)
        #expect(first("ann") == second("ann"))
        #expect(first("ann") != first("bob"))
        #expect(first("ann").count == 32)
        #expect(Pseudonym.ephemeral()("ann") != first("ann"))
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(names == ["actor.key"])
    }

    @Test("is refused with a key that others may read or that is cut short") func badKey() throws {
        let scratch = try Scratch()
        _ = try Pseudonym(directory: scratch.path)
        let key = scratch.path + "/actor.key"
        unsafe chmod(key, 0o640)
        let open = #expect(throws: StoreError.self) { try Pseudonym(directory: scratch.path) }
        #expect(open?.kind == .notPermitted)
        #expect(open?.description.contains("chmod 600") == true)
        unsafe chmod(key, 0o600)
        unsafe truncate(key, 7)
        let short = #expect(throws: StoreError.self) { try Pseudonym(directory: scratch.path) }
        #expect(short?.kind == .damaged)
        #expect(short?.description.hasPrefix(key + ": ") == true)
    }
}
