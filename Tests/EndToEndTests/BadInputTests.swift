// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Input that no reader likes: each is handled or told in one line, never a crash or silence.
@Suite struct BadInputTests {
    private let host: Host

    init() throws { host = try Host() }

    /// Scans one file with the marker rule; JSON reports on the output.
    private func scan(_ name: String, prefix: [String] = []) throws -> Tocsin.Result {
        try Tocsin.run(
            "scan", "--rules", host.rules, "--format", "json", "\(host.logs)/\(name)",
            prefix: prefix)
    }

    private func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(host.logs)/\(name)"))
    }

    private func gzip(_ name: String, lines: Int) throws -> [UInt8] {
        let log = try GzipLog(path: "\(host.logs)/\(name)")
        for number in 0..<lines { try log.append(Host.record(number, isMarked: true)) }
        try log.endMember()
        return Array(try Data(contentsOf: URL(fileURLWithPath: "\(host.logs)/\(name)")))
    }

    @Test func aGzipNameOnPlainTextIsReadAsPlainTextAndTold() throws {
        try write("x.jsonl.gz", Data((Host.record(1, isMarked: true) + "\n").utf8))
        let result = try scan("x.jsonl.gz")
        #expect(result.status == 1)
        #expect(result.lines.count == 1)
        #expect(
            result.errors.contains(
                "x.jsonl.gz: does not hold what .gz promises; reading it as plain text"))
    }

    @Test func halfAGzipGivesItsLinesAndAGap() throws {
        let whole = try gzip("x.jsonl.gz", lines: 100)
        try write("x.jsonl.gz", whole[..<(whole.count / 2)])
        let result = try scan("x.jsonl.gz")
        #expect(result.status == 1)
        #expect(result.lines.count > 40)
        #expect(result.lines.last?.contains(#""kind":"coverage_gap""#) == true)
        #expect(result.errors.contains("x.jsonl.gz: the file ends inside a gzip member"))
    }

    @Test func aFlippedBitCostsAGapAndNotTheOtherMembers() throws {
        var bytes = try gzip("first.gz", lines: 40)
        bytes[bytes.count / 2] ^= 0x10
        let second = try gzip("second.gz", lines: 40)
        try write("x.jsonl.gz", bytes + second)
        let result = try scan("x.jsonl.gz")
        #expect(result.status == 1)
        let gaps = result.lines.filter { $0.contains(#""kind":"coverage_gap""#) }
        #expect(gaps.count == 1, "\(result.errors)")
        // All of the second member's reports: their ids are those of records 0 to 39.
        for number in 0..<40 {
            #expect(result.output.contains(#""record_id":"r\#(number)""#), "record \(number)")
        }
    }

    @Test(
        "a line that is no interaction is searched as raw text and marked",
        arguments: [
            "not json \(Host.marker)\n", "{\"other\": \"\(Host.marker)\"}\n",
            "{\"broken\": \"\(Host.marker)\n", "\u{0}\u{0}\(Host.marker)\u{0}\n",
            "\(Host.marker) without a newline",
        ])
    func otherLines(text: String) throws {
        try write("x.jsonl", Array(text.utf8))
        let result = try scan("x.jsonl")
        #expect(result.status == 1)
        #expect(result.lines.count == 1)
        #expect(result.output.contains(#""malformed":true"#))
        #expect(result.errors.contains("x.jsonl: from line 1 on there are lines that are no JSON"))
        #expect(!result.errors.contains(Host.marker), "a log line holds a conversation's text")
    }

    @Test func invalidUTF8IsSearchedToo() throws {
        let bytes = [0xff, 0xfe] + Array(Host.marker.utf8) + [0xc3, 0x0a]
        try write("x.jsonl", bytes)
        let result = try scan("x.jsonl")
        #expect(result.status == 1)
        #expect(result.lines.count == 1)
    }

    @Test func aLineOf50MegabytesIsSearchedToItsEndInBoundedMemory() throws {
        var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 50_000_000)
        bytes += Array((Host.marker + "\n" + Host.record(7, isMarked: true) + "\n").utf8)
        try write("x.jsonl", bytes)
        // The whole address space of the process, its libraries included.
        let result = try scan(
            "x.jsonl", prefix: ["/bin/sh", "-c", #"ulimit -v 2000000; exec "$@""#, "sh"])
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.lines.count == 2)
        #expect(result.lines.first?.contains(#""line":1"#) == true)
        #expect(result.output.contains(#""record_id":"r7""#))
    }

    @Test(
        "a bomb, one line of a thousand times its file's size, costs bounded memory",
        arguments: ["x.jsonl.gz", "x.jsonl.zst"])
    func bomb(name: String) throws {
        let text =
            [UInt8](repeating: UInt8(ascii: "x"), count: 40_000_000)
            + Array((Host.marker + "\n" + Host.record(7, isMarked: true) + "\n").utf8)
        let bytes =
            name.hasSuffix("gz")
            ? GzipMember.of(text, level: 9) : ZstdStream.frame(of: text, level: 3)
        #expect(text.count > 900 * bytes.count)
        try write(name, bytes)
        let result = try scan(
            name, prefix: ["/bin/sh", "-c", #"ulimit -v 2000000; exec "$@""#, "sh"])
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.lines.count == 2)
    }

    @Test func anEmptyFileHoldsNothing() throws {
        try write("x.jsonl", [])
        #expect(try scan("x.jsonl").status == 0)
        try write("x.jsonl.gz", [])
        #expect(try scan("x.jsonl.gz").status == 0)
    }

    @Test func aFolderIsNamedWithWhatToDo() throws {
        let result = try scan(".")
        #expect(result.status == 2)
        #expect(result.errors.contains("is a directory; name the files in it"))
    }

    @Test func aMissingFileIsAnError() throws {
        let result = try scan("missing.jsonl")
        #expect(result.status == 2)
        #expect(result.errors.contains("missing.jsonl: cannot be read: No such file"))
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to give up its rights"))
    func aFileWithoutPermissionIsTold() throws {
        try write("x.jsonl", Array((Host.record(1, isMarked: true) + "\n").utf8))
        chmod("\(host.logs)/x.jsonl", 0o600)
        let result = try scan("x.jsonl", prefix: Self.asNobody)
        #expect(result.status == 2)
        #expect(result.errors.contains("x.jsonl: cannot be read: Permission denied; give"))
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to give up its rights"))
    func anUnwritableStateFolderIsTold() throws {
        host.prefix = Self.asNobody
        try host.start()
        host.daemon?.waitUntilExit()
        #expect(host.daemon?.terminationStatus == 2)
        #expect(host.errors.contains("\(host.state): "), "\(host.errors)")
        #expect(host.errors.split(separator: "\n").count == 1, "\(host.errors)")
    }

    /// Runs a program without root's rights to files.
    private static let asNobody = [
        "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
        "--bounding-set=-all",
    ]

    @Test func aConfigurationWithAnUnknownKeyIsToldWithItsPlace() throws {
        try "logs: [a]\nrule: b\nstate: c\n".write(
            toFile: host.configuration, atomically: true, encoding: .utf8)
        let result = try Tocsin.run("run", "--config", host.configuration)
        #expect(result.status == 2)
        #expect(
            result.errors
                == "tocsin: \(host.configuration):2:1: unknown key `rule`; did you mean `rules`? The keys are: logs, rules, state, shape, views, inflater, evidence, excerpt_bytes, recipients, forget_days, lateness_seconds, flood_limit, placeholders, socket, responder_group, operator_group, retention_days, queue_limit_megabytes, alarms, canary, metrics_file, nats\n"
        )
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, for a small file system"))
    func aFullDiskHoldsTheReaderBackAndLosesNothing() throws {
        try FileManager.default.createDirectory(
            atPath: host.state, withIntermediateDirectories: true)
        host.prefix = [
            "/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c",
            "mount -t tmpfs -o size=2m tmpfs \(host.state) && "
                + #"dd if=/dev/zero of=\#(host.state)/filler bs=1k count=1600 2>/dev/null; exec "$@""#,
            "sh",
        ]
        let log = try GzipLog(path: "\(host.logs)/a.jsonl.gz")
        for number in 0..<2000 { try log.append(Host.record(number, isMarked: true)) }
        try host.start()
        host.wait(for: "word of the full disk") {
            host.errors.contains("reading waits until that is mended")
        }
        let status = try Tocsin.run("status", "--socket", host.socket)
        #expect(status.output.contains("TROUBLE  store: "), "\(status)")
        let pid = try #require(host.daemon?.processIdentifier)
        func inside(_ arguments: String...) throws -> Int32 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/nsenter")
            process.arguments = ["-t", "\(pid)", "-m"] + arguments
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
        #expect(try inside("mount", "-o", "remount,size=64m", host.state) == 0)
        host.wait(for: "word that it goes on") { host.errors.contains("going on") }
        try log.append(Host.record(2000, isMarked: true))
        host.wait(for: "all reports") {
            let exported = try? Tocsin.run("queue", "export", "--socket", host.socket)
            return exported?.lines.count == 2001
        }
        #expect(host.end() == 0)
    }
}
