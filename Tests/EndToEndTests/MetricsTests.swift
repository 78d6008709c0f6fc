// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// The file of figures for node_exporter, as the Prometheus project's own parser reads it.
@Suite struct MetricsTests {
    private let host: Host
    private let path: String
    private static let peer = URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../../deploy/peer").standardized.path
    /// Prints what it reads as JSON: each family's name, type and help, and each sample.
    private static let parser = """
        import json, sys
        from prometheus_client.parser import text_string_to_metric_families as families
        for f in families(open(sys.argv[1], newline="").read()):
            for s in f.samples or [None]:
                print(json.dumps({"family": f.name, "type": f.type, "help": f.documentation,
                    "name": s and s.name, "labels": s and s.labels, "value": s and s.value}))
        """

    init() throws {
        host = try Host()
        path = host.scratch.path + "/tocsin.prom"
        let text = try String(contentsOfFile: host.configuration, encoding: .utf8)
        try "\(text)\nmetrics_file: \(path)".write(
            toFile: host.configuration, atomically: true, encoding: .utf8)
    }

    private struct Sample: Decodable {
        let family: String
        let type: String
        let help: String
        let name: String?
        let labels: [String: String]?
        let value: Double?
    }

    private func parsed() throws -> [Sample] {
        let result = try Tocsin.run(
            ["metrics", "python3", "-c", Self.parser, path], program: Self.peer)
        #expect(result.errors.isEmpty)
        return try result.lines.map { try JSONDecoder().decode(Sample.self, from: Data($0.utf8)) }
    }

    private static var isParserThere: Bool {
        let result = try? Tocsin.run(["metrics", "python3", "-c", ""], program: peer)
        return result?.status == 0 || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    @Test func itIsThereWithTheFiguresForEverybodyAndGoneAtTheEnd() throws {
        // A name that would end the label, the line, or the file, were it not escaped.
        let name = "\(host.logs)/a\\n\"} 1\n# EOF\n.jsonl"
        let log = try FileHandle.appending(to: name)
        for number in 0..<5 {
            try log.write(
                contentsOf: Data((Host.record(number, isMarked: number == 3) + "\n").utf8))
        }
        // As the unit has it.
        host.prefix = ["/bin/sh", "-c", "umask 077; exec \"$@\"", "sh"]
        try host.start()
        host.wait(for: "the figures") {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                return false
            }
            // Never a part of it.
            #expect(text.hasPrefix("# HELP ") && text.hasSuffix("\n"))
            #expect(text.contains("tocsin_delivery_outstanding"))
            return text.contains("\ntocsin_records_total 5\n")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o644)
        #expect(!FileManager.default.fileExists(atPath: path + ".new"))
        if Self.isParserThere {
            let samples = try parsed()
            #expect(
                samples.contains {
                    $0.name == "tocsin_stream_records_total" && $0.labels?["file"] == name
                        && $0.value == 5
                })
            let ready = samples.first {
                $0.name == "tocsin_queue_reports" && $0.labels == ["state": "ready"]
            }
            #expect(ready?.value == 1)
            #expect(samples.allSatisfy { ["counter", "gauge"].contains($0.type) })
            #expect(samples.allSatisfy { !$0.help.isEmpty && $0.help.hasSuffix(".") })
            // Of counters the name of the samples ends so, of gauges it does not.
            #expect(
                samples.allSatisfy {
                    ($0.type == "counter") == ($0.name ?? "x_total").hasSuffix("_total")
                        || $0.name == nil
                })
        } else {
            print("NOT tried with Prometheus's parser: run deploy/packages test, with a network")
        }
        #expect(host.end() == 0)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aPlaceThatCannotBeWrittenIsToldOnceAndHoldsNothingUp() throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false)
        try host.start()
        host.wait(for: "word of it") { host.errors.contains("\(path): cannot be written") }
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        try log.write(contentsOf: Data((Host.record(1, isMarked: true) + "\n").utf8))
        host.wait(for: "the report") { host.reports().count == 1 }
        #expect(host.end() == 0)
        #expect(host.errors.components(separatedBy: "cannot be written").count == 2)
    }
}
