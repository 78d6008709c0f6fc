// SPDX-License-Identifier: Apache-2.0

/// Reads a selection: a map of fields (all of them), or a list of such maps (any of them).
struct SelectionReader {
    let log: ProblemLog
    let fields: KnownFields

    /// The selection's meaning, or nil when it is at fault.
    func read(_ entry: DocumentNode.Entry) -> Expression? {
        switch entry.value.content {
        case .map(let entries):
            return readMap(entries, of: entry)
        case .list(let nodes):
            return readList(nodes, of: entry)
        case .scalar(let scalar):
            if scalar.value == .null {
                log.report(.emptySelection(name: entry.key), at: entry.keyNode)
            } else {
                log.report(.keywords, at: entry.value)
            }
            return nil
        }
    }

    private func readList(_ nodes: [DocumentNode], of entry: DocumentNode.Entry) -> Expression? {
        guard !nodes.isEmpty else {
            log.report(.emptySelection(name: entry.key), at: entry.keyNode)
            return nil
        }
        if let keyword = nodes.first(where: { $0.scalar != nil }) {
            log.report(.keywords, at: keyword)
        }
        let parts = nodes.map { node -> Expression? in
            if let entries = node.map { return readMap(entries, of: entry) }
            if node.list != nil {
                log.report(
                    .wrongType(name: entry.key, expected: "a list of maps", found: "a list of lists"),
                    at: node)
            }
            return nil
        }
        return Self.complete(parts).map(Expression.any(of:))
    }

    private func readMap(_ entries: [DocumentNode.Entry], of selection: DocumentNode.Entry)
        -> Expression?
    {
        guard !entries.isEmpty else {
            log.report(.emptySelection(name: selection.key), at: selection.keyNode)
            return nil
        }
        return Self.complete(entries.map(readField)).map(Expression.all(of:))
    }

    private func readField(_ entry: DocumentNode.Entry) -> Expression? {
        let key = FieldKey(entry.keyNode, log: log)
        if let key { fields.check(key.field, at: key.location, log: log) }
        if entry.value.map != nil {
            log.report(.nestedValue(found: "a map"), at: entry.value)
            return nil
        }
        let nodes = entry.value.list ?? [entry.value]
        guard !nodes.isEmpty else {
            log.report(.emptyList, at: entry.value)
            return nil
        }
        guard let key else { return nil }
        if key.needsAll, nodes.count == 1 { log.report(.uselessAll, at: entry.keyNode) }
        let reader = ValueReader(key: key, log: log)
        let parts = nodes.map { reader.read($0).map(Expression.match) }
        return Self.complete(parts).map(key.needsAll ? Expression.all(of:) : Expression.any(of:))
    }

    /// The parts, or nil when one is missing or there is none.
    private static func complete(_ parts: [Expression?]) -> [Expression]? {
        let present = parts.compactMap { $0 }
        return present.count == parts.count && !present.isEmpty ? present : nil
    }
}

/// Reads the values of one field of a selection.
struct ValueReader {
    let key: FieldKey
    let log: ProblemLog

    /// The comparison with this value, or nil when it is at fault.
    func read(_ node: DocumentNode) -> FieldMatch? {
        guard let scalar = node.scalar else {
            log.report(.nestedValue(found: node.kind), at: node)
            return nil
        }
        guard let value = value(of: scalar, at: node) else { return nil }
        if case .string(let pattern) = value, pattern.matchesEverything {
            log.report(.matchesEverything, at: node)
        }
        return FieldMatch(
            field: key.field, fieldLocation: key.location, value: value, location: node.location)
    }

    private func value(of scalar: DocumentNode.Scalar, at node: DocumentNode) -> MatchValue? {
        if case .string(let text) = scalar.value { return textValue(text, at: node) }
        if let modifier = key.comparison.modifier {
            let problem = Problem.textNeeded(
                modifier: modifier, value: scalar.text, found: node.kind)
            log.report(problem, at: node)
            return nil
        }
        return switch scalar.value {
        case .number(let number): .number(number)
        case .boolean(let boolean): .boolean(boolean)
        case .null, .string: .null
        }
    }

    private func textValue(_ text: String, at node: DocumentNode) -> MatchValue? {
        switch key.comparison {
        case .equals:
            .string(StringPattern(text, anchoredStart: true, anchoredEnd: true))
        case .contains:
            .string(StringPattern(text, anchoredStart: false, anchoredEnd: false))
        case .startsWith:
            .string(StringPattern(text, anchoredStart: true, anchoredEnd: false))
        case .endsWith:
            .string(StringPattern(text, anchoredStart: false, anchoredEnd: true))
        case .regex(let isCaseless): regex(text, isCaseless: isCaseless, at: node)
        }
    }

    private func regex(_ text: String, isCaseless: Bool, at node: DocumentNode) -> MatchValue? {
        guard !text.isEmpty else {
            log.report(.emptyRegex, at: node)
            return nil
        }
        let refusals = RegexScreen.refusals(in: text)
        for refusal in refusals {
            let problem = Problem.unsupportedRegex(
                construct: refusal.construct, name: refusal.name, advice: refusal.advice)
            log.report(problem, in: node, character: refusal.offset, found: refusal.construct)
        }
        guard refusals.isEmpty else { return nil }
        return .regex(RegexPattern(expression: text, isCaseless: isCaseless))
    }
}
