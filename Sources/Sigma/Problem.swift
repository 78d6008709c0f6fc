// SPDX-License-Identifier: Apache-2.0

/// All that can be wrong in a rule file.
///
/// A problem's code, title and help stand together, so that they cannot drift apart. Codes are
/// stable: S00x the file, S01x attributes, S02x selections, S03x conditions, S04x tests.
package enum Problem: Sendable, Equatable {
    case notYAML(String)
    case duplicateKey(String)
    case notAMapping
    case unsupportedDocument(String)
    case tooLarge

    case missing(String, example: String)
    case wrongType(String, expected: String)
    case similarKey(String, known: String)
    case badID(String)
    case duplicateID(String, first: String)
    case badLevel(String)
    case noLevel
    case badLogsource

    case emptySelection(String)
    case unknownModifier(String)
    case unsupportedModifier(String)
    case modifierOrder(String)
    case keywords
    case badValue(String)
    case regexRefused(expression: String, reason: String)
    case matchesEverything
    case unknownField(String, known: String)

    case conditionSyntax(found: String, expected: String)
    case unknownSelection(String, known: [String])
    case noSelectionLike(String)
    case unusedSelection(String)
    case severalConditions
    case conditionTooDeep

    case badTest(String)

    /// How a problem is told.
    struct Description {
        let code: String
        var severity = Diagnostic.Severity.error
        let title: String
        let help: String
    }

    /// Modifiers that this version knows.
    static let modifiers = ["contains", "startswith", "endswith", "all", "re", "i", "m", "s"]
    /// Modifiers of the specification that it does not.
    static let laterModifiers = [
        "cased", "base64", "base64offset", "utf16le", "utf16be", "utf16", "wide", "windash", "cidr",
        "exists", "fieldref", "gt", "gte", "lt", "lte", "neq", "expand",
    ]

    var description: Description {
        switch self {
        case .notYAML, .duplicateKey, .notAMapping, .unsupportedDocument, .tooLarge: ofFile
        case .missing, .wrongType, .similarKey, .badID, .duplicateID, .badLevel, .noLevel,
            .badLogsource:
            ofAttribute
        case .emptySelection, .unknownModifier, .unsupportedModifier, .modifierOrder, .keywords,
            .badValue, .regexRefused, .matchesEverything, .unknownField:
            ofSelection
        case .conditionSyntax, .unknownSelection, .noSelectionLike, .unusedSelection,
            .severalConditions, .conditionTooDeep:
            ofCondition
        case .badTest(let text):
            Description(
                code: "S040", title: text,
                help: "write `- name: TEXT`, `match: true` or `false`, and `event: {prompt: TEXT}`")
        }
    }

    private var ofFile: Description {
        switch self {
        case .notYAML(let problem):
            Description(
                code: "S001", title: "this is not YAML: \(problem)",
                help: "check quotes, indentation and colons; put patterns in single quotes")
        case .duplicateKey(let key):
            Description(
                code: "S002", title: "the key `\(key)` stands twice",
                help: "give both values in one list under the key, or name one of them otherwise")
        case .notAMapping:
            Description(
                code: "S003", title: "a rule is a mapping of attributes",
                help: "begin with `title: TEXT`")
        case .unsupportedDocument(let kind):
            Description(
                code: "S004", title: "`\(kind)` documents are not supported by this version",
                help: "remove it, or write one rule with a condition")
        default:
            Description(
                code: "S005", title: "the rule is too large",
                help: "split it; a rule has at most 100,000 values, those by aliases included")
        }
    }

    private var ofAttribute: Description {
        switch self {
        case .missing(let key, let example):
            Description(
                code: "S010", title: "the attribute `\(key)` is missing", help: "add `\(example)`")
        case .wrongType(let key, let expected):
            Description(
                code: "S011", title: "`\(key)` does not hold \(expected)", help: "write \(expected)"
            )
        case .similarKey(let key, let known):
            Description(
                code: "S012", severity: .warning, title: "unknown attribute `\(key)`",
                help: "did you mean `\(known)`?")
        case .badID(let text):
            Description(
                code: "S013", title: "`\(text)` is no UUID", help: "make one with `uuidgen -r`")
        case .duplicateID(let id, let first):
            Description(
                code: "S014", title: "the id \(id) is used by another rule, at \(first)",
                help: "give each rule its own id; make one with `uuidgen -r`")
        case .badLevel(let text):
            Description(
                code: "S015", title: "`\(text)` is no level",
                help: Self.suggestion(text, Level.allCases.map(\.rawValue)))
        case .noLevel:
            Description(
                code: "S016", severity: .warning, title: "no `level`; medium is taken",
                help: "add `level: medium` or another")
        default:
            Description(
                code: "S017", title: "this log source holds no AI interactions",
                help: "write `logsource: {category: ai_interaction}`")
        }
    }

    private var ofSelection: Description {
        switch self {
        case .emptySelection(let name):
            Description(
                code: "S020", title: "`\(name)` holds nothing to compare with",
                help: "give it a field and a value, as in `prompt|contains: word`")
        case .unknownModifier(let name):
            Description(
                code: "S021", title: "unknown modifier `\(name)`",
                help: Self.suggestion(name, Self.modifiers))
        case .unsupportedModifier(let name):
            Description(
                code: "S022", title: "the modifier `\(name)` is not supported by this version",
                help: "the modifiers are: \(Self.modifiers.joined(separator: ", "))")
        case .modifierOrder(let text):
            Description(
                code: "S023", title: text,
                help:
                    "use one of contains, startswith, endswith or re, then `all`; `i`, `m`, `s` follow `re`"
            )
        case .keywords:
            Description(
                code: "S024", title: "values without a field are not supported by this version",
                help: "name the field, as in `prompt|contains: word`")
        case .badValue(let text):
            Description(
                code: "S025", title: text,
                help: "give a text, a number, true, false, null or a list of them")
        case .regexRefused(let expression, let reason):
            Description(
                code: "S026",
                title: "the expression `\(expression.shortened)` cannot be used: \(reason)",
                help: "expressions run in linear time: write look-around as two selections joined "
                    + "by `and` or `and not`, and repeats with small bounds")
        case .unknownField(let name, let known):
            Description(
                code: "S028", severity: .warning,
                title: "unknown field `\(name)`; it is looked up as a path of the record",
                help: "did you mean `\(known)`?")
        default:
            Description(
                code: "S027", severity: .warning, title: "this matches whatever the field holds",
                help:
                    "give the text that is meant; to ask whether the field is there, write `null` and `not`"
            )
        }
    }

    private var ofCondition: Description {
        switch self {
        case .conditionSyntax(let found, let expected):
            Description(
                code: "S030", title: "the condition has \(found) where \(expected) is expected",
                help: "as in `selection and not 1 of filter_*`")
        case .unknownSelection(let name, let known):
            Description(
                code: "S031", title: "the condition names `\(name)`, which is not in `detection`",
                help: Self.suggestion(name, known))
        case .noSelectionLike(let pattern):
            Description(
                code: "S032", title: "no selection is named like `\(pattern)`",
                help: "name selections so, or change the pattern")
        case .unusedSelection(let name):
            Description(
                code: "S033", severity: .warning, title: "the condition does not use `\(name)`",
                help: "use it or remove it")
        case .severalConditions:
            Description(
                code: "S034", title: "several conditions are not supported by this version",
                help: "join them with `or`, or write one rule for each")
        default:
            Description(
                code: "S035", title: "the condition is nested more than 64 deep",
                help: "give its parts names as selections")
        }
    }

    private static func suggestion(_ name: String, _ known: [String]) -> String {
        let list = known.joined(separator: ", ")
        guard let nearest = nearestName(to: name, in: known) else { return "give one of: \(list)" }
        return "did you mean `\(nearest)`? There are: \(list)"
    }
}

extension String {
    /// At most 60 characters of it.
    fileprivate var shortened: String { count <= 60 ? self : "\(prefix(57))…" }
}
