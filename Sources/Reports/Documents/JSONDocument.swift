// SPDX-License-Identifier: Apache-2.0
package import Foundation

/// Values as JSON the way Tocsin writes it: one line, keys sorted, slashes not escaped.
package enum JSONDocument {
    /// - Parameter configure: Sets what else the encoder is to do, such as other keys.
    /// - Throws: `EncodingError` for what JSON cannot hold, such as an infinite number.
    package static func line(
        of value: some Encodable, _ configure: (JSONEncoder) -> Void = { _ in }
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        configure(encoder)
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The same of a value that JSON can hold whatever is in it: of texts, finite numbers and
    /// Booleans.
    package static func certainLine(
        of value: some Encodable, _ configure: (JSONEncoder) -> Void = { _ in }
    ) -> String {
        do {
            return try line(of: value, configure)
        } catch {
            preconditionFailure("a \(type(of: value)) that JSON cannot hold")
        }
    }
}
