// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Reports

@Suite("Sealed evidence") struct EvidenceTests {
    private let evidence = Evidence(
        passages: [
            Evidence.Passage(field: "prompt", text: "purple lighthouse"),
            Evidence.Passage(field: nil, text: "\u{0}\u{1b}[31m and more"),
        ], excerpt: Report.Excerpt(text: "purple", matchStart: 0, matchEnd: 6), isCut: true)

    @Test("is opened by each recipient and by nobody else") func recipients() throws {
        let keys = (0..<3).map { _ in EvidencePrivateKey() }
        let sealed = SealedEvidence(evidence, of: "r", to: keys.prefix(2).map(\.recipient))
        for key in keys.prefix(2) { #expect(try sealed.open(of: "r", with: key) == evidence) }
        let own = keys[2].recipient.identifier
        #expect(throws: EvidenceError.otherRecipients(sealed.shares.map(\.recipient), own: own)) {
            try sealed.open(of: "r", with: keys[2])
        }
    }

    @Test("does not open in another report") func moved() throws {
        let key = EvidencePrivateKey()
        let sealed = SealedEvidence(evidence, of: "r", to: [key.recipient])
        #expect(throws: EvidenceError.damaged) { try sealed.open(of: "s", with: key) }
    }

    @Test("does not open when any character of it is changed") func damaged() throws {
        let key = EvidencePrivateKey()
        let sealed = SealedEvidence(evidence, of: "r", to: [key.recipient])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let document = String(decoding: try encoder.encode(sealed), as: UTF8.self)
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let start = try #require(document.range(of: "\"ciphertext\":\"")?.upperBound)
        let end = try #require(document[start...].firstIndex(of: "\""))
        for _ in 0..<50 {
            let offset = Int.random(
                in: 0..<document.distance(from: start, to: end) - 2, using: &random)
            let index = document.index(start, offsetBy: offset)
            let other: Character = document[index] == "A" ? "B" : "A"
            let changed = document.replacingCharacters(in: index...index, with: String(other))
            let read = try JSONDecoder().decode(SealedEvidence.self, from: Data(changed.utf8))
            #expect(throws: EvidenceError.damaged, "seed \(seed)") {
                try read.open(of: "r", with: key)
            }
        }
    }

    @Test("is twice the same only by chance: each sealing has keys of its own") func fresh() {
        let recipient = EvidencePrivateKey().recipient
        let first = SealedEvidence(evidence, of: "r", to: [recipient])
        let second = SealedEvidence(evidence, of: "r", to: [recipient])
        #expect(first.ciphertext != second.ciphertext)
        #expect(first.shares[0].encapsulatedKey != second.shares[0].encapsulatedKey)
    }

    @Test("keys come back from their text, and other texts are refused for what they are")
    func keys() throws {
        let key = EvidencePrivateKey()
        #expect(try EvidencePrivateKey(key.text + "\n").text == key.text)
        #expect(try EvidenceRecipient(" \(key.recipient.text)\n") == key.recipient)
        let swapped = #expect(throws: EvidenceKeyError.self) { try EvidenceRecipient(key.text) }
        #expect(swapped?.description.hasPrefix("a private key") == true)
        #expect(swapped?.description.contains(key.text.suffix(20)) == false)
        for text in ["", "tocsin-evidence-public-1:", "tocsin-evidence-public-1:AAAA", "age1xyz"] {
            #expect(throws: EvidenceKeyError.self) { try EvidenceRecipient(text) }
            #expect(throws: EvidenceKeyError.self) { try EvidencePrivateKey(text) }
        }
    }
}

@Suite("Places to resume from") struct RestartProtectionTests {
    private let words = Array("words of a conversation, and more of them".utf8)

    /// Whether any file of the directory holds the words.
    private func isReadable(in directory: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: directory).contains { name in
            let bytes = FileManager.default.contents(atPath: "\(directory)/\(name)") ?? Data()
            return bytes.range(of: Data(words)) != nil
        }
    }

    @Test("are read back, and lie in no file as they are, under a key") func encrypted() throws {
        let scratch = try Scratch()
        let key = [UInt8](repeating: 7, count: 32)
        let point = checkpoint(of: "s", offset: 1, restart: words)
        var store: ReportStore? = try ReportStore(
            directory: scratch.path, restarts: .encrypted(key: key))
        try store?.commit(CommitBatch(checkpoints: [point]), now: 1)
        #expect(try store?.restart(of: point.stream) == words)
        #expect(try !isReadable(in: scratch.path))
        store = nil
        // Under another key it is as if there were none.
        store = try ReportStore(
            directory: scratch.path, restarts: .encrypted(key: key.map { $0 + 1 }))
        #expect(try store?.restart(of: point.stream) == nil)
    }

    @Test("are removed when a state directory gets a stricter policy") func stricter() throws {
        let scratch = try Scratch()
        let point = checkpoint(of: "s", offset: 1, restart: words)
        var store: ReportStore? = try ReportStore(directory: scratch.path)
        try store?.commit(CommitBatch(checkpoints: [point]), now: 1)
        #expect(try isReadable(in: scratch.path))
        store = nil
        store = try ReportStore(directory: scratch.path, restarts: .omitted)
        #expect(try store?.restart(of: point.stream) == nil)
        try store?.commit(CommitBatch(checkpoints: [point]), now: 2)
        #expect(try store?.restart(of: point.stream) == nil)
        store = nil
        #expect(try !isReadable(in: scratch.path))
    }

    @Test("follow from where the key of the pseudonyms lies") func policy() throws {
        let scratch = try Scratch()
        let credentials = try Scratch()
        func isKind(_ protection: RestartProtection, _ expected: String) -> Bool {
            "\(protection)".hasPrefix(expected)
        }
        let own = try Pseudonym(directory: scratch.path, credentials: credentials.path)
        #expect(isKind(own.restartProtection(keepsExcerpts: true), "plain"))
        #expect(isKind(own.restartProtection(keepsExcerpts: false), "omitted"))
        try Data(repeating: 3, count: 32).write(
            to: URL(fileURLWithPath: "\(credentials.path)/actor.key"))
        let shared = try Pseudonym(directory: scratch.path, credentials: credentials.path)
        #expect(isKind(shared.restartProtection(keepsExcerpts: true), "encrypted"))
        #expect(isKind(shared.restartProtection(keepsExcerpts: false), "encrypted"))
        #expect(shared("ann") != own("ann"))
        try Data(repeating: 3, count: 31).write(
            to: URL(fileURLWithPath: "\(credentials.path)/actor.key"))
        let short = #expect(throws: StoreError.self) {
            try Pseudonym(directory: scratch.path, credentials: credentials.path)
        }
        #expect(short?.description.contains("not of 32 to 4095 bytes") == true)
    }
}
