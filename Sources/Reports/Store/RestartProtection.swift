// SPDX-License-Identifier: Apache-2.0
internal import Crypto
internal import Foundation

/// How the store keeps the places where decoding can begin again.
///
/// Such a place holds the last 32 KiB of a log as it was before compression: conversations. So it
/// is written encrypted where the key lies outside of the state directory, and else only where the
/// operator lets excerpts lie there too.
package enum RestartProtection: Sendable {
    /// As it is.
    case plain
    /// Encrypted under a key of 32 bytes that the state directory does not hold.
    case encrypted(key: [UInt8])
    /// Not at all: after a restart a log is decoded from where its compressed part begins.
    case omitted

    func written(_ restart: [UInt8], of stream: String) -> Data? {
        switch self {
        case .plain: return Data(restart)
        case .omitted: return nil
        case .encrypted(let key):
            return try? ChaChaPoly.seal(
                restart, using: SymmetricKey(data: key), authenticating: Data(stream.utf8)
            ).combined
        }
    }

    /// - Returns: Nil where it cannot be read, as under another key: then decoding begins
    ///   further back.
    func read(_ bytes: Data, of stream: String) -> [UInt8]? {
        switch self {
        case .plain: return Array(bytes)
        case .omitted: return nil
        case .encrypted(let key):
            guard let box = try? ChaChaPoly.SealedBox(combined: bytes),
                let restart = try? ChaChaPoly.open(
                    box, using: SymmetricKey(data: key), authenticating: Data(stream.utf8))
            else { return nil }
            return Array(restart)
        }
    }
}
