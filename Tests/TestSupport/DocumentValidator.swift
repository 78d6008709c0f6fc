// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A real validator of documents, in a process of its own: `deploy/validate`.
public final class DocumentValidator: @unchecked Sendable {
    /// What documents are to be.
    public enum Kind: String, Sendable {
        case report, ocsf, otlp
    }

    /// Why it cannot run here; nil where it can. Where `CI=true` it must.
    public static let obstacle: String? = {
        if ProcessInfo.processInfo.environment["CI"] == "true" { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(root)/deploy/peer")
        process.arguments = ["formats", "python3", "-c", ""]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return "deploy/peer does not run" }
        process.waitUntilExit()
        return process.terminationStatus == 0
            ? nil : "the validators are not installed: deploy/peer install formats"
    }()

    private static let root = URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../..").standardized.path

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let lock = NSLock()
    private var rest = Data()

    /// One of reports for the whole test process, which is started once: it takes a while.
    public static let reports = try? DocumentValidator(.report)

    public init(_ kind: Kind) throws {
        process.executableURL = URL(fileURLWithPath: "\(Self.root)/deploy/peer")
        process.arguments = [
            "formats", "python3", "\(Self.root)/deploy/validate", kind.rawValue,
        ]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// What is wrong with each of the documents, by its number; empty when nothing is.
    public func faults(in documents: [String]) throws -> [Int: String] {
        try lock.withLock {
            var faults: [Int: String] = [:]
            for (number, document) in documents.enumerated() {
                try input.fileHandleForWriting.write(contentsOf: Data("\(document)\n".utf8))
                let verdict = try readLine()
                if verdict != "ok" { faults[number] = verdict }
            }
            return faults
        }
    }

    private func readLine() throws -> String {
        while true {
            if let end = rest.firstIndex(of: 0x0a) {
                defer { rest = rest[rest.index(after: end)...] }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { return "the validator ended" }
            rest += more
        }
    }
}
