// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with the scores that rules compare.
extension Problem {
    package static func noScore(_ name: String, known: [String]) -> Problem {
        Problem(
            "S115", "no model gives `\(name)`",
            help: suggestion(
                name, known,
                none: "load a model beside the rules, as in rules/models/NAME.model; "
                    + "`tocsin train` makes one"))
    }

    package static func scoreInTest(_ name: String) -> Problem {
        Problem(
            "S116", "the test's event gives `\(name)`, which is scored from its texts",
            help: "give the texts alone: `event: {prompt: TEXT, response: TEXT}`")
    }
}
