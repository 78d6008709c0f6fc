// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// What `tocsin status` says of logs in every state.
@Suite struct StatusTests {
    private let host: Host

    init() throws { host = try Host() }

    /// One stream of the command's JSON.
    private struct Stream: Decodable {
        let file: String
        let state: String
        let compressed_bytes: Int
        let decompressed_bytes: Int
        let lag_bytes: Int
        let records: Int
        let malformed: Int
        let gaps: Int
        let lost_bytes: Int
    }

    private struct Overview: Decodable {
        let version: Int
        let process: Int
        let streams: [Stream]
    }

    private func status() throws -> Overview {
        let result = try Tocsin.run("status", "--socket", host.socket, "--format", "json")
        return try JSONDecoder().decode(Overview.self, from: Data(result.output.utf8))
    }

    private func stream(_ name: String) throws -> Stream? {
        try status().streams.first { $0.file.hasSuffix("/\(name)") }
    }

    @Test func everyByteOfEveryLogIsAccountedFor() throws {
        let plain = (0..<40).map { Host.record($0, isMarked: $0 % 10 == 0) + "\n" }.joined()
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        try log.write(contentsOf: Data((plain + "no record\n").utf8))
        let parts = (0..<3).map { part in
            Array(
                ((0..<50).map { Host.record(100 * part + $0, isMarked: false) + "\n" }).joined()
                    .utf8)
        }
        var members = parts.map { GzipMember.of($0) }
        let middle = members[1].count / 2
        members[1].replaceSubrange(middle..<middle + 20, with: repeatElement(0xff, count: 20))
        try Data(members.flatMap(\.self)).write(
            to: URL(fileURLWithPath: "\(host.logs)/b.jsonl.gz"))
        try host.start()
        host.wait(for: "both logs") {
            (try? stream("a.jsonl")?.lag_bytes) == 0 && (try? stream("b.jsonl.gz")?.lag_bytes) == 0
        }
        #expect(try status().process == Int(try #require(host.daemon).processIdentifier))
        let first = try #require(try stream("a.jsonl"))
        #expect(first.records == 41)
        #expect(first.malformed == 1)
        #expect(first.compressed_bytes == first.decompressed_bytes)
        #expect(first.decompressed_bytes == plain.utf8.count + 10)
        #expect((first.state, first.gaps) == ("live", 0))
        let second = try #require(try stream("b.jsonl.gz"))
        #expect(second.gaps == 1)
        #expect(second.lost_bytes > 0 && second.lost_bytes <= members[1].count)
        #expect(second.compressed_bytes == members.reduce(0) { $0 + $1.count })
        #expect(second.records > 100 && second.records <= 151)

        let text = try Tocsin.run("status", "--socket", host.socket)
        #expect(
            text.output.contains("\ndaemon   Tocsin ") || text.output.hasPrefix("daemon   Tocsin "))
        #expect(text.output.contains("0 B not yet read, 1 coverage gap\n"))
        let metrics = try Tocsin.run("status", "--socket", host.socket, "--format", "metrics")
        #expect(metrics.output.contains("tocsin_stream_records_total{file=\"\(first.file)\""))
        #expect(host.end() == 0)
        try log.write(contentsOf: Data(plain.utf8))

        // And counted once when it is read, whatever kills the reader.
        try host.start()
        host.wait(for: "the rest") { (try? stream("a.jsonl")?.records) == 81 }
        #expect(host.end(SIGKILL) == -SIGKILL)
        try host.start()
        host.wait(for: "the start") { (try? status()) != nil }
        #expect(try stream("a.jsonl")?.records == 81)
        #expect(try stream("b.jsonl.gz")?.gaps == 1)
        #expect(host.end() == 0)
    }
}
