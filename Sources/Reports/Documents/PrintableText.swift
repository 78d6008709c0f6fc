// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text with control characters made visible as U+FFFD.
    ///
    /// They come from conversations, and a reader's terminal would obey them: escape sequences,
    /// and the marks that turn the direction of writing.
    package func printable(keepingNewlines: Bool) -> String {
        var clean = UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0a: clean.append(keepingNewlines ? scalar : " ")
            case 0..<0x20, 0x7f...0x9f, 0x2028...0x202e, 0x2066...0x2069: clean.append("\u{fffd}")
            default: clean.append(scalar)
            }
        }
        return String(clean)
    }
}
