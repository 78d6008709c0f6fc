// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// Where commands speak of themselves, beside what they print.
package enum StandardError {
    /// One line, under the program's name.
    package static func tell(_ message: String) {
        FileHandle.standardError.write(Data("tocsin: \(message)\n".utf8))
    }
}
