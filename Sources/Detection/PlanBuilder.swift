// SPDX-License-Identifier: Apache-2.0
internal import Interactions
internal import PatternScan
package import Scores
package import Sigma

extension DetectionPlan {
    /// Compiles rules, or says which of their patterns the scan refuses.
    ///
    /// - Parameters:
    ///   - models: What gives the scores that rules compare.
    ///   - threads: How many compile at most, each in 7 MB or so.
    /// - Throws: ``RefusedPatterns`` with one diagnostic for each, to be shown with those of
    ///   the parser.
    /// - Complexity: Some milliseconds for a regular expression with a bounded gap and long
    ///   alternatives; hundreds of plain texts take as long as one of these.
    package init(
        _ parsed: ParseResult, models: [ScoreModel] = [], threads: Int = 1
    ) throws(RefusedPatterns) {
        var builder = PlanBuilder(scores: models.flatMap(\.tables), threads: threads)
        let conditions = parsed.rules.map { builder.condition(of: $0, in: parsed) }
        for rule in parsed.rules { builder.checkTests(of: rule, in: parsed) }
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
    /// All tables that are there, and those that some rule needs.
    private let scores: [ScoreTable]
    private let threads: Int
    private var neededScores: Set<Int> = []
    private(set) var patterns: [Pattern] = []
    private(set) var refused: [Diagnostic] = []
    private var warnings: [Diagnostic] = []
    private var patternIndex: [Pattern: Int] = [:]
    /// The first place of each pattern, for what only the whole set's compilation finds.
    private var patternPlaces: [FieldMatch] = []
    /// How many characters a pattern pins down at least; a regular expression counts as 4.
    private var patternLengths: [Int] = []
    /// Patterns that are found whatever a text is.
    private var foundEverywhere: Set<Int> = []
    private var atoms: [DetectionPlan.Atom] = []
    private var atomIndex: [AtomKey: Int] = [:]
    /// By the atoms of a list of patterns: the atom that stands for the list.
    private var listIndex: [[Int]: Int] = [:]
    /// What defines derived fields, each once however many conditions use it.
    private var definitions: [ConditionCode.Tree] = []
    private var definitionIndex: [String: Int] = [:]

    private struct AtomKey: Hashable {
        let field: RuleField?
        let test: DetectionPlan.Atom.Test
    }

    init(scores: [ScoreTable], threads: Int) {
        self.scores = scores
        self.threads = threads
    }

    /// A rule's condition; of one that defines a field its definition.
    mutating func condition(of rule: Rule, in parsed: ParseResult) -> ConditionCode.Tree {
        guard let name = rule.derives else { return condition(rule.condition, of: parsed) }
        return definition(of: name, rule.condition, in: parsed)
    }

    private mutating func condition(
        _ expression: Expression, of parsed: ParseResult
    ) -> ConditionCode.Tree {
        switch expression {
        case .and(let parts): .and(parts.map { condition($0, of: parsed) })
        case .or(let parts): alternatives(parts.map { condition($0, of: parsed) })
        case .not(let part): .not(condition(part, of: parsed))
        case .named(.derived(let name), let part): definition(of: name, part, in: parsed)
        case .named(_, let part): condition(part, of: parsed)
        case .match(let match): condition(of: match, in: parsed)
        }
    }

    private mutating func definition(
        of name: String, _ expression: Expression, in parsed: ParseResult
    ) -> ConditionCode.Tree {
        if let known = definitionIndex[name] { return .definition(known) }
        let tree = condition(expression, of: parsed)
        definitions.append(tree)
        definitionIndex[name] = definitions.count - 1
        return .definition(definitions.count - 1)
    }

    /// Several patterns of the same texts have an atom for the list of them, so that none of them
    /// is asked for where none was found.
    private mutating func alternatives(_ parts: [ConditionCode.Tree]) -> ConditionCode.Tree {
        var list: [Int] = []
        for part in parts {
            guard case .atom(let atom) = part, case .pattern = atoms[atom].test,
                atoms[atom].isOfText, atoms[atom].field == atoms[list.first ?? atom].field
            else { return .or(parts, isAny: nil) }
            list.append(atom)
        }
        guard list.count > 1 else { return .or(parts, isAny: nil) }
        list.sort()
        if let known = listIndex[list] { return .or(parts, isAny: known) }
        atoms.append(DetectionPlan.Atom(field: atoms[list[0]].field, test: .anyPattern))
        listIndex[list] = atoms.count - 1
        return .or(parts, isAny: atoms.count - 1)
    }

    private mutating func condition(
        of match: FieldMatch, in parsed: ParseResult
    ) -> ConditionCode.Tree {
        let field = match.field.map(RuleField.init(name:))
        if let field { need(field, at: match.location, parsed) }
        if case .field(let other) = match.value {
            need(RuleField(name: other.name), at: match.location, parsed)
        }
        func atom(_ test: DetectionPlan.Atom.Test) -> ConditionCode.Tree {
            .atom(index(of: AtomKey(field: field, test: test)))
        }
        switch match.value {
        case .string(let value) where value.isEmpty: return atom(.empty)
        case .string(let value):
            return atom(.pattern(index(of: Pattern(value), from: match, value.leastLength)))
        case .regex(let value): return atom(.pattern(regexIndex(of: value, from: match, parsed)))
        case .number(let value): return atom(.number(.equal, value))
        case .order(let ordering, let value): return atom(.number(ordering, value))
        case .boolean(let value): return atom(.boolean(value))
        case .null: return atom(.absent)
        case .exists(true): return atom(.present)
        case .exists(false): return .not(atom(.present))
        case .network(let network):
            return atom(.network(address: network.address, prefixBits: network.prefixBits))
        case .field(let other):
            return atom(
                .field(RuleField(name: other.name), other.relation, isCased: other.isCased))
        case .datePart(let part, let ordering, let value):
            return atom(.datePart(part, ordering, value))
        }
    }

    /// Notes the table that a field's score comes from.
    private mutating func need(
        _ field: RuleField, at location: SourceLocation, _ parsed: ParseResult
    ) {
        guard case .score(let field) = field else { return }
        let table = scores.firstIndex { table in
            table.side == field.side && table.categories.contains { $0.name == field.category }
        }
        if let table {
            neededScores.insert(table)
        } else {
            refused.append(
                parsed.diagnostic(
                    .noScore(field.name, known: scores.flatMap(\.fieldNames)), at: location))
        }
    }

    /// Scores are worked out from a test's texts: one that gives a score itself is mistaken.
    mutating func checkTests(of rule: Rule, in parsed: ParseResult) {
        for test in rule.tests {
            for (name, _) in test.events.flatMap(\.fields) where ScoreField(name: name) != nil {
                refused.append(
                    parsed.diagnostic(.scoreInTest(name), at: test.location))
            }
        }
    }

    private mutating func index(of key: AtomKey) -> Int {
        if let known = atomIndex[key] { return known }
        atoms.append(DetectionPlan.Atom(field: key.field, test: key.test))
        atomIndex[key] = atoms.count - 1
        return atoms.count - 1
    }

    private mutating func regexIndex(
        of value: RegexPattern, from match: FieldMatch, _ parsed: ParseResult
    ) -> Int {
        let pattern = Pattern(value)
        let isKnown = patternIndex[pattern] != nil
        if !isKnown, let reason = pattern.refusal {
            refused.append(
                parsed.diagnostic(
                    .regexRefused(expression: value.expression, reason: reason),
                    at: match.location))
        }
        let index = index(of: pattern, from: match, 4)
        if !isKnown, pattern.isFoundEverywhere { foundEverywhere.insert(index) }
        if foundEverywhere.contains(index) { noteFoundEverywhere(at: match, parsed) }
        return index
    }

    /// As the parser does with what it knows to be found everywhere: of a field it is a warning.
    private mutating func noteFoundEverywhere(at match: FieldMatch, _ parsed: ParseResult) {
        if match.field == nil {
            refused.append(parsed.diagnostic(.keyword("any text"), at: match.location))
        } else {
            warnings.append(parsed.diagnostic(.matchesEverything, at: match.location))
        }
    }

    private mutating func index(
        of pattern: Pattern, from match: FieldMatch, _ length: Int
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
        of rules: [Rule], _ conditions: [ConditionCode.Tree]
    ) throws(PatternError) -> DetectionPlan {
        var lists: [[Int]] = Array(repeating: [], count: atoms.count)
        for (list, any) in listIndex { for atom in list { lists[atom].append(any) } }
        let triggers = Triggers(
            of: conditions, definitions: definitions, atoms: atoms, lists: lists,
            isDerived: rules.map { $0.derives != nil }, worths: atoms.indices.map(worth))
        var byField: [RuleField: [Int]] = [:]
        var keywords: [Int] = []
        for (index, atom) in atoms.enumerated() {
            guard case .pattern = atom.test else { continue }
            if let field = atom.field {
                byField[field, default: []].append(index)
            } else {
                keywords.append(index)
            }
        }
        let texts = try FieldPatterns.compiled(
            TextField.allCases.map { field in
                entries((byField[.text(field)] ?? []) + keywords, triggers)
            }, of: patterns, threads: threads)
        let triggering = Set(atoms.indices.filter(triggers.isTrigger))
        var sources = atoms.map(source)
        for atom in triggering { sources[atom] = .triggers }
        for (list, any) in listIndex where triggering.isSuperset(of: list) {
            sources[any] = .triggers
        }
        let ofValues = byField.sorted { $0.value[0] < $1.value[0] }
            .filter { if case .text = $0.key { false } else { true } }
        for (index, value) in ofValues.enumerated() {
            for atom in value.value { sources[atom] = .value(index) }
        }
        let sets = try PatternSet.compiled(
            ofValues.map { PatternSet.Part(entries: entries($0.value, triggers)) }, of: patterns,
            threads: threads)
        let values = zip(ofValues, sets).map {
            DetectionPlan.ValuePatterns(field: $0.key, patterns: $1)
        }
        let derived = rules.enumerated()
            .compactMap { index, rule in rule.derives.map { (name: $0, rule: index) } }
            .sorted { $0.name < $1.name }
        return DetectionPlan(
            rules: rules, warnings: warnings, patterns: patterns, patternLengths: patternLengths,
            atoms: atoms, atomSources: sources,
            conditions: ConditionCode(rules: conditions, definitions: definitions),
            triggers: triggers, texts: texts, values: values,
            scores: neededScores.sorted().map { scores[$0] }, derived: derived)
    }

    private func entries(_ fieldAtoms: [Int], _ triggers: Triggers) -> [FieldPatterns.Entry] {
        fieldAtoms.compactMap { atom in
            guard case .pattern(let pattern) = atoms[atom].test else { return nil }
            return FieldPatterns.Entry(
                atom: atom, pattern: pattern, isTrigger: triggers.isTrigger(atom))
        }
    }

    /// How good a trigger an atom is: whether it is not about an answer, which is longer to
    /// search, and the length of its pattern, since longer ones are rarer.
    private func worth(_ atom: Int) -> TriggerWorth {
        let isAnswer = atoms[atom].field.map {
            [.text(.response), .text(.reasoning)].contains($0)
        }
        guard case .pattern(let pattern) = atoms[atom].test else {
            return TriggerWorth(isAsked: false, length: 0)
        }
        return TriggerWorth(isAsked: isAnswer == false, length: patternLengths[pattern])
    }

    /// How it is told whether an atom is true, where it is not about the record's own values.
    private func source(of atom: DetectionPlan.Atom) -> DetectionPlan.AtomSource {
        switch (atom.test, atom.field) {
        case (.pattern, .text(let field)), (.anyPattern, .text(let field)): .text(field)
        case (.pattern, nil), (.anyPattern, nil): .anyText
        default: .test
        }
    }
}

extension StringPattern {
    /// The whole text is to be empty.
    fileprivate var isEmpty: Bool { parts.isEmpty && anchoredStart && anchoredEnd }
}
