// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with filters, derived fields and suppression.
extension Problem {
    static func filterOfCorrelation(_ name: String) -> Problem {
        Problem(
            "S070", "`\(name.shortened)` is a correlation; filters apply to detections",
            help: "name the rules that it looks at")
    }

    static func filterDoesNotFit(_ name: String) -> Problem {
        Problem(
            "S071", .warning,
            "the filter does not apply to `\(name.shortened)`: its log source is "
                + "another",
            help: "give the filter no other `product` and `service` than the rule has")
    }

    static let unusedFilter = Problem(
        "S072", .warning, "no rule has the filter's log source",
        help: "give the filter no other `product` and `service` than the rules have")

    static func badDerivedName(_ name: String) -> Problem {
        Problem(
            "S080", "`\(name.shortened)` cannot be the name of a derived field",
            help: "give words in lower case with a dot between them, as in `response.refused`")
    }

    static func derivedKnownField(_ name: String) -> Problem {
        Problem(
            "S085", "`\(name)` is a field that turns have; it cannot be derived",
            help: "give the derived field a name of its own")
    }

    static func derivedTwice(_ name: String, first: String) -> Problem {
        Problem(
            "S081", "the field `\(name.shortened)` is defined already, at \(first)",
            help: "join the two conditions in one rule, or name one of the fields otherwise")
    }

    static func derivedCycle(_ names: [String]) -> Problem {
        Problem(
            "S082",
            "these fields are defined by each other: "
                + names.map { "`\($0)`" }.joined(separator: ", "),
            help: "write one of them without the other")
    }

    static func derivedUse(_ name: String) -> Problem {
        Problem(
            "S083", "the derived field `\(name)` can only be compared with true or false",
            help: "write `\(name): true` or `\(name): false` in a selection")
    }

    static func unusedDerived(_ name: String) -> Problem {
        Problem(
            "S084", .warning, "no rule uses the derived field `\(name)`",
            help: "compare it in a rule, as in `\(name): true`, or remove this one")
    }

    static func badSuppression(_ title: String) -> Problem {
        Problem("S090", title, help: "write `suppress: {by: [user.id], for: 1h}`; `by` is optional")
    }
}
