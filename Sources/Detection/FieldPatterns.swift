// SPDX-License-Identifier: Apache-2.0
internal import PatternScan

/// All patterns that rules look for in one text field, in sets that are searched one by one.
///
/// What triggers rules is looked for in every text; all else only when a condition asks for it.
/// Most patterns are plain texts, and most texts hold none of them, which a gate tells first.
struct FieldPatterns: Sendable {
    /// One pattern and the atom that it makes true.
    struct Entry: Sendable {
        let atom: Int
        /// Index into the plan's patterns.
        let pattern: Int
        let isTrigger: Bool
    }

    let sets: [PatternSet]

    /// Vectorscan finds so few literals as fast as a gate tells that there is none: there is a gate
    /// where there are more of those that it takes, and not more of others.
    private static let fewLiterals = 64

    /// - Throws: `PatternError` with the refused pattern's index into the plan's patterns.
    init(_ entries: [Entry], of patterns: [Pattern]) throws(PatternError) {
        sets = try PatternSet.compiled(Self.parts(entries, of: patterns), of: patterns, threads: 1)
    }

    private init(sets: [PatternSet]) { self.sets = sets }

    /// Those of several fields, compiled side by side; nil for one without entries.
    static func compiled(
        _ fields: [[Entry]], of patterns: [Pattern], threads: Int
    ) throws(PatternError) -> [FieldPatterns?] {
        let parts = fields.map { Self.parts($0, of: patterns) }
        var sets = try PatternSet.compiled(
            Array(parts.joined()), of: patterns, threads: threads)[...]
        return parts.map { part in
            defer { sets = sets.dropFirst(part.count) }
            return part.isEmpty ? nil : FieldPatterns(sets: Array(sets.prefix(part.count)))
        }
    }

    private static func parts(
        _ entries: [Entry], of patterns: [Pattern]
    ) -> [PatternSet.Part] {
        func isGated(_ entry: Entry) -> Bool {
            let literal = patterns[entry.pattern].literal ?? []
            return entry.isTrigger && literal.count >= LiteralGate.shortestBytes
        }
        let gated = entries.count(where: isGated)
        let hasGate =
            gated > Self.fewLiterals
            && entries.count(where: \.isTrigger) - gated <= Self.fewLiterals
        var parts: [PatternSet.Part] = []
        if hasGate {
            let part = entries.filter(isGated)
            let gate = LiteralGate(part.compactMap { patterns[$0.pattern].literal })
            parts.append(PatternSet.Part(entries: part, gate: gate))
        }
        for part in [
            entries.filter { $0.isTrigger && !(hasGate && isGated($0)) },
            entries.filter { !$0.isTrigger },
        ] where !part.isEmpty {
            parts.append(PatternSet.Part(entries: part, gate: nil))
        }
        return parts
    }

    /// Some pattern triggers a rule.
    var holdsTriggers: Bool { sets.contains(where: \.isTrigger) }

    var entries: [Entry] {
        sets.flatMap { set in
            zip(set.atoms, set.patterns).map {
                Entry(atom: $0, pattern: $1, isTrigger: set.isTrigger)
            }
        }
    }
}

/// Patterns that one pass over a text looks for.
struct PatternSet: Sendable {
    let database: PatternDatabase
    /// By the pattern's number in the database: the atom that it makes true.
    let atoms: [Int]
    /// By the same number: index into the plan's patterns.
    let patterns: [Int]
    /// The patterns trigger rules; those of another set do not.
    let isTrigger: Bool
    /// Tells texts that hold none of the patterns, which then need not be searched.
    let gate: LiteralGate?

    /// What a set is made of.
    struct Part: Sendable {
        let entries: [FieldPatterns.Entry]
        var gate: LiteralGate?
    }

    /// Sets of some parts, in their order, compiled side by side: that is the largest part of the
    /// time that loading rules takes.
    static func compiled(
        _ parts: [Part], of patterns: [Pattern], threads: Int
    ) throws(PatternError) -> [PatternSet] {
        let made = SideBySide.make(parts.count, threads: threads) { index in
            Result { () throws(PatternError) in try PatternSet(parts[index], of: patterns) }
        }
        var sets: [PatternSet] = []
        for result in made { sets.append(try result.get()) }
        return sets
    }

    private init(_ part: Part, of patterns: [Pattern]) throws(PatternError) {
        let entries = part.entries
        gate = part.gate
        atoms = entries.map(\.atom)
        self.patterns = entries.map(\.pattern)
        isTrigger = entries.contains(where: \.isTrigger)
        do throws(PatternError) {
            database = try PatternDatabase(entries.map { patterns[$0.pattern] })
        } catch {
            throw PatternError(
                index: error.index.map { entries[$0].pattern }, reason: error.reason)
        }
    }
}

/// Searches texts for one field's patterns; one for each thread.
struct FieldScanner {
    let sets: [SetScanner]

    /// - Throws: `PatternError` when there is no memory for scanning.
    init(_ patterns: FieldPatterns) throws(PatternError) {
        var sets: [SetScanner] = []
        for set in patterns.sets { sets.append(try SetScanner(set)) }
        self.sets = sets
    }

    /// Calls `body` with the atom of each pattern that the text holds and that triggers rules, or
    /// with those of the others.
    func scan(_ text: Span<UInt8>, forTriggers: Bool, _ body: (_ atom: Int) -> Void) {
        for scanner in sets where scanner.set.isTrigger == forTriggers {
            guard scanner.finds(in: text) else { continue }
            for hit in scanner.hits { body(scanner.set.atoms[hit.pattern]) }
        }
    }
}

/// Searches texts for one set of patterns.
final class SetScanner {
    let set: PatternSet
    private let scanner: PatternScanner

    /// What the last search that found something found.
    var hits: [PatternHit] { scanner.hits }

    init(_ set: PatternSet) throws(PatternError) {
        self.set = set
        scanner = try PatternScanner(set.database)
    }

    /// Whether the text holds a pattern; then `hits` tells which.
    func finds(in text: Span<UInt8>) -> Bool {
        if let gate = set.gate, !gate.mayHold(text) { return false }
        scanner.scan(text)
        return !scanner.hits.isEmpty
    }
}
