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
        /// The expression may be found where it takes no character, as `^a*$` in an empty text.
        package static let allowEmpty = Options(rawValue: UInt32(HS_FLAG_ALLOWEMPTY))
    }

    package var expression: String
    package var options: Options
    /// Bytes that stand in whatever the pattern is found in; ASCII letters in any case, unless it
    /// minds the case. Nil where none are known.
    package var literal: [UInt8]?

    /// By bytes: Swift holds a composed and a decomposed letter for the same text, the scan does
    /// not.
    package static func == (left: Pattern, right: Pattern) -> Bool {
        left.options == right.options && left.expression.utf8.elementsEqual(right.expression.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(options)
        for byte in expression.utf8 { hasher.combine(byte) }
    }

    package init(_ expression: String, options: Options = [], literal: [UInt8]? = nil) {
        self.expression = expression
        self.options = options
        self.literal = literal
    }

    /// Why Vectorscan cannot read the pattern, or nil when it can.
    ///
    /// Quick, so that each pattern can be asked for its own fault. That one is too large only
    /// shows when it is compiled.
    package var refusal: String? {
        guard case .failure(let error) = leastWidth else { return nil }
        return error.reason
    }

    /// Whether the pattern takes no character to be found, and is found in a text of all ASCII:
    /// it is found in whatever is written, as `a*` is.
    ///
    /// Quick but for patterns that may be found in the empty text.
    package var isFoundEverywhere: Bool {
        guard case .success(0) = leastWidth, let database = try? PatternDatabase([self]),
            let scanner = try? PatternScanner(database)
        else { return false }
        let text = (0...0x7F).map { UInt8($0) }
        scanner.scan(text.span)
        return !scanner.hits.isEmpty
    }

    /// How many bytes the pattern takes at least, or why Vectorscan cannot read it.
    private var leastWidth: Result<Int, PatternError> {
        var info: UnsafeMutablePointer<hs_expr_info_t>?
        var failure: UnsafeMutablePointer<hs_compile_error_t>?
        let status = unsafe hs_expression_info(expression, options.rawValue, &info, &failure)
        defer {
            unsafe free(info)
            unsafe hs_free_compile_error(failure)
        }
        if status == HS_SUCCESS, let info = unsafe info {
            return unsafe .success(Int(info.pointee.min_width))
        }
        let reason = unsafe failure.map { unsafe String(cString: $0.pointee.message) }
        return .failure(PatternError(index: nil, reason: reason ?? "no memory"))
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
