// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// Reads rule files: all rules and correlations that are right, and all that is wrong in the
/// others. Rules are in the order of files, correlations behind those that they look at.
///
/// - Parameters:
///   - fields: Names of fields that rules may use; another one is a path of the record, and a near
///     miss of one of these is warned of. What rules derive is known beside them.
///   - metadata: Those of the fields that hold one value at most, and what that is; the others
///     hold texts, any number of them.
///   - placeholders: The values that the modifier `expand` puts in for `%name%`.
package func parseRules(
    _ sources: [RuleSource], fields: [String], metadata: [String: MetadataKind] = [:],
    placeholders: [String: [String]] = [:]
) -> ParseResult {
    let vocabulary = Vocabulary(fields: fields, metadata: metadata, placeholders: placeholders)
    var parser = RuleSetParser(sources, vocabulary)
    return parser.result()
}

/// Reads all files, then links what their documents say of each other.
private struct RuleSetParser {
    private let lines: SourceLines
    private let contexts: [ParseContext]
    private let documents: [Document]
    private let vocabulary: Vocabulary
    private var rules: [RuleDraft] = []
    private var correlations: [CorrelationDraft] = []
    private var filters: [FilterDraft] = []
    private var index = RuleIndex()

    init(_ sources: [RuleSource], _ vocabulary: Vocabulary) {
        let lines = SourceLines(sources)
        contexts = sources.map {
            ParseContext(file: $0.file, vocabulary: vocabulary, lines: lines)
        }
        documents = zip(sources, contexts).flatMap {
            DocumentReader($1).documents(in: $0.text)
        }
        self.lines = lines
        self.vocabulary = vocabulary
    }

    mutating func result() -> ParseResult {
        var known = vocabulary
        known.metadata.merge(derivedNames.map { ($0, .boolean) }) { first, _ in first }
        known.fields += derivedNames
        for context in contexts { context.vocabulary = known }
        for document in documents { read(document) }
        applyFilters()
        let derived = defineFields()
        var linker = CorrelationLinker(correlations, index: index, rules: rules, derived: derived)
        let linked = linker.linked()
        warnOfUnusedFields()
        return ParseResult(
            rules: rules.filter(\.isRight).map(\.rule), correlations: linked,
            diagnostics: contexts.flatMap(\.diagnostics), lines: lines)
    }

    /// What the documents derive, for messages; a name may be wrong otherwise.
    private var derivedNames: [String] {
        documents.compactMap { DerivedFields.name(in: $0.node) }
            .filter { !vocabulary.fields.contains($0) }
    }

    private mutating func read(_ document: Document) {
        let context = document.context
        guard let members = document.node.mapping else {
            return context.report(.notAMapping, at: document.node)
        }
        let kinds = ["detection", "correlation", "filter"].filter { members[$0] != nil }
        guard kinds.count <= 1 else {
            return context.report(.severalKinds(kinds), at: document.node)
        }
        let attributes = Attributes(members, of: document.node, context)
        switch kinds.first {
        case "correlation":
            guard var draft = CorrelationParser(document: document).draft(attributes) else {
                return
            }
            let isNew = index.add(
                .correlation(correlations.count), id: draft.rule.id, name: draft.rule.name,
                at: draft.rule.location, context)
            draft.isRight = draft.isRight && isNew
            correlations.append(draft)
        case "filter":
            let draft = FilterParser(document: document).draft(attributes)
            _ = index.add(nil, id: draft.id, name: nil, at: draft.location, context)
            filters.append(draft)
        default:
            var draft = RuleParser(document: document).draft(attributes)
            let isNew = index.add(
                .rule(rules.count), id: draft.rule.id, name: draft.rule.name,
                at: draft.rule.location, context)
            let isFree = checkDerivedName(draft)
            draft.isRight = draft.isRight && isNew && isFree
            rules.append(draft)
        }
    }

    /// A derived field must not hide one that every turn has.
    private func checkDerivedName(_ draft: RuleDraft) -> Bool {
        guard let name = draft.rule.derives, vocabulary.fields.contains(name) else { return true }
        draft.context.report(.derivedKnownField(name), at: draft.rule.location)
        return false
    }

    /// Joins filters to the conditions of their rules by `and`, as pySigma does.
    private mutating func applyFilters() {
        for filter in filters where filter.isRight {
            for target in targets(of: filter) {
                rules[target].rule.condition = .and([
                    rules[target].rule.condition,
                    .named(.filter(filter.title), filter.condition),
                ])
            }
        }
    }

    private func targets(of filter: FilterDraft) -> [Int] {
        guard let references = filter.targets else {
            // A rule that only defines a field raises nothing that could be silenced.
            let fitting = rules.indices.filter {
                rules[$0].rule.derives == nil && filter.logsource.fits(rules[$0].logsource)
            }
            if fitting.isEmpty, !hasErrors {
                filter.context.report(.unusedFilter, at: filter.location)
            }
            return fitting
        }
        return references.compactMap { reference in
            switch index.target(of: reference, filter.context) {
            case nil: return nil
            case .correlation:
                filter.context.report(
                    .filterOfCorrelation(reference.text), at: reference.location)
                return nil
            case .rule(let target):
                if filter.logsource.fits(rules[target].logsource) { return target }
                filter.context.report(.filterDoesNotFit(reference.text), at: reference.location)
                return nil
            }
        }
    }

    private var hasErrors: Bool { contexts.contains { $0.errorCount > 0 } }

    /// Puts the definitions of derived fields in, and warns of what no event can reach.
    private mutating func defineFields() -> DerivedFields {
        let derived = DerivedFields(&rules)
        for position in rules.indices where rules[position].isRight {
            let draft = rules[position]
            guard let condition = derived.resolved(draft.rule.condition, of: draft.context),
                let own = derived.resolved(draft.ownCondition, of: draft.context)
            else {
                rules[position].isRight = false
                continue
            }
            rules[position].rule.condition = condition
            var reachability = Reachability(vocabulary)
            if let reason = reachability.contradiction(in: own) {
                draft.context.report(.unreachable(reason), at: draft.conditionLocation)
            }
            let errorsBefore = draft.context.errorCount
            derived.check(draft.rule.tests, draft.context)
            for field in draft.rule.suppression?.fields ?? [] {
                derived.check(field, at: draft.rule.location, draft.context)
            }
            if draft.context.errorCount > errorsBefore { rules[position].isRight = false }
        }
        return derived
    }

    /// Only where nothing is wrong: what is wrong may be what uses it.
    private func warnOfUnusedFields() {
        guard !hasErrors else { return }
        let used = (rules.map(\.ownCondition) + filters.map(\.condition))
            .reduce(into: Set<String>()) { $0.formUnion($1.fieldNames) }
        for draft in rules {
            guard let name = draft.rule.derives, !used.contains(name) else { continue }
            draft.context.report(.unusedDerived(name), at: draft.rule.location)
        }
    }
}
