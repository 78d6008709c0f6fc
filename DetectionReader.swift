// SPDX-License-Identifier: Apache-2.0

/// A selection of a detection, as the condition names it.
struct Selection {
    var name: String
    var node: DocumentNode
    /// Nil when it is at fault, which the log tells.
    var expression: Expression?
    /// How many values it compares.
    var size: Int
}

/// Reads a rule's `detection`: the selections, and the condition with them put in place.
struct DetectionReader {
    let log: ProblemLog
    let fields: KnownFields

    func read(_ entries: [DocumentNode.Entry], at start: SourceLocation) -> Expression? {
        let reader = SelectionReader(log: log, fields: fields)
        var selections: [Selection] = []
        for entry in entries where entry.key != "condition" {
            if entry.key == "timeframe" {
                log.report(.timeframe, at: entry.keyNode)
                continue
            }
            checkName(entry)
            let expression = reader.read(entry)
            selections.append(
                Selection(
                    name: entry.key, node: entry.keyNode, expression: expression,
                    size: expression?.matches.count ?? 0))
        }
        let attributes = AttributeReader(entries: entries, start: start, log: log)
        guard let entry = attributes.required("condition", example: "condition: selection"),
            let node = conditionNode(entry.value)
        else { return nil }
        return readCondition(node, selections: selections)
    }

    private func checkName(_ entry: DocumentNode.Entry) {
        let isReserved = Names.reserved.contains(entry.key.lowercased())
        let isWord = ConditionToken.tokens(of: entry.key).map(\.text) == [entry.key]
        if isReserved || !isWord || entry.key.contains("*") {
            log.report(.badSelectionName(entry.key), at: entry.keyNode)
        }
    }

    /// The condition's scalar; a list of one counts as that one.
    private func conditionNode(_ value: DocumentNode) -> DocumentNode? {
        var node = value
        if let list = value.list {
            guard list.count <= 1 else {
                log.report(.conditionList, at: value)
                return nil
            }
            guard let first = list.first else {
                log.report(.emptyAttribute(name: "condition"), at: value)
                return nil
            }
            node = first
        }
        guard let scalar = node.scalar else {
            log.report(
                .wrongType(name: "condition", expected: "a text", found: node.kind), at: node)
            return nil
        }
        guard !scalar.text.trimmingBlanks().isEmpty else {
            log.report(.emptyAttribute(name: "condition"), at: node)
            return nil
        }
        return node
    }

    private func readCondition(_ node: DocumentNode, selections: [Selection]) -> Expression? {
        var parser = ConditionParser(node: node, selections: selections, log: log)
        guard let condition = parser.parse() else { return nil }
        for (index, selection) in selections.enumerated() where !parser.used.contains(index) {
            log.report(.unusedSelection(selection.name), at: selection.node)
        }
        return condition.resolved(with: selections)
    }
}

/// A condition as parsed, its selections told by their numbers.
indirect enum Condition {
    case and([Condition])
    case or([Condition])
    case not(Condition)
    case selection(Int)
    /// A name that no selection has; already in the log.
    case unknown

    /// The condition with the selections put in place, or nil when one is at fault.
    func resolved(with selections: [Selection]) -> Expression? {
        switch self {
        case .and(let parts): Self.resolved(parts, with: selections).map(Expression.all(of:))
        case .or(let parts): Self.resolved(parts, with: selections).map(Expression.any(of:))
        case .not(let part): part.resolved(with: selections).map(Expression.not)
        case .selection(let index): selections[index].expression
        case .unknown: nil
        }
    }

    private static func resolved(_ parts: [Condition], with selections: [Selection])
        -> [Expression]?
    {
        var expressions: [Expression] = []
        for part in parts {
            guard let expression = part.resolved(with: selections) else { return nil }
            expressions.append(expression)
        }
        return expressions
    }
}
