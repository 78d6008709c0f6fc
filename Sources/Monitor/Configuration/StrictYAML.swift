// SPDX-License-Identifier: Apache-2.0
internal import Reports
internal import Sigma
internal import Yams

/// A settings file is wrong: which file, where, what, and what to do, in one line.
package struct SettingsError: Error, CustomStringConvertible, Equatable {
    package let description: String

    /// The words of a file that stand in it may hold anything: a terminal would obey some of it.
    init(_ description: String) {
        self.description = description.printable(keepingNewlines: false)
    }

    /// Several faults at once, a line each.
    init(faults: [String]) {
        description = faults.map { SettingsError($0).description }.joined(separator: "\n")
    }

    init(_ file: String, _ mark: Mark?, _ message: String) {
        let place = mark.map { ":\($0.line):\($0.column)" } ?? ""
        self.init("\(file)\(place): \(message)")
    }
}

/// A YAML mapping of which every key must be known.
struct StrictYAML {
    let file: String
    private let node: Node
    private let members: Node.Mapping

    /// Reads a whole file's text.
    ///
    /// - Throws: ``SettingsError`` when it is no YAML, no mapping, or has a key that is unknown.
    init(file: String, text: String, keys: [String]) throws(SettingsError) {
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch let error as YamlError {
            throw SettingsError(file, Self.mark(of: error), "is not YAML: \(Self.problem(error))")
        } catch {
            throw SettingsError(file, nil, "is not YAML")
        }
        guard let root else {
            throw SettingsError(file, nil, "is empty; it needs the key `\(keys.first ?? "")`")
        }
        try self.init(file: file, node: root, keys: keys)
    }

    private init(file: String, node: Node, keys: [String]) throws(SettingsError) {
        guard let members = node.mapping else {
            throw SettingsError(file, node.mark, "expected `key: value` lines")
        }
        self.file = file
        self.node = node
        self.members = members
        for (key, _) in members {
            guard let name = key.string, keys.contains(name) else {
                let name = key.string ?? "?"
                let hint = nearestName(to: name, in: keys).map { "; did you mean `\($0)`?" } ?? ";"
                throw SettingsError(
                    file, key.mark,
                    "unknown key `\(name)`\(hint) The keys are: \(keys.joined(separator: ", "))")
            }
        }
    }

    private static func mark(of error: YamlError) -> Mark? {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
            mark
        default: nil
        }
    }

    private static func problem(_ error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _),
            .composer(_, let problem, _, _):
            problem
        case .duplicatedKeysInMapping(let keys, _):
            "the key `\(keys.first.map { "\($0)" } ?? "?")` stands twice"
        default: "it cannot be read"
        }
    }

    func error(_ key: String, _ message: String) -> SettingsError {
        SettingsError(file, members[key]?.mark ?? node.mark, "`\(key)`: \(message)")
    }

    /// The string under a key, or nil when the key is not there.
    func string(_ key: String) throws(SettingsError) -> String? {
        guard let value = members[key] else { return nil }
        guard let text = value.string, !text.isEmpty else { throw error(key, "expected a text") }
        return text
    }

    /// The whole number under a key, or nil when the key is not there.
    func integer(_ key: String, in range: ClosedRange<Int>) throws(SettingsError) -> Int? {
        guard let value = members[key] else { return nil }
        guard let number = value.int, range.contains(number) else {
            throw error(
                key, "expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The truth under a key, or nil when the key is not there.
    func boolean(_ key: String) throws(SettingsError) -> Bool? {
        guard let value = members[key] else { return nil }
        guard let truth = value.bool else { throw error(key, "expected true or false") }
        return truth
    }

    /// The strings under a key: a list, or a single one; empty when the key is not there.
    func strings(_ key: String) throws(SettingsError) -> [String] {
        guard let value = members[key] else { return [] }
        guard let list = value.sequence else { return try [string(key) ?? ""] }
        var texts: [String] = []
        for element in list {
            guard let text = element.string, !text.isEmpty else {
                throw SettingsError(file, element.mark, "`\(key)`: expected a list of texts")
            }
            texts.append(text)
        }
        return texts
    }

    /// The mapping under a key of any names to lists of texts; empty when the key is not there.
    func lists(_ key: String) throws(SettingsError) -> [String: [String]] {
        guard let value = members[key] else { return [:] }
        let names = (value.mapping?.keys.compactMap(\.string)) ?? []
        let inner = try StrictYAML(file: file, node: value, keys: names)
        var lists: [String: [String]] = [:]
        for name in names { lists[name] = try inner.strings(name) }
        return lists
    }

    /// The mapping under a key, or nil when the key is not there.
    func mapping(_ key: String, keys: [String]) throws(SettingsError) -> StrictYAML? {
        guard let value = members[key] else { return nil }
        return try StrictYAML(file: file, node: value, keys: keys)
    }
}
