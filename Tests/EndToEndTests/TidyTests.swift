// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The project's own rules about its sources.
@Suite struct TidyTests {
    private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..")
        .standardized

    /// Which modules of ours, and which libraries, a module may import: the arrows of
    /// docs/ARCHITECTURE.md. The compiler lets a target import what its dependencies depend on.
    private static let allowedImports: [String: Set<String>] = [
        "Bytes": ["Glibc"],
        "Decompression": ["Bytes", "CIgzip", "CZlib", "CZstd", "Synchronization"],
        "LogTail": ["Bytes", "Decompression", "CLinux", "Crypto", "Glibc", "Synchronization"],
        "Interactions": ["Bytes", "CSimdJSON", "Crypto"],
        "TextViews": ["Bytes", "CTextScan", "Glibc"],
        "PatternScan": ["CVectorscan", "Glibc"],
        "Sigma": ["Yams"],
        "Scores": ["Bytes", "CTextScan", "Crypto", "Glibc"],
        "Detection": [
            "Bytes", "Sigma", "Interactions", "PatternScan", "Scores", "TextViews", "Foundation",
            "Glibc", "Synchronization",
        ],
        "Evaluation": [
            "Bytes", "Decompression", "LogTail", "Scores", "Foundation", "Glibc",
        ],
        "Correlation": ["Sigma"],
        "JetStream": ["CNats", "Foundation", "Glibc"],
        "Fleet": ["Correlation", "JetStream", "Reports", "Foundation"],
        "Reports": [
            "Bytes", "JetStream", "CSystemd", "GRDB", "Crypto", "Foundation", "Glibc", "Dispatch",
            "Synchronization",
        ],
        "Varlink": [
            "CLinux", "CSimdJSON", "CSystemd", "Foundation", "Glibc", "Synchronization",
        ],
        "Monitor": [
            "Bytes", "LogTail", "Decompression", "Sigma", "Detection", "Interactions",
            "Correlation", "Evaluation", "Fleet", "JetStream", "Reports", "Scores", "TextViews",
            "Varlink", "CLinux", "CSystemd", "CZlib", "Crypto", "Foundation", "Glibc", "Logging",
            "Yams", "Dispatch", "Synchronization",
        ],
        "tocsin": ["Monitor", "ArgumentParser", "Foundation"],
    ]

    private static func files(under folder: String, ending: String) -> [URL] {
        let all = FileManager.default.enumerator(
            at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
        return (all?.compactMap { $0 as? URL } ?? []).filter { $0.path.hasSuffix(ending) }
            .sorted { $0.path < $1.path }
    }

    @Test func modulesImportOnlyWhatStandsBelowThem() throws {
        for (module, allowed) in Self.allowedImports {
            let files = Self.files(under: "Sources/\(module)", ending: ".swift")
            #expect(!files.isEmpty, "no module \(module)")
            for file in files {
                for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                    let words = line.split(separator: " ")
                    guard let index = words.firstIndex(of: "import"), index < 2,
                        words.count == index + 2
                    else { continue }
                    #expect(
                        allowed.contains(String(words[index + 1])),
                        "\(file.lastPathComponent) imports \(words[index + 1])")
                }
            }
        }
    }

    @Test func everySourceNamesItsLicenceAndStaysShort() throws {
        for folder in ["Sources", "Tests"] {
            for file in Self.files(under: folder, ending: ".swift") {
                let lines = try String(contentsOf: file, encoding: .utf8)
                    .split(separator: "\n", omittingEmptySubsequences: false)
                #expect(lines.first == "// SPDX-License-Identifier: Apache-2.0", "\(file.path)")
                #expect(lines.count <= 400, "\(file.path) has \(lines.count) lines")
            }
        }
    }

    @Test func theTopLevelHoldsWhatTheReadmeNames() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.root.path)
            .filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }
        #expect(
            Set(names) == [
                "LICENSE", "Package.swift", "README.md", "Sources", "Tests", "deploy", "docs",
                "rules",
            ])
    }

    @Test func nothingIsLeftForLater() throws {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]
        for folder in ["Sources", "Tests", "deploy", "docs", "rules"] {
            for file in Self.files(under: folder, ending: "") {
                guard let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
                for word in words { #expect(!text.contains(word), "\(word) in \(file.path)") }
            }
        }
    }
}
