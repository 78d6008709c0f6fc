// SPDX-License-Identifier: Apache-2.0
internal import CVectorscan
internal import Glibc

/// Many patterns compiled to run in one pass over a text.
///
/// Immutable once made, so any number of scanners may share it (Vectorscan manual,
/// "Scratch Space": the database is read-only, only scratch is per thread).
@safe
package final class PatternDatabase: @unchecked Sendable {
    package let patternCount: Int
    fileprivate let database: OpaquePointer

    /// Compiles the patterns; a pattern's number is its index.
    ///
    /// - Throws: ``PatternError`` with the index of the first one that is refused.
    /// - Complexity: Some milliseconds for hundreds of literals; regular expressions cost more.
    package convenience init(_ patterns: [Pattern]) throws(PatternError) {
        try self.init(patterns, commonFlags: UInt32(HS_FLAG_SINGLEMATCH))
    }

    /// Compiles one pattern so that a match tells its start too; slower to scan.
    package convenience init(locating pattern: Pattern) throws(PatternError) {
        try self.init([pattern], commonFlags: UInt32(HS_FLAG_SOM_LEFTMOST))
    }

    private init(_ patterns: [Pattern], commonFlags: UInt32) throws(PatternError) {
        precondition(!patterns.isEmpty, "a pattern database without patterns")
        patternCount = patterns.count
        let expressions = unsafe patterns.map { unsafe UnsafePointer(strdup($0.expression)) }
        defer { unsafe expressions.forEach { unsafe free(UnsafeMutableRawPointer(mutating: $0)) } }
        var compiled: OpaquePointer?
        var failure: UnsafeMutablePointer<hs_compile_error_t>?
        let status = unsafe hs_compile_multi(
            expressions, patterns.map { $0.options.rawValue | commonFlags },
            patterns.indices.map(UInt32.init), UInt32(patterns.count), UInt32(HS_MODE_BLOCK),
            nil, &compiled, &failure)
        guard status == HS_SUCCESS, let compiled = unsafe compiled else {
            defer { unsafe hs_free_compile_error(failure) }
            let reason = unsafe failure.flatMap { unsafe String(cString: $0.pointee.message) }
            let index = unsafe failure.flatMap { unsafe Int($0.pointee.expression) } ?? -1
            throw PatternError(index: index < 0 ? nil : index, reason: reason ?? "no memory")
        }
        unsafe database = compiled
    }

    deinit { unsafe hs_free_database(database) }
}

/// A place where a pattern ended in a text.
package struct PatternHit: Sendable, Equatable {
    package var pattern: Int
    /// Offset of the first byte, only told by a locating database; else 0.
    package var start: Int
    /// Offset just after the last byte.
    package var end: Int
}

/// Scans texts for a database's patterns; one for each thread.
@safe
package final class PatternScanner {
    private let database: PatternDatabase
    private let scratch: OpaquePointer
    /// What the last scan found, in the order of ends.
    package private(set) var hits: [PatternHit] = []

    /// - Throws: ``PatternError`` when there is no memory for the scratch space.
    package init(_ database: PatternDatabase) throws(PatternError) {
        self.database = database
        var made: OpaquePointer?
        guard unsafe hs_alloc_scratch(database.database, &made) == HS_SUCCESS,
            let made = unsafe made
        else { throw PatternError(index: nil, reason: "no memory for scanning") }
        unsafe scratch = made
        hits.reserveCapacity(64)
    }

    deinit { unsafe hs_free_scratch(scratch) }

    /// Scans `text` in one pass and leaves what it found in `hits`.
    ///
    /// Each pattern is told at most once a text, at its first end, save by a locating
    /// database. Texts are at most 4 GiB; a line is far shorter.
    ///
    /// - Complexity: Linear in the text whatever the patterns are; allocates only when
    ///   `hits` grows past any earlier scan's.
    package func scan(_ text: Span<UInt8>) {
        hits.removeAll(keepingCapacity: true)
        guard text.count > 0 else { return }
        let status = unsafe text.withUnsafeBytes { bytes in
            unsafe withUnsafeMutablePointer(to: &hits) { found in
                unsafe hs_scan(
                    database.database, bytes.baseAddress, UInt32(bytes.count), 0, scratch,
                    { pattern, start, end, _, context in
                        let hits = unsafe context.unsafelyUnwrapped
                            .assumingMemoryBound(to: [PatternHit].self)
                        unsafe hits.pointee.append(
                            PatternHit(pattern: Int(pattern), start: Int(start), end: Int(end)))
                        return 0
                    }, found)
            }
        }
        precondition(status == HS_SUCCESS, "hs_scan refused its own database: \(status)")
    }
}
