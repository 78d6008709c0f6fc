// SPDX-License-Identifier: Apache-2.0

/// Looks up what correlations refer to, once all files are read.
struct CorrelationLinker {
    private let index: RuleIndex
    private let rules: [RuleDraft]
    private let derived: DerivedFields
    private var drafts: [CorrelationDraft]
    /// The correlations that each looks at.
    private var children: [[Int]]

    init(
        _ drafts: [CorrelationDraft], index: RuleIndex, rules: [RuleDraft], derived: DerivedFields
    ) {
        self.drafts = drafts
        self.index = index
        self.rules = rules
        self.derived = derived
        children = drafts.map { _ in [] }
    }

    /// The right ones, those that others look at before these.
    mutating func linked() -> [CorrelationRule] {
        for position in drafts.indices {
            let errorsBefore = drafts[position].context.errorCount
            link(position)
            if drafts[position].context.errorCount > errorsBefore {
                drafts[position].isRight = false
            }
        }
        var done: [Int] = []
        var isDone = drafts.map { _ in false }
        var left = Array(drafts.indices)
        while !left.isEmpty {
            let ready = left.filter { children[$0].allSatisfy { isDone[$0] } }
            if ready.isEmpty { break }
            for position in ready { isDone[position] = true }
            done += ready
            left.removeAll { isDone[$0] }
        }
        reportCycle(among: left)
        for position in done {
            let isComplete = children[position].allSatisfy { drafts[$0].isRight }
            drafts[position].isRight = drafts[position].isRight && isComplete
        }
        return done.filter { drafts[$0].isRight }.map { drafts[$0].rule }
    }

    /// Each of `left` looks at another of them, so that following these leads into a cycle.
    private func reportCycle(among left: [Int]) {
        guard var next = left.first else { return }
        var path: [Int] = []
        while !path.contains(next) {
            path.append(next)
            guard let child = children[next].first(where: left.contains) else { return }
            next = child
        }
        let cycle = path.drop { $0 != next }.sorted()
        drafts[cycle[0]].context.report(
            .correlationCycle(cycle.map { drafts[$0].rule.title }),
            at: drafts[cycle[0]].rule.location)
    }

    private mutating func link(_ position: Int) {
        let draft = drafts[position]
        var ids: [String] = []
        for reference in draft.references {
            guard let id = id(of: reference, position) else { continue }
            if ids.contains(id) {
                draft.context.report(.repeatedRule(reference.text), at: reference.location)
            }
            ids.append(id)
        }
        drafts[position].rule.rules = ids
        linkFields(position)
        // A condition cannot be looked at before all that it names is known.
        if ids.count == draft.references.count { linkCondition(position) }
        checkGrouping(position)
        derived.check(draft.rule.tests, draft.context)
        for field in draft.rule.suppression?.fields ?? [] {
            derived.check(field, at: draft.rule.location, draft.context)
        }
    }

    /// The id of what is referred to; nil when there is none, which is told.
    private mutating func id(of reference: Reference, _ position: Int) -> String? {
        let context = drafts[position].context
        switch index.target(of: reference, context) {
        case nil: return nil
        case .rule(let rule):
            let draft = rules[rule]
            if draft.rule.derives != nil {
                context.report(.derivedReference(reference.text), at: reference.location)
                return nil
            }
            if !draft.isRight { drafts[position].isRight = false }
            return draft.rule.id
        case .correlation(let child):
            if !children[position].contains(child) { children[position].append(child) }
            return drafts[child].rule.id
        }
    }

    private mutating func linkFields(_ position: Int) {
        let draft = drafts[position]
        let aliasNames = draft.aliases.map(\.name.text)
        for field in draft.groupBy + draft.fields where !aliasNames.contains(field.text) {
            draft.context.checkField(field.text, at: field.location)
            derived.check(field.text, at: field.location, draft.context)
        }
        for alias in draft.aliases {
            if !draft.rule.groupBy.contains(alias.name.text) {
                draft.context.report(.unusedAlias(alias.name.text), at: alias.name.location)
            }
            for (rule, field) in alias.fields {
                guard let target = index.target(of: rule, draft.context) else { continue }
                let id = id(of: target)
                guard drafts[position].rule.rules.contains(id) else {
                    draft.context.report(.strangeAlias(rule.text), at: rule.location)
                    continue
                }
                derived.check(field, at: rule.location, draft.context)
                drafts[position].rule.aliases[alias.name.text, default: [:]][id] = field
            }
        }
    }

    private func id(of target: RuleIndex.Target) -> String {
        switch target {
        case .rule(let rule): rules[rule].rule.id
        case .correlation(let correlation): drafts[correlation].rule.id
        }
    }

    private mutating func linkCondition(_ position: Int) {
        let draft = drafts[position]
        guard let (tree, place) = draft.tree else { return }
        do throws(ConditionError) {
            let expression = try expression(of: tree, position)
            drafts[position].rule.condition = .expression(expression)
            let used = expression.rules
            for (rule, reference) in draft.references.enumerated() where !used.contains(rule) {
                draft.context.report(.notInCondition(reference.text), at: reference.location)
            }
            if expression.holds(where: { _ in false }) {
                draft.context.report(.holdsWithoutFindings, at: draft.conditionLocation)
            } else if !expression.canHold {
                draft.context.report(.contradictoryCondition, at: draft.conditionLocation)
            }
        } catch {
            var spot = place
            spot.column += error.offset
            draft.context.report(error.problem, at: spot)
        }
    }

    private func expression(
        of tree: ConditionTree, _ position: Int
    ) throws(ConditionError) -> CorrelationRule.RuleExpression {
        switch tree {
        case .name(let word): return .rule(try rule(word, position))
        case .some(let word), .every(let word):
            throw ConditionError(
                problem: .conditionSyntax(
                    found: "a pattern, `\(word.text.shortened)`,", expected: "a rule"),
                offset: word.offset)
        case .not(let part): return .not(try expression(of: part, position))
        case .and(let trees): return .and(try expressions(of: trees, position))
        case .or(let trees): return .or(try expressions(of: trees, position))
        }
    }

    private func expressions(
        of trees: [ConditionTree], _ position: Int
    ) throws(ConditionError) -> [CorrelationRule.RuleExpression] {
        var parts: [CorrelationRule.RuleExpression] = []
        for tree in trees { parts.append(try expression(of: tree, position)) }
        return parts
    }

    /// The place in `rules` of what a word of the condition names, by the same or another name.
    private func rule(
        _ word: ConditionWord, _ position: Int
    ) throws(ConditionError) -> Int {
        let draft = drafts[position]
        if let same = draft.references.firstIndex(where: { $0.text == word.text }) { return same }
        let names = draft.rule.rules.map { id in
            rules.first { $0.rule.id == id }?.rule.name
                ?? drafts.first { $0.rule.id == id }?.rule.name
        }
        if let place = names.firstIndex(of: word.text) { return place }
        throw ConditionError(
            problem: .unknownSelection(
                word.text, known: draft.references.map(\.text), of: "rules"),
            offset: word.offset)
    }

    /// Warns of fields that a correlation underneath has no values of.
    private func checkGrouping(_ position: Int) {
        let draft = drafts[position]
        for child in children[position] {
            let other = drafts[child].rule
            for group in draft.groupBy {
                let field = drafts[position].rule.aliases[group.text]?[other.id] ?? group.text
                if !other.groupBy.contains(field) {
                    draft.context.report(
                        .childGrouping(field, child: other.name ?? other.title),
                        at: group.location)
                }
            }
        }
    }
}

extension CorrelationRule.RuleExpression {
    /// The rules in it.
    var rules: Set<Int> {
        switch self {
        case .rule(let rule): [rule]
        case .not(let part): part.rules
        case .and(let parts), .or(let parts): parts.reduce(into: []) { $0.formUnion($1.rules) }
        }
    }

    func holds(where hasFound: (Int) -> Bool) -> Bool {
        switch self {
        case .rule(let rule): hasFound(rule)
        case .not(let part): !part.holds(where: hasFound)
        case .and(let parts): parts.allSatisfy { $0.holds(where: hasFound) }
        case .or(let parts): parts.contains { $0.holds(where: hasFound) }
        }
    }

    /// False when no findings make it true; not looked at for more than 12 rules.
    fileprivate var canHold: Bool {
        let rules = rules.sorted()
        guard rules.count <= 12 else { return true }
        return (0..<(1 << rules.count)).contains { found in
            holds { rule in rules.firstIndex(of: rule).map { found >> $0 & 1 == 1 } ?? false }
        }
    }
}
