// SPDX-License-Identifier: Apache-2.0
internal import Bytes
package import PatternScan
package import Sigma

/// How a rule's values are written as patterns of the one-pass scan.
///
/// Plain ASCII stays a byte literal, the fastest thing the scan knows. What has wildcards or
/// other letters is read as UTF-8, so that `?` is one character and case folds by Unicode. What
/// `\w` and `\b` mean stays ASCII's, since Vectorscan has no other word boundary. An
/// expression of ASCII only is matched byte by byte, many times cheaper: its `.` and `[^…]` take
/// one byte of a character that has several (docs/decisions/0005).
extension Pattern {
    package init(_ value: StringPattern) {
        var expression = value.anchoredStart ? "\\A" : ""
        var isPlain = true
        var literal: [UInt8] = []
        for part in value.parts {
            switch part {
            case .literal(let text):
                expression += Self.escaped(text)
                literal += text.utf8
                isPlain = isPlain && text.utf8.allSatisfy { $0 < 0x80 }
            case .anyRun:
                expression += ".*"
                isPlain = false
            case .anyOne:
                expression += "."
                isPlain = false
            }
        }
        if value.anchoredEnd { expression += "\\z" }
        var options: Options = .dotAll
        if !value.isCased { options.insert(.caseless) }
        if !isPlain { options.insert(.utf8) }
        self.init(expression, options: options, literal: isPlain ? literal : nil)
    }

    package init(_ value: RegexPattern) {
        var options: Options = value.expression.utf8.allSatisfy { $0 < 0x80 } ? [] : .utf8
        if value.isCaseless { options.insert(.caseless) }
        if value.dotMatchesNewline { options.insert(.dotAll) }
        if value.isMultiline { options.insert(.multiline) }
        options.insert(.allowEmpty)
        self.init(value.expression, options: options)
    }

    /// The text with every ASCII character that might mean something as `\xHH`.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "0"..."9", "a"..."z", "A"..."Z", " ", "_": result.unicodeScalars.append(scalar)
            case _ where scalar.isASCII:
                result += "\\x" + CollectionOfOne(UInt8(scalar.value)).hexadecimal
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension StringPattern {
    /// The fewest characters that a text with this pattern must hold: how telling it is.
    var leastLength: Int {
        parts.reduce(0) { sum, part in
            if case .literal(let text) = part { sum + text.count } else { sum }
        }
    }
}
