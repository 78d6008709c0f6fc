// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with a file or a document of it, and with attributes.
extension Problem {
    static func notYAML(_ problem: String) -> Problem {
        Problem(
            "S001", "this is not YAML: \(problem)",
            help: "check quotes, indentation and colons; put patterns in single quotes")
    }

    static func duplicateKey(_ key: String) -> Problem {
        Problem(
            "S002", "the key `\(key.shortened)` stands twice",
            help: "give both values in one list under the key, or name one of them otherwise")
    }

    static let notAMapping = Problem(
        "S003", "a rule is a mapping of attributes", help: "begin with `title: TEXT`")

    static let tooLarge = Problem(
        "S005", "the file unfolds to too much",
        help: "split it; a file has at most 100,000 values, those by aliases and modifiers "
            + "included")

    static let tooManyProblems = Problem(
        "S007", "this file has too many problems; those after this place are not shown",
        help: "correct the first ones and check it again")

    static func severalKinds(_ kinds: [String]) -> Problem {
        Problem(
            "S006", "one document holds \(kinds.map { "`\($0)`" }.joined(separator: " and "))",
            help: "give each its own document; documents are parted by a line `---`")
    }

    static func missing(_ key: String, example: String) -> Problem {
        Problem("S010", "the attribute `\(key)` is missing", help: "add `\(example)`")
    }

    static func wrongType(_ key: String, expected: String) -> Problem {
        Problem("S011", "`\(key)` does not hold \(expected)", help: "write \(expected)")
    }

    static func similarKey(_ key: String, known: String) -> Problem {
        Problem(
            "S012", .warning, "unknown attribute `\(key.shortened)`",
            help: "did you mean `\(known)`?")
    }

    static func badID(_ text: String) -> Problem {
        Problem("S013", "`\(text.shortened)` is no UUID", help: "make one with `uuidgen -r`")
    }

    static func duplicateID(_ id: String, first: String) -> Problem {
        Problem(
            "S014", "the id \(id) is used by another rule, at \(first)",
            help: "give each rule its own id; make one with `uuidgen -r`")
    }

    static func badLevel(_ text: String) -> Problem {
        Problem(
            "S015", "`\(text.shortened)` is no level",
            help: suggestion(text, Level.allCases.map(\.rawValue), none: ""))
    }

    static let noLevel = Problem(
        "S016", .warning, "no `level`; medium is taken", help: "add `level: medium` or another")

    static let badLogsource = Problem(
        "S017", "this log source holds no AI interactions",
        help: "write `logsource: {category: ai_interaction}`")

    static func unknownStatus(_ text: String) -> Problem {
        Problem(
            "S018", .warning, "unknown status `\(text.shortened)`",
            help: suggestion(text, Attributes.statuses, none: ""))
    }

    static func duplicateName(_ name: String, first: String) -> Problem {
        Problem(
            "S019", "the name `\(name.shortened)` is used by another rule, at \(first)",
            help: "give each rule a name of its own: correlations and filters refer to it")
    }
}
