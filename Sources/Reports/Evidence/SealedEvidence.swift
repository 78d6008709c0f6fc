// SPDX-License-Identifier: Apache-2.0
internal import Crypto
internal import Foundation

/// What a turn said, before it is sealed and after it is opened.
package struct Evidence: Sendable, Equatable, Codable {
    /// One text of the turn.
    package struct Passage: Sendable, Equatable, Codable {
        /// `prompt`, `response` … as rules name it; nil for a malformed record's raw text.
        package var field: String?
        package var text: String

        package init(field: String?, text: String) {
            self.field = field
            self.text = text
        }
    }

    package var passages: [Passage]
    /// The words around the match.
    package var excerpt: Report.Excerpt?
    /// The turn is longer than a report carries: its last passages are cut or missing.
    package var isCut: Bool

    package init(passages: [Passage], excerpt: Report.Excerpt?, isCut: Bool) {
        self.passages = passages
        self.excerpt = excerpt
        self.isCut = isCut
    }

    private enum CodingKeys: String, CodingKey {
        case passages, excerpt
        case isCut = "cut"
    }
}

/// The evidence of one report, sealed to the public keys of its recipients.
///
/// The evidence, as JSON, is encrypted once under a key of its own (ChaCha20-Poly1305), and that
/// key is sealed to each recipient by HPKE (RFC 9180, base mode, X25519, HKDF-SHA256,
/// ChaCha20-Poly1305). Both are bound to the report's id, so evidence moved into another report
/// does not open.
package struct SealedEvidence: Sendable, Equatable, Codable {
    /// The key of the evidence, for one recipient; Base64.
    package struct Share: Sendable, Equatable, Codable {
        /// ``EvidenceRecipient/identifier``.
        package var recipient: String
        package var encapsulatedKey: String
        package var sealedKey: String

        private enum CodingKeys: String, CodingKey {
            case recipient
            case encapsulatedKey = "encapsulated_key"
            case sealedKey = "sealed_key"
        }
    }

    package private(set) var version = 1
    package private(set) var shares: [Share]
    /// Nonce, ciphertext and tag; Base64.
    package private(set) var ciphertext: String

    private static let suite = HPKE.Ciphersuite(
        kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .chaChaPoly)

    private static func info(_ report: String) -> Data { Data("tocsin evidence 1 \(report)".utf8) }

    /// Seals the evidence of a report.
    ///
    /// - Complexity: Some 0.1 ms a recipient, and the encryption of the text.
    package init(_ evidence: Evidence, of report: String, to recipients: [EvidenceRecipient]) {
        do {
            let key = SymmetricKey(size: .bits256)
            let text = try JSONDocument.line(of: evidence)
            ciphertext = try ChaChaPoly.seal(
                Data(text.utf8), using: key, authenticating: Data(report.utf8)
            ).combined.base64EncodedString()
            shares = try recipients.map { recipient in
                var sender = try HPKE.Sender(
                    recipientKey: Curve25519.KeyAgreement.PublicKey(
                        rawRepresentation: recipient.raw),
                    ciphersuite: Self.suite, info: Self.info(report))
                let bytes = unsafe key.withUnsafeBytes { unsafe Data($0) }
                return Share(
                    recipient: recipient.identifier,
                    encapsulatedKey: sender.encapsulatedKey.base64EncodedString(),
                    sealedKey: try sender.seal(bytes).base64EncodedString())
            }
        } catch {
            // Keys were checked when they were read, and texts can always be encrypted.
            preconditionFailure("evidence that cannot be sealed")
        }
    }

    /// What was sealed.
    ///
    /// - Throws: ``EvidenceError``.
    package func open(
        of report: String, with key: EvidencePrivateKey
    ) throws(EvidenceError) -> Evidence {
        let own = key.recipient.identifier
        guard let share = shares.first(where: { $0.recipient == own }) else {
            throw EvidenceError.otherRecipients(shares.map(\.recipient), own: own)
        }
        do {
            guard let encapsulated = Data(base64Encoded: share.encapsulatedKey),
                let sealedKey = Data(base64Encoded: share.sealedKey),
                let sealed = Data(base64Encoded: ciphertext)
            else { throw EvidenceError.damaged }
            var recipient = try HPKE.Recipient(
                privateKey: key.key, ciphersuite: Self.suite, info: Self.info(report),
                encapsulatedKey: encapsulated)
            let contentKey = SymmetricKey(data: try recipient.open(sealedKey))
            let text = try ChaChaPoly.open(
                ChaChaPoly.SealedBox(combined: sealed), using: contentKey,
                authenticating: Data(report.utf8))
            return try JSONDecoder().decode(Evidence.self, from: text)
        } catch {
            throw EvidenceError.damaged
        }
    }
}

/// Sealed evidence cannot be opened.
package enum EvidenceError: Error, Equatable, CustomStringConvertible {
    /// It is sealed to these keys, not to the one at hand.
    case otherRecipients([String], own: String)
    /// Its bytes were changed, or it stands in another report than it was made for.
    case damaged

    package var description: String {
        switch self {
        case .otherRecipients(let keys, let own):
            "the evidence is sealed to \(keys.joined(separator: ", ")), and this key is \(own); "
                + "use the private key of one of those"
        case .damaged: "the evidence is damaged, or was moved here from another report"
        }
    }
}
