// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// The attributes of a document that its three kinds have in common.
struct Attributes {
    private let members: Node.Mapping
    private let document: Node
    private let context: ParseContext

    /// Attributes of the specification, and our own: `tests`, `suppress`, `version`, `derives`.
    private static let known = [
        "title", "id", "name", "related", "taxonomy", "status", "description", "license", "author",
        "references", "date", "modified", "logsource", "detection", "correlation", "filter",
        "generate", "fields", "falsepositives", "level", "tags", "scope", "tests", "suppress",
        "version", "derives",
    ]
    static let statuses = ["stable", "test", "experimental", "deprecated", "unsupported"]

    init(_ members: Node.Mapping, of document: Node, _ context: ParseContext) {
        self.members = members
        self.document = document
        self.context = context
    }

    subscript(_ key: String) -> Node? { members[key] }

    var location: SourceLocation { context.location(of: document) }

    func checkKeys() {
        for (key, _) in members {
            guard let name = key.scalar?.string, !Self.known.contains(name),
                let known = nearestName(to: name, in: Self.known)
            else { continue }
            context.report(.similarKey(name, known: known), at: key)
        }
        if let status = members["status"], !Self.statuses.contains(status.scalar?.string ?? "") {
            context.report(.unknownStatus(status.scalar?.string ?? "?"), at: status)
        }
    }

    var title: String { text("title", example: "title: What it finds") }

    /// A text that must be there.
    private func text(_ key: String, example: String) -> String {
        guard let node = members[key], !node.isNull else {
            context.report(.missing(key, example: example), at: document)
            return ""
        }
        return optionalText(key) ?? ""
    }

    /// A text that may be missing.
    func optionalText(_ key: String) -> String? {
        guard let node = members[key], !node.isNull else { return nil }
        guard let text = node.scalar?.string, !text.isEmpty else {
            context.report(.wrongType(key, expected: "a text"), at: node)
            return nil
        }
        return text
    }

    /// The id in lower case.
    func id(isOptional: Bool = false) -> String {
        let example = "id: (what `uuidgen -r` prints)"
        let text = isOptional ? optionalText("id") : text("id", example: example)
        guard let id = text?.lowercased(), !id.isEmpty, let node = members["id"] else { return "" }
        if id.wholeMatch(of: Self.uuid) == nil { context.report(.badID(id), at: node) }
        return id
    }

    static var uuid: Regex<Substring> {
        /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/
    }

    /// - Parameter isOptional: Whether it says nothing of the document, so that none is missed.
    func level(isOptional: Bool = false) -> Level {
        guard let node = members["level"] else {
            if !isOptional { context.report(.noLevel, at: document) }
            return .medium
        }
        let text = node.scalar?.string ?? ""
        if let level = Level(rawValue: text) { return level }
        context.report(.badLevel(text), at: node)
        return .medium
    }

    var tags: [String] { context.texts(members["tags"], of: "tags").map(\.text) }

    var version: Int? { members["version"]?.int }

    /// What a filter's log source must have in common with a rule's.
    struct Logsource {
        var product: String?
        var service: String?

        /// Whether what this one says is said by the other too.
        func fits(_ other: Logsource) -> Bool {
            (product == nil || product == other.product)
                && (service == nil || service == other.service)
        }
    }

    /// - Parameter isOpen: Whether a log source without a category will do, as for a filter.
    func logsource(isOpen: Bool = false) -> Logsource {
        guard let node = members["logsource"] else {
            context.report(
                .missing("logsource", example: "logsource: {category: ai_interaction}"),
                at: document)
            return Logsource()
        }
        let category = node.mapping?["category"]
        let source = Logsource(
            product: node.mapping?["product"]?.scalar?.string,
            service: node.mapping?["service"]?.scalar?.string)
        let isNamed = source.product != nil || source.service != nil
        if category?.scalar?.string != "ai_interaction", !(isOpen && category == nil && isNamed) {
            context.report(.badLogsource, at: node)
        }
        return source
    }

    /// `suppress: {by: [user.id], for: 1h}`
    var suppression: Suppression? {
        guard let node = members["suppress"], !node.isNull else { return nil }
        guard let parts = node.mapping else {
            context.report(.badSuppression("`suppress` is a mapping"), at: node)
            return nil
        }
        for (key, _) in parts where !["by", "for"].contains(key.scalar?.string) {
            context.report(
                .badSuppression("`suppress` has no `\(key.scalar?.string.shortened ?? "?")`"),
                at: key)
            return nil
        }
        guard let time = parts["for"] else {
            context.report(.badSuppression("`suppress` does not say for how long"), at: node)
            return nil
        }
        guard let seconds = Timespan.seconds(of: time) else {
            context.report(.badTimespan("for", time.scalar?.string ?? "?"), at: time)
            return nil
        }
        let fields = context.texts(parts["by"], of: "by")
        for (field, location) in fields { context.checkField(field, at: location) }
        return Suppression(fields: fields.map(\.text), seconds: seconds)
    }
}

/// A time as correlations write it (Sigma correlations, "Time Selection").
enum Timespan {
    /// Beside the specification's `s`, `m`, `h`, `d`: pySigma's week, month and year.
    private static let unitSeconds: [Character: Int] = [
        "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_629_746, "y": 31_556_952,
    ]
    static let secondsMax = 366 * 86_400

    /// The seconds, 1 to 366 days of them, or nil.
    static func seconds(of node: Node) -> Int? {
        seconds(node).flatMap { $0 > 0 ? $0 : nil }
    }

    /// The seconds, 0 included, or nil.
    static func seconds(_ node: Node) -> Int? {
        guard let text = node.scalar?.string, let letter = text.last,
            let unit = unitSeconds[letter], text.count > 1,
            text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(text.dropLast()), number <= secondsMax / unit
        else { return nil }
        return number * unit
    }
}
