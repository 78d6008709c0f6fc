// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with conditions and with a rule's tests.
extension Problem {
    static func conditionSyntax(found: String, expected: String) -> Problem {
        Problem(
            "S030", "the condition has \(found) where \(expected) is expected",
            help: "as in `selection and not 1 of filter_*`")
    }

    static func unknownSelection(_ name: String, known: [String], of document: String) -> Problem {
        Problem(
            "S031", "the condition names `\(name.shortened)`, which is not in `\(document)`",
            help: suggestion(name, known, none: "add it to `\(document)`"))
    }

    static func noSelectionLike(_ pattern: String) -> Problem {
        Problem(
            "S032", "no selection is named like `\(pattern.shortened)`",
            help: "name selections so, or change the pattern; `them` and patterns leave out "
                + "names that begin with `_`")
    }

    static func unusedSelection(_ name: String) -> Problem {
        Problem(
            "S033", .warning, "the condition does not use `\(name.shortened)`",
            help: "use it or remove it")
    }

    static let conditionTooDeep = Problem(
        "S035", "the condition is nested more than 64 deep",
        help: "give its parts names as selections")

    static let aggregation = Problem(
        "S036", "conditions with `|` are no part of Sigma 2",
        help: "write a correlation in a document of its own, as in `correlation: {type: "
            + "event_count, rules: [name], group-by: [user.id], timespan: 1h, condition: {gte: 10}}`"
    )

    static func operatorCase(_ word: String) -> Problem {
        Problem(
            "S037", "the condition has `\(word)`; operators are in lower case",
            help: "write `\(word.lowercased())`")
    }

    static func badTest(_ title: String) -> Problem {
        Problem(
            "S040", title,
            help: "write `- name: TEXT`, `match: true` or `false`, and `event: {prompt: TEXT}`, or "
                + "`events:` with a list of such")
    }
}
