// SPDX-License-Identifier: Apache-2.0
internal import CVectorscan

/// One pattern to look for: an expression in Vectorscan's dialect of PCRE, and how to read it.
package struct Pattern: Sendable, Hashable {
    /// How an expression is read.
    package struct Options: OptionSet, Sendable, Hashable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let caseless = Options(rawValue: UInt32(HS_FLAG_CASELESS))
        /// `.` matches a newline too.
        package static let dotAll = Options(rawValue: UInt32(HS_FLAG_DOTALL))
        /// `^` and `$` match at line ends.
        package static let multiline = Options(rawValue: UInt32(HS_FLAG_MULTILINE))
        /// Text is UTF-8 and `.` is a character; undefined on text that is not valid UTF-8.
        package static let utf8 = Options(rawValue: UInt32(HS_FLAG_UTF8))
        /// Classes and case follow Unicode's properties; needs `utf8`.
        package static let unicodeProperties = Options(rawValue: UInt32(HS_FLAG_UCP))
    }

    package var expression: String
    package var options: Options

    package init(_ expression: String, options: Options = []) {
        self.expression = expression
        self.options = options
    }

    /// Why Vectorscan refuses the pattern, or nil when it takes it.
    ///
    /// It refuses what cannot run in linear time (look-around, back-references) and what
    /// would grow too large; a pattern that matches the empty text is refused by us.
    package func refusal() -> String? {
        do throws(PatternError) {
            _ = try PatternDatabase([self])
            return nil
        } catch {
            return error.reason
        }
    }
}

/// Vectorscan refused a pattern.
package struct PatternError: Error, Equatable, CustomStringConvertible {
    /// Which of the patterns, or nil when the fault is none's alone (no memory).
    package let index: Int?
    package let reason: String

    package var description: String {
        "pattern \(index.map(String.init) ?? "set") cannot be compiled: \(reason)"
    }
}
