// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Monitor

/// Folders of rules are layers: a host's own files stand in the place of the package's.
@Suite struct RuleFilesTests {
    private let scratch: Scratch
    private var host: String { scratch.path + "/etc" }
    private var shipped: String { scratch.path + "/usr" }

    init() throws {
        scratch = try Scratch()
        for (path, text) in [
            ("usr/pack/a.yml", "shipped"), ("usr/pack/b.yml", "shipped"),
            ("usr/other/a.yml", "shipped"), ("usr/README.md", "no rule"), ("etc/own.yaml", "own"),
        ] {
            let file = URL(fileURLWithPath: scratch.path).appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        try FileManager.default.createDirectory(
            atPath: host + "/pack", withIntermediateDirectories: true)
    }

    private func names(_ paths: [String]) -> [String] {
        paths.map { String($0.dropFirst(scratch.path.count + 1)) }
    }

    @Test func eachFolderAddsItsFiles() throws {
        let files = try RuleFiles(at: [host, shipped])
        #expect(
            names(files.paths)
                == ["etc/own.yaml", "usr/other/a.yml", "usr/pack/a.yml", "usr/pack/b.yml"])
        #expect(files.overriding.isEmpty && files.masks.isEmpty)
    }

    @Test func aFileOverridesThatOfTheSameNameInTheSameFolderOnly() throws {
        try "own".write(toFile: host + "/pack/a.yml", atomically: true, encoding: .utf8)
        let files = try RuleFiles(at: [host, shipped])
        #expect(
            names(files.paths)
                == ["etc/own.yaml", "etc/pack/a.yml", "usr/other/a.yml", "usr/pack/b.yml"])
        #expect(names(files.overriding) == ["etc/pack/a.yml"])
    }

    @Test("an empty file and a link to /dev/null switch a rule off", arguments: [true, false])
    func masks(isLink: Bool) throws {
        let mask = host + "/pack/a.yml"
        if isLink {
            try FileManager.default.createSymbolicLink(
                atPath: mask, withDestinationPath: "/dev/null")
        } else {
            try Data().write(to: URL(fileURLWithPath: mask))
        }
        let files = try RuleFiles(at: [host, shipped])
        #expect(names(files.paths) == ["etc/own.yaml", "usr/other/a.yml", "usr/pack/b.yml"])
        #expect(names(files.masks) == ["etc/pack/a.yml"])
    }

    @Test func aBrokenLinkSwitchesNothingOff() throws {
        let link = host + "/pack/a.yml"
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: scratch.path + "/nowhere")
        #expect(try RuleFiles(at: [host, shipped]).paths.contains(link))
        #expect {
            try RuleSet(paths: [host, shipped])
        } throws: {
            "\($0)" == "\(link): cannot be read: No such file or directory"
        }
    }

    @Test func oneLogsLineIsEnough() throws {
        let path = scratch.path + "/tocsin.yaml"
        try "logs: /var/log/inference/*.jsonl".write(
            toFile: path, atomically: true, encoding: .utf8)
        let configuration = try Configuration(path: path)
        #expect(configuration.logs == ["/var/log/inference/*.jsonl"])
        #expect(configuration.rules == ["/etc/tocsin/rules", "/usr/share/tocsin/rules"])
        #expect(configuration.state == "/var/lib/tocsin")
        try "state: here".write(toFile: path, atomically: true, encoding: .utf8)
        #expect {
            try Configuration(path: path)
        } throws: {
            "\($0)"
                == "\(path): the key `logs` is missing; see `logs: [/var/log/inference/*.jsonl*]`"
        }
    }
}
