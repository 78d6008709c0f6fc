// SPDX-License-Identifier: Apache-2.0
internal import Interactions
internal import PatternScan
package import Sigma

extension DetectionPlan {
    /// Compiles rules, or says which of their patterns the scan refuses.
    ///
    /// - Throws: ``RefusedPatterns`` with one diagnostic for each, to be shown with those of
    ///   the parser.
    /// - Complexity: Some milliseconds for a regular expression with a bounded gap and long
    ///   alternatives; hundreds of plain texts take as long as one of these.
    package init(_ parsed: ParseResult) throws(RefusedPatterns) {
        var builder = PlanBuilder()
        let conditions = parsed.rules.map { builder.condition($0.condition, of: parsed) }
        guard builder.refused.isEmpty else {
            throw RefusedPatterns(diagnostics: builder.refused)
        }
        do throws(PatternError) {
            self = try builder.plan(of: parsed.rules, conditions)
        } catch {
            throw RefusedPatterns(diagnostics: [builder.diagnostic(of: error, in: parsed)])
        }
    }
}

/// Patterns that cannot be scanned for, each with its place in the rules.
package struct RefusedPatterns: Error {
    package let diagnostics: [Diagnostic]
}

/// Collects the atoms and patterns of all rules while their conditions are translated.
struct PlanBuilder {
    private(set) var patterns: [Pattern] = []
    private(set) var refused: [Diagnostic] = []
    private var patternIndex: [Pattern: Int] = [:]
    /// The first place of each pattern, for what only the whole set's compilation finds.
    private var patternPlaces: [FieldMatch] = []
    /// How many characters a pattern pins down at least; a regular expression counts as 4.
    private var patternLengths: [Int] = []
    private var atoms: [DetectionPlan.Atom] = []
    private var atomIndex: [AtomKey: Int] = [:]

    private struct AtomKey: Hashable {
        let field: RuleField
        let test: DetectionPlan.Atom.Test
    }

    mutating func condition(
        _ expression: Expression, of parsed: ParseResult
    ) -> DetectionPlan.Condition {
        switch expression {
        case .and(let parts): .and(parts.map { condition($0, of: parsed) })
        case .or(let parts): .or(parts.map { condition($0, of: parsed) })
        case .not(let part): .not(condition(part, of: parsed))
        case .match(let match): .atom(atom(of: match, in: parsed))
        }
    }

    private mutating func atom(of match: FieldMatch, in parsed: ParseResult) -> Int {
        let test: DetectionPlan.Atom.Test =
            switch match.value {
            case .string(let value):
                .pattern(index(of: Pattern(value), from: match, length: value.leastLength))
            case .regex(let value):
                .pattern(regexIndex(of: value, from: match, in: parsed))
            case .number(let value): .number(value)
            case .boolean(let value): .boolean(value)
            case .null: .absent
            default: preconditionFailure("a comparison that the parser does not make yet")
            }
        let key = AtomKey(field: RuleField(name: match.field ?? ""), test: test)
        if let known = atomIndex[key] { return known }
        atoms.append(DetectionPlan.Atom(field: key.field, test: test))
        atomIndex[key] = atoms.count - 1
        return atoms.count - 1
    }

    private mutating func regexIndex(
        of value: RegexPattern, from match: FieldMatch, in parsed: ParseResult
    ) -> Int {
        let pattern = Pattern(value)
        if let known = patternIndex[pattern] { return known }
        if let reason = pattern.refusal {
            refused.append(
                parsed.diagnostic(
                    .regexRefused(expression: value.expression, reason: reason),
                    at: match.location))
        }
        return index(of: pattern, from: match, length: 4)
    }

    private mutating func index(
        of pattern: Pattern, from match: FieldMatch, length: Int
    ) -> Int {
        if let known = patternIndex[pattern] { return known }
        patterns.append(pattern)
        patternPlaces.append(match)
        patternLengths.append(length)
        patternIndex[pattern] = patterns.count - 1
        return patterns.count - 1
    }

    func diagnostic(of error: PatternError, in parsed: ParseResult) -> Diagnostic {
        let index = error.index ?? 0
        return parsed.diagnostic(
            .regexRefused(expression: patterns[index].expression, reason: error.reason),
            at: patternPlaces[index].location)
    }

    func plan(
        of rules: [Rule], _ conditions: [DetectionPlan.Condition]
    ) throws(PatternError) -> DetectionPlan {
        var atomsByField: [RuleField: [Int]] = [:]
        for (index, atom) in atoms.enumerated() {
            if case .pattern = atom.test { atomsByField[atom.field, default: []].append(index) }
        }
        var rulesByTrigger = [[Int]](repeating: [], count: atoms.count)
        var alwaysEvaluated: [Int] = []
        for (rule, condition) in conditions.enumerated() {
            guard let triggers = triggers(of: condition) else {
                alwaysEvaluated.append(rule)
                continue
            }
            for atom in triggers { rulesByTrigger[atom].append(rule) }
        }
        let isTrigger = rulesByTrigger.map { !$0.isEmpty }
        var texts: [DetectionPlan.FieldPatterns?] = []
        for field in TextField.allCases {
            texts.append(try fieldPatterns(atomsByField[.text(field)], isTrigger))
        }
        var metadata: [(MetadataField, DetectionPlan.FieldPatterns)] = []
        for field in MetadataField.allCases {
            if let patterns = try fieldPatterns(atomsByField[.metadata(field)], isTrigger) {
                metadata.append((field, patterns))
            }
        }
        var paths: [(JSONPointer, DetectionPlan.FieldPatterns)] = []
        for case (.path(let path), let atoms) in atomsByField {
            if let patterns = try fieldPatterns(atoms, isTrigger) { paths.append((path, patterns)) }
        }
        return DetectionPlan(
            rules: rules, patterns: patterns, patternLengths: patternLengths, atoms: atoms,
            rulesByTrigger: rulesByTrigger, alwaysEvaluated: alwaysEvaluated,
            conditions: conditions, texts: texts, metadata: metadata, paths: paths)
    }

    /// The patterns of one field's atoms in a database of their own, so that a text is only
    /// searched for what is asked of its field.
    private func fieldPatterns(
        _ fieldAtoms: [Int]?, _ isTrigger: [Bool]
    ) throws(PatternError) -> DetectionPlan.FieldPatterns? {
        guard let fieldAtoms else { return nil }
        let indices = fieldAtoms.compactMap { atom in
            if case .pattern(let pattern) = atoms[atom].test { pattern } else { nil }
        }
        do throws(PatternError) {
            return DetectionPlan.FieldPatterns(
                database: try PatternDatabase(indices.map { patterns[$0] }), atoms: fieldAtoms,
                patterns: indices, holdsTriggers: fieldAtoms.contains { isTrigger[$0] })
        } catch {
            throw PatternError(index: error.index.map { indices[$0] }, reason: error.reason)
        }
    }

    /// Atoms of which one at least is true whenever the condition is; nil when it can be true
    /// with no pattern found at all.
    ///
    /// Of the parts of an `and` one is enough: one about what was asked before one about what
    /// was answered, which is longer to search, and then the most telling.
    private func triggers(of condition: DetectionPlan.Condition) -> Set<Int>? {
        switch condition {
        case .atom(let atom):
            if case .pattern = atoms[atom].test { return [atom] }
            return nil
        case .not: return nil
        case .and(let parts):
            return parts.compactMap(triggers).max { worth($0) < worth($1) }
        case .or(let parts):
            var union: Set<Int> = []
            for part in parts {
                guard let triggers = triggers(of: part) else { return nil }
                union.formUnion(triggers)
            }
            return union
        }
    }

    /// Whether none of the atoms is about an answer, and the length of the shortest pattern
    /// among them: longer ones are rarer.
    private func worth(_ triggers: Set<Int>) -> (Int, Int) {
        var isAsked = 1
        var leastLength = Int.max
        for atom in triggers {
            if [.text(.response), .text(.reasoning)].contains(atoms[atom].field) { isAsked = 0 }
            guard case .pattern(let pattern) = atoms[atom].test else { continue }
            leastLength = min(leastLength, patternLengths[pattern])
        }
        return (isAsked, leastLength)
    }
}
