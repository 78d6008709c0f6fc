// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with correlations and with references between documents.
extension Problem {
    static func unknownCorrelationType(_ name: String) -> Problem {
        Problem(
            "S050", "unknown correlation type `\(name.shortened)`",
            help: suggestion(name, CorrelationType.allCases.map(\.rawValue), none: ""))
    }

    static func unknownReference(_ name: String, known: [String]) -> Problem {
        Problem(
            "S051", "no rule has the id or name `\(name.shortened)`",
            help: nearestName(to: name, in: known).map { "did you mean `\($0)`?" }
                ?? "give the rule's `id`, or the `name` that stands in its document")
    }

    static func correlationCycle(_ titles: [String]) -> Problem {
        Problem(
            "S052",
            "these correlations wait for each other: "
                + titles.map { "`\($0.shortened)`" }.joined(separator: ", "),
            help: "take one of them out of the other's `rules`")
    }

    static func strangeAlias(_ rule: String) -> Problem {
        Problem(
            "S053", "the alias is given for `\(rule.shortened)`, which is not in `rules`",
            help: "add it to `rules`, or remove it here")
    }

    static func unusedAlias(_ alias: String) -> Problem {
        Problem(
            "S054", .warning, "nothing is grouped by the alias `\(alias.shortened)`",
            help: "add it to `group-by` or remove it")
    }

    static func badTimespan(_ key: String, _ text: String) -> Problem {
        Problem(
            "S055", "`\(key)` is no time between 1 second and 366 days: `\(text.shortened)`",
            help: "write a number and a letter: `90s`, `15m`, `24h`, `7d`")
    }

    static func badBounds(_ title: String) -> Problem {
        Problem(
            "S056", title,
            help: "write a number under `gt`, `gte`, `lt`, `lte`, `eq` or `neq`, as in "
                + "`condition: {gte: 10}`")
    }

    static func impossibleBounds(_ reason: String) -> Problem {
        Problem(
            "S057", "nothing can meet these bounds: \(reason)",
            help: "give bounds that a value can keep; a range is written `{gte: 10, lt: 100}`")
    }

    static func fieldMissing(_ type: CorrelationType) -> Problem {
        Problem(
            "S058", "`\(type.rawValue)` needs a field",
            help: "add `field` to `condition`, as in `condition: {field: user.id, gte: 10}`")
    }

    static func notTaken(_ thing: String, by type: CorrelationType) -> Problem {
        Problem(
            "S059", "`\(type.rawValue)` takes no \(thing)", help: "remove it, or change the type")
    }

    static let holdsWithoutFindings = Problem(
        "S060", "the condition holds where no rule has found anything: nothing would trigger it",
        help: "join what must be missing by `and` to what must be there, as in `a and not b`")

    static let contradictoryCondition = Problem(
        "S066", "the condition contradicts itself: no findings can meet it",
        help: "check `and` and `not`; alternatives are joined by `or`")

    static func childGrouping(_ field: String, child: String) -> Problem {
        Problem(
            "S061", .warning,
            "this groups by `\(field.shortened)`, by which `\(child.shortened)` does not group",
            help: "add it to the other correlation's `group-by`: its findings have no such value")
    }

    static func repeatedRule(_ name: String) -> Problem {
        Problem("S062", "`\(name.shortened)` is named twice", help: "remove one of them")
    }

    static func notInCondition(_ name: String) -> Problem {
        Problem(
            "S063", "the condition does not use `\(name.shortened)`",
            help: "use it in `condition`, or remove it from `rules`")
    }

    static func badPercentile(_ text: String) -> Problem {
        Problem(
            "S064", "`value_percentile` needs a percentile between 0 and 100\(text)",
            help: "add `percentile` to `condition`, as in `{field: tokens, percentile: 95, gte: "
                + "1000}`; the median is `percentile: 50`")
    }

    static func derivedReference(_ name: String) -> Problem {
        Problem(
            "S065", "`\(name.shortened)` only defines a field and finds nothing",
            help: "write a rule with this field in its detection, and name that one")
    }
}
