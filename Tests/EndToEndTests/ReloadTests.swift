// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Rules are read anew at SIGHUP, between two records and without losing one.
@Suite struct ReloadTests {
    private let host: Host

    init() throws { host = try Host() }

    /// A rule that looks for a word, as the file of that name.
    private func write(_ name: String, id: Int, word: String, more: String = "") throws {
        try """
        title: Looks for \(word)
        id: 00000000-0000-4000-8000-00000000000\(id)
        logsource: {category: ai_interaction}
        level: low
        detection:
          word:
            prompt|contains: \(word)
          condition: word
        \(more)
        """.write(toFile: "\(host.rules)/\(name).yml", atomically: true, encoding: .utf8)
    }

    private func reload(until told: String) {
        let before = host.errors.components(separatedBy: told).count
        if let daemon = host.daemon { kill(daemon.processIdentifier, SIGHUP) }
        host.wait(for: told) { host.errors.components(separatedBy: told).count > before }
    }

    private func found() -> [String] {
        host.reports().map { "\($0.recordID ?? "") \($0.rule?.title ?? "")" }.sorted()
    }

    @Test func newRulesHoldFromTheNextRecordOn() throws {
        try write("marker", id: 1, word: "amber")
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        func say(_ number: Int, _ word: String) throws {
            let line = Host.record(number, isMarked: false)
                .replacing("of no interest", with: word)
            try log.write(contentsOf: Data((line + "\n").utf8))
        }
        try host.start()
        try say(1, "amber")
        try say(2, "violet")
        host.wait(for: "the first report") { host.reports().count == 1 }
        try write("marker", id: 2, word: "violet")
        reload(until: "reloaded: 1 rules")
        try say(3, "amber")
        try say(4, "violet")
        host.wait(for: "the second report") { host.reports().count == 2 }
        #expect(host.end() == 0)
        #expect(found() == ["r1 Looks for amber", "r4 Looks for violet"])
    }

    @Test(
        "with a fault the old rules stay, and the fault is told",
        arguments: [
            ("contains: amber", "contain: amber", "error[S021]: unknown modifier `contain`"),
            (
                "level: low",
                "level: low\ntests: [{name: hopeless, match: true, event: {prompt: other}}]",
                "`hopeless` should match but does not"
            ),
        ])
    func faults(right: String, wrong: String, told: String) throws {
        try write("marker", id: 1, word: "amber")
        try host.start()
        host.wait(for: "start") { host.errors.contains("watching") }
        let path = "\(host.rules)/marker.yml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacing(right, with: wrong).write(
            toFile: path, atomically: true, encoding: .utf8)
        reload(until: "the rules are not reloaded")
        #expect(host.errors.contains(told))
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        let line = Host.record(1, isMarked: false).replacing("of no interest", with: "amber")
        try log.write(contentsOf: Data((line + "\n").utf8))
        host.wait(for: "the report") { host.reports().count == 1 }
        host.wait(for: "the alarm") { host.alarms().map(\.alarm?.name) == [.reloadFailed] }
        #expect(host.end() == 0)
        #expect(found() == ["r1 Looks for amber"])
    }

    @Test("reloaded over and over under load: each record is evaluated, and once")
    func underLoad() throws {
        let writer = LogWriter(folder: host.logs, seed: 77)
        try host.start()
        host.wait(for: "start") { host.errors.contains("watching") }
        writer.start()
        for round in 0..<15 {
            try write("other", id: 5, word: "word-\(round)")
            reload(until: "reloaded: 2 rules")
        }
        let expected = writer.finish()
        host.waitForReports(expected.count)
        #expect(host.end() == 0)
        #expect(host.reports().compactMap(\.recordID).sorted() == expected.sorted())
        #expect(Set(host.reports().map(\.tocsin.rules)).count > 5, "rules changed under the load")
    }
}
