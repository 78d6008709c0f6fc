// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// The boolean fields that rules define (`derives`), and their definitions put in place of them.
struct DerivedFields {
    /// Field → the condition that it stands for, complete; missing where something is wrong.
    private var definitions: [String: Expression] = [:]
    private var sizes: [String: Int] = [:]
    private let names: Set<String>
    /// How many fields may be defined by one another in a row.
    private static let depthLimit = 32
    private static let sizeLimit = 100_000

    /// The field that a document defines, or nil where its name is not dotted lower-case words.
    static func name(in document: Node) -> String? {
        guard let name = document.mapping?["derives"]?.scalar?.string,
            name.wholeMatch(of: /[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+/) != nil
        else { return nil }
        return name
    }

    /// Puts the definitions together; rules whose field cannot be defined lose `isRight`.
    init(_ rules: inout [RuleDraft]) {
        var open: [String: (rule: Int, needed: Set<String>)] = [:]
        names = Set(rules.compactMap(\.rule.derives))
        for (index, draft) in rules.enumerated() where draft.isRight {
            guard let name = draft.rule.derives else { continue }
            if let first = open[name] {
                rules[index].isRight = false
                let place = rules[first.rule].rule.location
                draft.context.report(
                    .derivedTwice(name, first: "\(place.file):\(place.line)"),
                    at: draft.rule.location)
            } else {
                let needed = draft.rule.condition.fieldNames.intersection(names)
                open[name] = (index, needed)
            }
        }
        // Each round defines what needs no field that is not defined yet.
        for _ in 0..<Self.depthLimit {
            let ready = open.filter { $0.value.needed.allSatisfy { definitions[$0] != nil } }
            if ready.isEmpty { break }
            for (name, entry) in ready.sorted(by: { $0.key < $1.key }) {
                open[name] = nil
                let draft = rules[entry.rule]
                guard let condition = resolved(draft.rule.condition, of: draft.context) else {
                    rules[entry.rule].isRight = false
                    continue
                }
                definitions[name] = condition
                sizes[name] = size(of: draft.rule.condition)
            }
        }
        reportCycles(open, &rules)
    }

    /// What is left is defined by itself, or by what is or is wrong.
    private func reportCycles(
        _ open: [String: (rule: Int, needed: Set<String>)], _ rules: inout [RuleDraft]
    ) {
        for entry in open.values { rules[entry.rule].isRight = false }
        for entry in open.values
        where entry.needed.allSatisfy({ definitions[$0] != nil }) {
            // It could be defined, had there been one more round.
            rules[entry.rule].context.report(
                .tooLarge, at: rules[entry.rule].conditionLocation)
        }
        guard var next = open.keys.min() else { return }
        var path: [String] = []
        while !path.contains(next) {
            path.append(next)
            guard let needed = open[next]?.needed.filter({ open[$0] != nil }).min() else { return }
            next = needed
        }
        let cycle = path.drop { $0 != next }.sorted()
        guard let rule = open[cycle[0]]?.rule else { return }
        rules[rule].context.report(.derivedCycle(cycle), at: rules[rule].conditionLocation)
    }

    /// The condition with all definitions in place; nil when a derived field is compared with
    /// anything but true or false, which is told, or cannot be defined, which was told.
    func resolved(_ condition: Expression, of context: ParseContext) -> Expression? {
        guard condition.hasField(of: names) else { return condition }
        if size(of: condition) > Self.sizeLimit {
            context.report(.tooLarge, at: condition.firstLocation ?? context.location(nil))
            return nil
        }
        return substituted(condition, context)
    }

    private func substituted(_ condition: Expression, _ context: ParseContext) -> Expression? {
        switch condition {
        case .and(let parts): return joined(parts, context, by: Expression.and)
        case .or(let parts): return joined(parts, context, by: Expression.or)
        case .not(let part): return substituted(part, context).map(Expression.not)
        case .named(let name, let part):
            return substituted(part, context).map { .named(name, $0) }
        case .match(let match):
            if case .field(let reference) = match.value, names.contains(reference.name) {
                context.report(.derivedUse(reference.name), at: match.location)
                return nil
            }
            guard let name = match.field, names.contains(name) else { return condition }
            guard case .boolean(let flag) = match.value else {
                context.report(.derivedUse(name), at: match.location)
                return nil
            }
            return definitions[name].map { definition in
                let named = Expression.named(.derived(name), definition)
                return flag ? named : .not(named)
            }
        }
    }

    private func joined(
        _ parts: [Expression], _ context: ParseContext, by join: ([Expression]) -> Expression
    ) -> Expression? {
        let resolved = parts.map { substituted($0, context) }
        let right = resolved.compactMap(\.self)
        return right.count == parts.count ? join(right) : nil
    }

    /// How many parts the condition has with all definitions in place.
    private func size(of condition: Expression) -> Int {
        let total =
            switch condition {
            case .and(let parts), .or(let parts): parts.reduce(1) { $0 + size(of: $1) }
            case .not(let part): 1 + size(of: part)
            case .named(_, let part): size(of: part)
            case .match(let match): 1 + (match.field.flatMap { sizes[$0] } ?? 0)
            }
        return min(total, Self.sizeLimit + 1)
    }

    /// Tells tests that give a derived field a value, which nothing would read.
    func check(_ tests: [RuleTest], _ context: ParseContext) {
        for test in tests {
            let given = test.events.flatMap(\.fields).map(\.field)
            guard let name = given.first(where: names.contains) else { continue }
            context.report(
                .badTest("the test's event gives `\(name)`, which is derived from its texts"),
                at: test.location)
        }
    }

    /// Tells uses of a derived field where only a record's own field can stand.
    func check(_ field: String, at location: SourceLocation, _ context: ParseContext) {
        if names.contains(field) { context.report(.derivedUse(field), at: location) }
    }
}

extension Expression {
    /// All fields that are compared, and those that they are compared with.
    package var fieldNames: Set<String> {
        var names: Set<String> = []
        _ = hasField {
            names.insert($0)
            return false
        }
        return names
    }

    /// Whether one of these fields is compared, or compared with.
    func hasField(of names: Set<String>) -> Bool { !names.isEmpty && hasField(names.contains) }

    private func hasField(_ isWanted: (String) -> Bool) -> Bool {
        switch self {
        case .and(let parts), .or(let parts): return parts.contains { $0.hasField(isWanted) }
        case .not(let part), .named(_, let part): return part.hasField(isWanted)
        case .match(let match):
            if let field = match.field, isWanted(field) { return true }
            if case .field(let reference) = match.value { return isWanted(reference.name) }
            return false
        }
    }

    /// Where its first value stands.
    var firstLocation: SourceLocation? {
        switch self {
        case .and(let parts), .or(let parts): parts.lazy.compactMap(\.firstLocation).first
        case .not(let part), .named(_, let part): part.firstLocation
        case .match(let match): match.location
        }
    }
}
