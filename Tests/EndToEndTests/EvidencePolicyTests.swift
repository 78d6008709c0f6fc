// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reports
import TestSupport
import Testing

/// What of a conversation lies where, by policy.
@Suite struct EvidencePolicyTests {
    private let host: Host
    /// Words that stand in prompts and responses and nowhere else.
    private let words = ["quartz-heron", "velvet-anchor", "copper-lantern"]

    init() throws { host = try Host() }

    /// Writes a gzip log large enough for places to resume from, with all the words in it.
    private func writeLog() throws {
        var random = SeededGenerator(seed: 7)
        let log = try GzipLog(path: "\(host.logs)/a.jsonl.gz")
        for number in 0..<1800 {
            // Text that does not compress away, so that the file has many megabytes.
            let noise = (0..<300).map { _ in
                String(UInt64.random(in: 0...UInt64.max, using: &random), radix: 36)
            }
            let marked = number % 20 == 0 ? Host.marker : "plain"
            try log.append(
                #"{"id":"r\#(number)","user":"ann-\#(words[2])","messages":[{"role":"user","content":"\#(words[0]) \#(marked) \#(number)"}],"choices":[{"message":{"role":"assistant","content":"\#(words[1]) said"}}],"padding":"\#(noise.joined())"}"#
            )
        }
        try log.endMember()
    }

    private func run(_ lines: String, credentials: String? = nil) throws {
        let text = try String(contentsOfFile: host.configuration, encoding: .utf8)
        try "\(text)\n\(lines)\n".write(
            toFile: host.configuration, atomically: true, encoding: .utf8)
        if let credentials {
            host.prefix = ["/usr/bin/env", "CREDENTIALS_DIRECTORY=\(credentials)"]
        }
        try writeLog()
        try host.start()
        host.wait(for: "all reports") { host.reports().count == 90 }
        host.wait(for: "the last checkpoint") {
            (try? ReportStore(existing: host.state).streams().first?.checkpoint.line) == 1800
        }
    }

    /// Which of the words any file of the state directory holds.
    private func readable() throws -> [String] {
        var bytes = Data()
        for name in try FileManager.default.contentsOfDirectory(atPath: host.state) {
            bytes += FileManager.default.contents(atPath: "\(host.state)/\(name)") ?? Data()
        }
        return words.filter { bytes.range(of: Data($0.utf8)) != nil }
    }

    /// A key for the pseudonyms outside of the state directory.
    private func makeCredential() throws -> String {
        let folder = "\(host.scratch.path)/credentials"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try Data((0..<32).map { _ in UInt8.random(in: 0...255) }).write(
            to: URL(fileURLWithPath: "\(folder)/actor.key"))
        return folder
    }

    @Test("of excerpts the words around the match are readable there, and nothing else")
    func excerpt() throws {
        try run("evidence: excerpt", credentials: makeCredential())
        #expect(host.reports().allSatisfy { $0.excerpt != nil && $0.sealed == nil })
        #expect(try readable() == [words[0]])
        #expect(host.end() == 0)
    }

    @Test(
        "without excerpts nothing that was said is readable there, alive, killed or ended",
        arguments: ["none", "sealed"], [false, true])
    func nothing(policy: String, hasCredential: Bool) throws {
        let key = "\(host.scratch.path)/key"
        let made = try Tocsin.run("evidence", "keygen", "--out", key)
        #expect(made.output.hasPrefix("tocsin-evidence-public-1:"))
        let credentials = hasCredential ? try makeCredential() : nil
        try run(
            policy == "none"
                ? "evidence: none" : "evidence: sealed\nrecipients: [\(made.lines[0])]",
            credentials: credentials)
        #expect(try readable() == [])
        host.end(SIGKILL)
        #expect(try readable() == [])
        // A place to resume from is there, and none can read it, or there is none.
        #expect(host.reports().allSatisfy { $0.excerpt == nil })
        #expect(host.reports().allSatisfy { ($0.sealed != nil) == (policy == "sealed") })
        try host.start()
        host.wait(for: "the daemon") {
            (try? Tocsin.run("status", "--socket", host.socket).status) == 0
        }
        if policy == "sealed" {
            let exported = try Tocsin.run("queue", "export", "--socket", host.socket)
            let file = "\(host.scratch.path)/reports"
            try exported.output.write(toFile: file, atomically: true, encoding: .utf8)
            let opened = try Tocsin.run("evidence", "open", "--key", key, file)
            #expect(opened.status == 0, "\(opened.errors)")
            #expect(opened.output.components(separatedBy: words[0]).count == 91)
            #expect(opened.output.components(separatedBy: words[1]).count == 91)
            let other = try Tocsin.run("evidence", "keygen", "--out", key + "2")
            #expect(other.status == 0)
            let refused = try Tocsin.run("evidence", "open", "--key", key + "2", file)
            #expect(refused.status == 2)
            #expect(refused.errors.contains("\(file):1: the evidence is sealed to "))
        }
        #expect(host.end() == 0)
        #expect(try readable() == [])
    }
}
