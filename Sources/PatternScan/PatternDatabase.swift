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
        try self.init(
            patterns, commonFlags: UInt32(HS_FLAG_SINGLEMATCH), besides: [Self.guardPattern])
    }

    /// A pattern that is looked for beside all others and never told.
    ///
    /// Vectorscan 5.4.9 has an engine of its own for short texts, which misses patterns of two
    /// letters at the end of texts of 19 to 33 bytes. It is not made where a pattern tells its
    /// start.
    private static let guardPattern = Pattern(
        #"\A\x00\x00\z"#, options: Pattern.Options(rawValue: UInt32(HS_FLAG_SOM_LEFTMOST)))

    /// Compiles one pattern so that a match tells its start too; slower to scan.
    package convenience init(locating pattern: Pattern) throws(PatternError) {
        try self.init([pattern], commonFlags: UInt32(HS_FLAG_SOM_LEFTMOST))
    }

    /// - Parameter guards: Patterns after the others, without the common flags.
    private init(
        _ patterns: [Pattern], commonFlags: UInt32, besides guards: [Pattern] = []
    ) throws(PatternError) {
        precondition(!patterns.isEmpty, "a pattern database without patterns")
        patternCount = patterns.count
        let all = patterns + guards
        let flags =
            patterns.map { $0.options.rawValue | commonFlags } + guards.map(\.options.rawValue)
        let expressions = unsafe all.map { unsafe UnsafePointer(strdup($0.expression)) }
        defer { unsafe expressions.forEach { unsafe free(UnsafeMutableRawPointer(mutating: $0)) } }
        var compiled: OpaquePointer?
        var failure: UnsafeMutablePointer<hs_compile_error_t>?
        let status = unsafe hs_compile_multi(
            expressions, flags, all.indices.map(UInt32.init), UInt32(all.count),
            UInt32(HS_MODE_BLOCK),
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
    /// Behind a pointer, which the scan's callback is handed.
    private let found: UnsafeMutablePointer<[PatternHit]>

    /// What the last scan found, in the order of ends.
    package var hits: [PatternHit] { unsafeAddress { unsafe UnsafePointer(found) } }

    /// - Throws: ``PatternError`` when there is no memory for the scratch space.
    package init(_ database: PatternDatabase) throws(PatternError) {
        self.database = database
        var made: OpaquePointer?
        guard unsafe hs_alloc_scratch(database.database, &made) == HS_SUCCESS,
            let made = unsafe made
        else { throw PatternError(index: nil, reason: "no memory for scanning") }
        unsafe scratch = made
        unsafe found = .allocate(capacity: 1)
        unsafe found.initialize(to: [])
        unsafe found.pointee.reserveCapacity(64)
    }

    deinit {
        unsafe hs_free_scratch(scratch)
        unsafe found.deinitialize(count: 1).deallocate()
    }

    /// Scans `text` in one pass and leaves what it found in `hits`.
    ///
    /// Each pattern is told at most once a text, at its first end, save by a locating
    /// database. Texts are at most 4 GiB; a line is far shorter.
    ///
    /// - Complexity: Linear in the text whatever the patterns are; allocates only when
    ///   `hits` grows past any earlier scan's.
    package func scan(_ text: Span<UInt8>) {
        if unsafe !found.pointee.isEmpty {
            unsafe found.pointee.removeAll(keepingCapacity: true)
        }
        let status = unsafe text.withUnsafeBytes { bytes in
            // An empty text has no address, and Vectorscan asks for one.
            let start = unsafe bytes.baseAddress ?? UnsafeRawPointer(scratch)
            return unsafe hs_scan(
                database.database, start, UInt32(bytes.count), 0, scratch,
                { pattern, start, end, _, context in
                    let found = unsafe context.unsafelyUnwrapped
                        .assumingMemoryBound(to: [PatternHit].self)
                    unsafe found.pointee.append(
                        PatternHit(pattern: Int(pattern), start: Int(start), end: Int(end)))
                    return 0
                }, found)
        }
        if unsafe !found.pointee.isEmpty {
            unsafe found.pointee.removeAll { $0.pattern >= database.patternCount }
        }
        precondition(status == HS_SUCCESS, "hs_scan refused its own database: \(status)")
    }
}
