// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// A detection as its document has it, before filters and derived fields are in place.
struct RuleDraft {
    var rule: Rule
    let logsource: Attributes.Logsource
    let context: ParseContext
    /// Where the condition stands, for what is wrong with it as a whole.
    let conditionLocation: SourceLocation
    /// The condition without filters.
    let ownCondition: Expression
    /// Without errors so far.
    var isRight: Bool
}

/// A filter as its document has it.
struct FilterDraft {
    let id: String
    let title: String
    let location: SourceLocation
    let logsource: Attributes.Logsource
    let context: ParseContext
    /// The rules that it names; nil for all of its log source.
    let targets: [Reference]?
    /// What an event must be like for the rules to find it still.
    let condition: Expression
    let isRight: Bool
}

/// An id or a name by which a document calls another.
struct Reference: Equatable {
    let text: String
    let location: SourceLocation
}

/// Reads the document of a detection.
struct RuleParser {
    let document: Document

    private var context: ParseContext { document.context }

    func draft(_ attributes: Attributes) -> RuleDraft {
        let errorsBefore = context.errorCount
        attributes.checkKeys()
        let title = attributes.title
        let id = attributes.id()
        let logsource = attributes.logsource()
        let condition = condition(attributes)
        let derives = derivedName(attributes)
        let rule = Rule(
            id: id, name: attributes.optionalText("name"), title: title,
            level: attributes.level(isOptional: derives != nil), tags: attributes.tags,
            version: attributes.version, derives: derives, suppression: attributes.suppression,
            condition: condition ?? .and([]),
            tests: RuleTestParser(context).tests(attributes["tests"]),
            location: attributes.location)
        let place = attributes["detection"]?.mapping?["condition"].map(context.location(of:))
        return RuleDraft(
            rule: rule, logsource: logsource, context: context,
            conditionLocation: place ?? attributes.location, ownCondition: rule.condition,
            isRight: condition != nil && context.errorCount == errorsBefore)
    }

    private func condition(_ attributes: Attributes) -> Expression? {
        guard let node = attributes["detection"] else {
            let example = "detection: {words: {prompt|contains: word}, condition: words}"
            context.report(.missing("detection", example: example), at: document.node)
            return nil
        }
        guard let detection = node.mapping else {
            context.report(
                .wrongType("detection", expected: "selections and a condition"), at: node)
            return nil
        }
        return ConditionParser(context, of: "detection").expression(in: detection, at: node)
    }

    private func derivedName(_ attributes: Attributes) -> String? {
        guard let node = attributes["derives"] else { return nil }
        guard let name = DerivedFields.name(in: document.node) else {
            context.report(.badDerivedName(node.scalar?.string ?? "?"), at: node)
            return nil
        }
        return name
    }
}

/// Reads the document of a filter.
///
///     title: What is silenced, and why
///     logsource: {category: ai_interaction}
///     filter:
///       rules: [ID or NAME]
///       known: {user.id: red-team}
///       condition: not known
struct FilterParser {
    let document: Document

    private var context: ParseContext { document.context }

    func draft(_ attributes: Attributes) -> FilterDraft {
        let errorsBefore = context.errorCount
        attributes.checkKeys()
        let title = attributes.title
        let id = attributes.id(isOptional: true)
        let logsource = attributes.logsource(isOpen: true)
        var condition: Expression?
        var targets: [Reference]?
        if let node = attributes["filter"], let members = node.mapping {
            targets = self.targets(members, at: node)
            condition = ConditionParser(context, of: "filter").expression(
                in: members, at: node, except: ["rules"])
        } else {
            context.report(
                .wrongType("filter", expected: "rules, selections and a condition"),
                at: attributes["filter"] ?? document.node)
        }
        return FilterDraft(
            id: id, title: title, location: attributes.location, logsource: logsource,
            context: context, targets: targets, condition: condition ?? .and([]),
            isRight: condition != nil && context.errorCount == errorsBefore)
    }

    /// Nil for all: `any`, or an empty list, as pySigma has it.
    private func targets(_ members: Node.Mapping, at node: Node) -> [Reference]? {
        guard let rules = members["rules"], !rules.isNull else {
            context.report(.missing("rules", example: "rules: [ID or NAME]"), at: node)
            return []
        }
        if rules.scalar?.string.lowercased() == "any" { return nil }
        if let list = rules.sequence, list.isEmpty { return nil }
        return context.texts(rules, of: "rules").map(Reference.init)
    }
}

extension Reference {
    init(_ named: (text: String, location: SourceLocation)) {
        self.init(text: named.text, location: named.location)
    }
}
