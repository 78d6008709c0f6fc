// SPDX-License-Identifier: Apache-2.0
internal import CVectorscan
internal import Glibc

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
    }

    package var expression: String
    package var options: Options

    package init(_ expression: String, options: Options = []) {
        self.expression = expression
        self.options = options
    }

    /// Why Vectorscan cannot read the pattern, or nil when it can.
    ///
    /// Quick, so that each pattern can be asked for its own fault. That one is too large, or
    /// matches the empty text, only shows when it is compiled.
    package var refusal: String? {
        var info: UnsafeMutablePointer<hs_expr_info_t>?
        var failure: UnsafeMutablePointer<hs_compile_error_t>?
        let status = unsafe hs_expression_info(expression, options.rawValue, &info, &failure)
        defer {
            unsafe free(info)
            unsafe hs_free_compile_error(failure)
        }
        guard status != HS_SUCCESS else { return nil }
        return unsafe failure.map { unsafe String(cString: $0.pointee.message) } ?? "no memory"
    }
}

/// Vectorscan refused a pattern.
package struct PatternError: Error, Equatable, CustomStringConvertible {
    /// Which of the patterns, or nil when the fault is none's alone (no memory).
    package let index: Int?
    package let reason: String

    package init(index: Int?, reason: String) {
        self.index = index
        self.reason = reason
    }

    package var description: String {
        "pattern \(index.map(String.init) ?? "set") cannot be compiled: \(reason)"
    }
}
