// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Crypto
internal import Foundation

/// A key for evidence is not of its form.
package struct EvidenceKeyError: Error, Equatable, CustomStringConvertible {
    package let description: String
}

/// To whom evidence is sealed: an X25519 public key, written `tocsin-evidence-public-1:BASE64`.
package struct EvidenceRecipient: Sendable, Equatable {
    private static let prefix = "tocsin-evidence-public-1:"
    let raw: [UInt8]

    /// - Throws: ``EvidenceKeyError`` when the text is no public key.
    package init(_ text: String) throws(EvidenceKeyError) {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if text.hasPrefix(EvidencePrivateKey.prefix) {
            throw EvidenceKeyError(
                description: "a private key, which belongs to the responders alone; give the "
                    + "public key that `tocsin evidence keygen` printed")
        }
        guard text.hasPrefix(Self.prefix),
            let bytes = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            (try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes)) != nil
        else {
            throw EvidenceKeyError(
                description: "not a public key for evidence; it reads `\(Self.prefix)…`, and "
                    + "`tocsin evidence keygen` makes one")
        }
        raw = Array(bytes)
    }

    fileprivate init(raw: [UInt8]) { self.raw = raw }

    /// The key as configurations name it.
    package var text: String { Self.prefix + Data(raw).base64EncodedString() }

    /// Tells keys apart in reports: the first 8 bytes of the key's SHA-256, in hexadecimal.
    package var identifier: String { Array(SHA256.hash(data: raw)).prefix(8).hexadecimal }
}

/// What opens evidence: an X25519 private key, written `tocsin-evidence-private-1:BASE64`.
package struct EvidencePrivateKey: Sendable {
    fileprivate static let prefix = "tocsin-evidence-private-1:"
    let key: Curve25519.KeyAgreement.PrivateKey

    /// A new key.
    package init() { key = Curve25519.KeyAgreement.PrivateKey() }

    /// - Throws: ``EvidenceKeyError`` when the text is no private key.
    package init(_ text: String) throws(EvidenceKeyError) {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.hasPrefix(Self.prefix),
            let bytes = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes)
        else {
            throw EvidenceKeyError(
                description: "not a private key for evidence; it reads `\(Self.prefix)…`, and "
                    + "`tocsin evidence keygen` makes one")
        }
        self.key = key
    }

    /// The key as it is kept in a file.
    package var text: String { Self.prefix + key.rawRepresentation.base64EncodedString() }

    /// The public key that belongs to it.
    package var recipient: EvidenceRecipient {
        EvidenceRecipient(raw: Array(key.publicKey.rawRepresentation))
    }
}
