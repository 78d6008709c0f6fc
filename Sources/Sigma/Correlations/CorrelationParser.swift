// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// The types of correlations (Sigma correlations, "Correlation Types"); the median is pySigma's.
enum CorrelationType: String, CaseIterable {
    case eventCount = "event_count"
    case valueCount = "value_count"
    case temporal
    case temporalOrdered = "temporal_ordered"
    case valueSum = "value_sum"
    case valueAverage = "value_avg"
    case valuePercentile = "value_percentile"
    case valueMedian = "value_median"

    var isTemporal: Bool { self == .temporal || self == .temporalOrdered }

    var needsField: Bool { !isTemporal && self != .eventCount }
}

/// A correlation as its document has it, before its references are looked up.
struct CorrelationDraft {
    /// Without `rules` and `aliases`; the condition is not in place where it is a text.
    var rule: CorrelationRule
    var references: [Reference]
    /// Whether `rules` is there, and not only what the condition names.
    var hasRules: Bool
    let groupBy: [Reference]
    let aliases: [Alias]
    /// A condition over rules, and where it begins.
    let tree: (tree: ConditionTree, location: SourceLocation)?
    /// Where the condition or, without one, the correlation stands.
    let conditionLocation: SourceLocation
    /// Fields whose values are counted or computed with.
    let fields: [Reference]
    let context: ParseContext
    /// Without errors so far.
    var isRight: Bool

    struct Alias {
        let name: Reference
        let fields: [(rule: Reference, field: String)]
    }
}

/// Reads the document of a correlation.
struct CorrelationParser {
    let document: Document

    private static let keys = [
        "type", "rules", "group-by", "timespan", "condition", "aliases", "generate",
    ]

    private var context: ParseContext { document.context }

    func draft(_ attributes: Attributes) -> CorrelationDraft? {
        let errorsBefore = context.errorCount
        attributes.checkKeys()
        guard let node = attributes["correlation"], let members = node.mapping else {
            context.report(
                .wrongType("correlation", expected: "a type, rules, a timespan and a condition"),
                at: attributes["correlation"] ?? document.node)
            return nil
        }
        for (key, _) in members {
            guard let name = key.scalar?.string, !Self.keys.contains(name),
                let known = nearestName(to: name, in: Self.keys)
            else { continue }
            context.report(.similarKey(name, known: known), at: key)
        }
        let type = type(members, at: node)
        let tree = tree(members, type)
        let references = references(members, at: node, tree?.tree)
        let condition = CorrelationCondition(context).condition(
            members["condition"], type, ruleCount: references.count, at: node)
        let groupBy = context.texts(members["group-by"], of: "group-by").map(Reference.init)
        let rule = CorrelationRule(
            id: attributes.id(), name: attributes.optionalText("name"), title: attributes.title,
            level: attributes.level(), tags: attributes.tags, version: attributes.version,
            suppression: attributes.suppression, kind: condition.kind, rules: [],
            groupBy: groupBy.map(\.text), aliases: [:],
            timespanSeconds: timespan(members, at: node), condition: .bounds(condition.bounds),
            generate: generate(members["generate"] ?? attributes["generate"]),
            tests: RuleTestParser(context).tests(attributes["tests"]),
            location: attributes.location)
        return CorrelationDraft(
            rule: rule, references: references, hasRules: members["rules"] != nil,
            groupBy: groupBy, aliases: aliases(members["aliases"]), tree: tree,
            conditionLocation: context.location(of: members["condition"] ?? node),
            fields: condition.fields, context: context,
            isRight: context.errorCount == errorsBefore)
    }

    private func type(_ members: Node.Mapping, at node: Node) -> CorrelationType? {
        guard let type = members["type"] else {
            context.report(.missing("type", example: "type: event_count"), at: node)
            return nil
        }
        let name = type.scalar?.string ?? "?"
        if let known = CorrelationType(rawValue: name.lowercased()) { return known }
        context.report(.unknownCorrelationType(name), at: type)
        return nil
    }

    /// The condition where it is a text.
    private func tree(
        _ members: Node.Mapping, _ type: CorrelationType?
    ) -> (tree: ConditionTree, location: SourceLocation)? {
        guard let node = members["condition"], let scalar = node.scalar, !node.isNull else {
            return nil
        }
        if let type, !type.isTemporal {
            context.report(.notTaken("condition over rules", by: type), at: node)
            return nil
        }
        var place = context.location(of: node)
        place.column += scalar.style == .plain ? 0 : 1
        do throws(ConditionError) {
            return (try ConditionSyntax.tree(of: scalar.string), place)
        } catch {
            place.column += error.offset
            context.report(error.problem, at: place)
            return nil
        }
    }

    /// What `rules` names, or else the condition.
    private func references(
        _ members: Node.Mapping, at node: Node, _ tree: ConditionTree?
    ) -> [Reference] {
        if let rules = members["rules"], !rules.isNull {
            let references = context.texts(rules, of: "rules").map(Reference.init)
            if references.isEmpty {
                context.report(.wrongType("rules", expected: "the id or name of a rule"), at: rules)
            }
            return references
        }
        guard let tree, let condition = members["condition"] else {
            context.report(.missing("rules", example: "rules: [ID or NAME]"), at: node)
            return []
        }
        var names: [String] = []
        for word in tree.words where !names.contains(word.text) { names.append(word.text) }
        return names.map { Reference(text: $0, location: context.location(of: condition)) }
    }

    private func timespan(_ members: Node.Mapping, at node: Node) -> Int {
        guard let time = members["timespan"] else {
            context.report(.missing("timespan", example: "timespan: 1h"), at: node)
            return 1
        }
        if let seconds = Timespan.seconds(of: time) { return seconds }
        context.report(.badTimespan("timespan", time.scalar?.string ?? "?"), at: time)
        return 1
    }

    private func generate(_ node: Node?) -> Bool {
        guard let node else { return false }
        if let flag = node.plainFlag { return flag }
        context.report(.wrongType("generate", expected: "true or false"), at: node)
        return false
    }

    private func aliases(_ node: Node?) -> [CorrelationDraft.Alias] {
        guard let node, !node.isNull else { return [] }
        let expected = "aliases, each with `RULE: FIELD` for the rules that it is for"
        guard let aliases = node.mapping else {
            context.report(.wrongType("aliases", expected: expected), at: node)
            return []
        }
        return aliases.compactMap { key, value in
            guard context.count(value), let name = key.scalar?.string, let rules = value.mapping,
                !rules.isEmpty
            else {
                context.report(.wrongType("aliases", expected: expected), at: key)
                return nil
            }
            let fields = rules.compactMap { rule, field -> (Reference, String)? in
                guard context.count(field), let id = rule.scalar?.string, !id.isEmpty,
                    let text = field.scalar?.string, !text.isEmpty, !field.isNull
                else {
                    context.report(.wrongType("aliases", expected: expected), at: rule)
                    return nil
                }
                context.checkField(text, at: context.location(of: field))
                return (Reference(text: id, location: context.location(of: rule)), text)
            }
            return CorrelationDraft.Alias(
                name: Reference(text: name, location: context.location(of: key)), fields: fields)
        }
    }
}

extension ConditionTree {
    /// The names and patterns in it, in their order.
    var words: [ConditionWord] {
        switch self {
        case .name(let word), .some(let word), .every(let word): [word]
        case .not(let part): part.words
        case .and(let parts), .or(let parts): parts.flatMap(\.words)
        }
    }
}
