// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation

/// An operator, an account and a user of NATS' decentralised authentication, as `nsc` makes them.
struct SignedUsers {
    private enum Kind: UInt8 {
        case account = 0
        case operatorOfAll = 112
        case user = 160
    }

    private struct Identity {
        let kind: Kind
        let key = Curve25519.Signing.PrivateKey()

        var name: String { Self.encode([kind.rawValue] + key.publicKey.rawRepresentation) }
        var seed: String {
            let prefix: UInt8 = 144
            return Self.encode(
                [prefix | kind.rawValue >> 5, (kind.rawValue & 31) << 3] + key.rawRepresentation)
        }

        /// With a checksum, in base 32.
        private static func encode(_ bytes: [UInt8]) -> String {
            var crc: UInt16 = 0
            for byte in bytes {
                crc ^= UInt16(byte) << 8
                for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
            }
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
            var text = ""
            var buffer = 0
            var bits = 0
            for byte in bytes + [UInt8(crc & 0xff), UInt8(crc >> 8)] {
                buffer = buffer << 8 | Int(byte)
                bits += 8
                while bits >= 5 {
                    bits -= 5
                    text.append(alphabet[buffer >> bits & 31])
                }
                buffer &= 1 << bits - 1
            }
            if bits > 0 { text.append(alphabet[buffer << (5 - bits) & 31]) }
            return text
        }
    }

    private let root = Identity(kind: .operatorOfAll)
    private let account = Identity(kind: .account)
    private let system = Identity(kind: .account)
    private let user = Identity(kind: .user)

    init() throws {}

    private func token(
        of subject: Identity, by issuer: Identity, _ claims: [String: Any]
    ) throws -> String {
        func part(_ value: [String: Any]) throws -> String {
            base64(try JSONSerialization.data(withJSONObject: value))
        }
        let body =
            try part(["typ": "JWT", "alg": "ed25519-nkey"]) + "."
            + part([
                "jti": UUID().uuidString, "iat": Int(Date().timeIntervalSince1970),
                "iss": issuer.name, "sub": subject.name, "name": subject.name, "nats": claims,
            ])
        return body + "." + base64(try issuer.key.signature(for: Data(body.utf8)))
    }

    private func base64(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    var serverSettings: String {
        get throws {
            let plain: [String: Any] = [
                "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1,
                "wildcards": true, "conn": -1, "leaf": -1,
            ]
            let limits = plain.merging(
                ["mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1]
            ) { $1 }
            return """
                operator: \(try token(of: root, by: root, ["type": "operator", "version": 2]))
                resolver: MEMORY
                system_account: \(system.name)
                resolver_preload: {
                    \(account.name): \(try accountToken(account, limits))
                    \(system.name): \(try accountToken(system, plain))
                }
                """
        }
    }

    private func accountToken(_ account: Identity, _ limits: [String: Any]) throws -> String {
        try token(
            of: account, by: root, ["type": "account", "version": 2, "limits": limits])
    }

    func credentials() throws -> String {
        """
        -----BEGIN NATS USER JWT-----
        \(try token(
            of: user, by: account,
            ["type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1]))
        ------END NATS USER JWT------

        -----BEGIN USER NKEY SEED-----
        \(user.seed)
        ------END USER NKEY SEED------
        """
    }
}
