// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with selections, their modifiers and values.
extension Problem {
    static func emptySelection(_ name: String) -> Problem {
        Problem(
            "S020", "`\(name.shortened)` holds nothing to compare with",
            help: "give it a field and a value, as in `prompt|contains: word`")
    }

    static func unknownModifier(_ name: String) -> Problem {
        Problem(
            "S021", "unknown modifier `\(name.shortened)`",
            help: suggestion(name, Modifier.allCases.map(\.rawValue), none: ""))
    }

    static func modifierOrder(_ title: String, help: String) -> Problem {
        Problem("S023", title, help: help)
    }

    static func badValue(_ title: String) -> Problem {
        Problem(
            "S025", title, help: "give a text, a number, true, false, null or a list of them")
    }

    package static func regexRefused(expression: String, reason: String) -> Problem {
        Problem(
            "S026", "the expression `\(expression.shortened)` cannot be used: \(reason)",
            help: "expressions run in linear time: write look-around as two selections joined "
                + "by `and` or `and not`, and repeats with small bounds")
    }

    package static let matchesEverything = Problem(
        "S027", .warning, "this matches whatever the field holds",
        help: "give the text that is meant; to ask whether the field is there, use `exists`")

    static func unknownField(_ name: String, known: String) -> Problem {
        Problem(
            "S028", .warning,
            "unknown field `\(name.shortened)`; it is looked up as a path of the record",
            help: "did you mean `\(known)`?")
    }

    static func modifierValue(_ modifier: Modifier, found: String, wanted: String) -> Problem {
        Problem(
            "S100", "`\(modifier.rawValue)` cannot be applied to \(found)", help: "give \(wanted)")
    }

    static func wildcardRefused(_ modifier: Modifier) -> Problem {
        Problem(
            "S101", "`\(modifier.rawValue)` takes no text with wildcards",
            help: modifier == .fieldref
                ? "give the name of one field"
                : "write `\\*` for an asterisk and `\\?` for a question mark; let `contains` "
                    + "follow `\(modifier.rawValue)` instead of preceding it")
    }

    static let noJSONText = Problem(
        "S102", "the encoded value is not a text that JSON can hold",
        help: "what logs hold of UTF-16 is its base64 form: let `base64offset|contains` follow")

    static let nulCharacters = Problem(
        "S103", .warning, "the encoded value has NUL characters, which logged texts hardly have",
        help: "what logs hold of UTF-16 is its base64 form: let `base64offset|contains` follow")

    static func unknownPlaceholder(_ name: String, known: [String]) -> Problem {
        Problem(
            "S104", "no values are configured for the placeholder `%\(name.shortened)%`",
            help: suggestion(
                name, known,
                none: "configure it; write `\\%` for a percent sign, or leave out `expand`"))
    }

    static func badNetwork(_ text: String, help: String) -> Problem {
        Problem("S105", "`\(text.shortened)` is no network of addresses", help: help)
    }

    static let allOfOne = Problem(
        "S106", .warning, "`all` with one value changes nothing",
        help: "remove `all`, or give a list of values")

    static let nullInList = Problem(
        "S107", .warning, "the specification does not allow null in a list of values",
        help: "give `null` a selection of its own, and join the two by `or` in the condition")

    static func severalPlaces(_ modifiers: [Modifier]) -> Problem {
        Problem(
            "S108", .warning,
            modifiers.map { "`\($0.rawValue)`" }.joined(separator: " and ")
                + " together mean `contains`",
            help: "write `contains`, or one key for each with the values that are meant")
    }

    static func regexIsLiteral(_ better: String) -> Problem {
        Problem(
            "S109", .warning, "this expression is a plain text",
            help: "write `\(better)`, which says the same and costs less")
    }

    static func unreachable(_ reason: String) -> Problem {
        Problem(
            "S110", .warning, "no event can match this: \(reason)",
            help: "check `and` and `not`; alternatives belong in a list or are joined by `or`")
    }

    static let tooShortForOffset = Problem(
        "S111", "`base64offset` needs a text of two bytes at least",
        help: "one byte leaves nothing that is the same wherever it stands")

    static let tooManyForms = Problem(
        "S113", "the value unfolds to more than 10,000",
        help: "give a shorter text, or write out the forms that are meant")

    static func noSuchDate(_ part: DatePart, _ values: String) -> Problem {
        Problem(
            "S114", .warning, "no event can match this: `\(part.rawValue)` is \(values)",
            help: "give such a number")
    }

    package static func keyword(_ found: String) -> Problem {
        Problem(
            "S112", "\(found) cannot be looked for without a field",
            help: "name the field, as in `prompt|contains: word`, or give a text")
    }
}
