// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// Reads rule files: all rules that are right, and all that is wrong in the others.
///
/// - Parameter fields: Names of fields that rules may use; another one is a path of the record,
///   and a near miss of one of these is warned of.
package func parseRules(_ sources: [RuleSource], fields: [String]) -> ParseResult {
    let lines = SourceLines(sources)
    var rules: [Rule] = []
    var diagnostics: [Diagnostic] = []
    var placeOfID: [String: SourceLocation] = [:]
    for source in sources {
        let context = ParseContext(file: source.file, fields: fields, lines: lines)
        for rule in RuleParser(context).rules(in: source.text) {
            if let first = placeOfID[rule.id] {
                context.report(
                    .duplicateID(rule.id, first: "\(first.file):\(first.line)"), at: rule.location)
            } else {
                placeOfID[rule.id] = rule.location
                rules.append(rule)
            }
        }
        diagnostics += context.diagnostics
    }
    return ParseResult(rules: rules, diagnostics: diagnostics, lines: lines)
}

/// Reads the documents of one file.
struct RuleParser {
    private let context: ParseContext

    /// Attributes of the specification, and our own: `tests`, `suppress`, `version`.
    private static let knownKeys = [
        "title", "id", "name", "related", "taxonomy", "status", "description", "license", "author",
        "references", "date", "modified", "logsource", "detection", "fields", "falsepositives",
        "level", "tags", "scope", "tests", "suppress", "version",
    ]

    init(_ context: ParseContext) { self.context = context }

    func rules(in text: String) -> [Rule] {
        var rules: [Rule] = []
        do {
            // A byte order mark is no part of the text.
            let text = text.hasPrefix("\u{feff}") ? String(text.dropFirst()) : text
            var documents = try compose_all(yaml: text)
            while let document = documents.next() {
                if let rule = rule(document) { rules.append(rule) }
            }
            if let error = documents.error { throw error }
        } catch let error as YamlError {
            report(error)
        } catch {
            context.report(.notYAML("it cannot be read"), at: context.location(nil))
        }
        return rules
    }

    private func report(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            context.report(.notYAML(problem), at: context.location(mark))
        case .duplicatedKeysInMapping(let duplicates, let duplicateContext):
            let key = duplicates.first
            context.report(
                .duplicateKey(key.map { "\($0)" } ?? "?"),
                at: context.location(duplicateContext.mark))
        case .reader(let problem, _, _, _):
            context.report(.notYAML(problem), at: context.location(nil))
        default:
            context.report(.notYAML("it cannot be read"), at: context.location(nil))
        }
    }

    private func rule(_ document: Node) -> Rule? {
        guard let attributes = document.mapping else {
            context.report(.notAMapping, at: document)
            return nil
        }
        for kind in ["correlation", "filter"] where attributes[kind] != nil {
            context.report(.unsupportedDocument(kind), at: document)
            return nil
        }
        let errorsBefore = context.diagnostics.count
        checkKeys(attributes)
        let place = context.location(of: document)
        let title = text("title", in: attributes, at: document, example: "title: What it finds")
        let id = id(in: attributes, at: document)
        checkLogsource(attributes, at: document)
        let condition = condition(in: attributes, at: document)
        let rule = Rule(
            id: id, name: nil, title: title, level: level(in: attributes, at: document),
            tags: context.texts(attributes["tags"], of: "tags"),
            version: attributes["version"]?.int, derives: nil, suppression: nil,
            condition: condition ?? .and([]),
            tests: RuleTestParser(context).tests(attributes["tests"]), location: place)
        let isRight = !context.diagnostics[errorsBefore...].contains { $0.severity == .error }
        return isRight && condition != nil ? rule : nil
    }

    private func checkKeys(_ attributes: Node.Mapping) {
        for (key, _) in attributes {
            guard let name = key.string, !Self.knownKeys.contains(name),
                let known = Self.knownKeys.first(where: { editDistance(name, $0) <= 2 }),
                name.count > 3
            else { continue }
            context.report(.similarKey(name, known: known), at: key)
        }
    }

    private func text(
        _ key: String, in attributes: Node.Mapping, at document: Node, example: String
    ) -> String {
        guard let node = attributes[key], !node.isNull else {
            context.report(.missing(key, example: example), at: document)
            return ""
        }
        guard let text = node.scalar?.string, !text.isEmpty else {
            context.report(.wrongType(key, expected: "a text"), at: node)
            return ""
        }
        return text
    }

    private func id(in attributes: Node.Mapping, at document: Node) -> String {
        let example = "id: (what `uuidgen -r` prints)"
        let id = text("id", in: attributes, at: document, example: example).lowercased()
        if !id.isEmpty, let node = attributes["id"], id.wholeMatch(of: Self.uuid) == nil {
            context.report(.badID(id), at: node)
        }
        return id
    }

    private static var uuid: Regex<Substring> {
        /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/
    }

    private func level(in attributes: Node.Mapping, at document: Node) -> Level {
        guard let node = attributes["level"] else {
            context.report(.noLevel, at: document)
            return .medium
        }
        let text = node.scalar?.string ?? ""
        if let level = Level(rawValue: text) { return level }
        context.report(.badLevel(text), at: node)
        return .medium
    }

    private func checkLogsource(_ attributes: Node.Mapping, at document: Node) {
        guard let node = attributes["logsource"] else {
            return context.report(
                .missing("logsource", example: "logsource: {category: ai_interaction}"),
                at: document)
        }
        if node.mapping?["category"]?.string != "ai_interaction" {
            context.report(.badLogsource, at: node)
        }
    }

    /// The condition with all selections in place, or nil when something in it is wrong.
    private func condition(in attributes: Node.Mapping, at document: Node) -> Expression? {
        let example = "detection: {words: {prompt|contains: word}, condition: words}"
        guard let node = attributes["detection"] else {
            context.report(.missing("detection", example: example), at: document)
            return nil
        }
        guard let detection = node.mapping else {
            context.report(
                .wrongType("detection", expected: "selections and a condition"), at: node)
            return nil
        }
        var selections: [Selection] = []
        for (key, value) in detection {
            guard let name = key.string, name != "condition" else { continue }
            let expression = SelectionParser(context).expression(of: value, name: name)
            selections.append(
                Selection(name: name, location: context.location(of: key), expression: expression))
        }
        guard let condition = detection["condition"], !condition.isNull else {
            context.report(.missing("condition", example: "condition: words"), at: node)
            return nil
        }
        if let list = condition.sequence, list.count != 1 {
            context.report(.severalConditions, at: condition)
            return nil
        }
        return ConditionParser(context, selections).expression(
            of: condition.sequence?.first ?? condition)
    }
}

/// A named part of a rule's detection.
struct Selection {
    let name: String
    let location: SourceLocation
    /// Nil when something in it is wrong, which has been told.
    let expression: Expression?
}
