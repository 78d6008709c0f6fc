// SPDX-License-Identifier: Apache-2.0
internal import Sigma

/// What of a turn a rule is about, by what its condition asks for.
enum RuleRole: String, Encodable, CaseIterable {
    /// The prompt asks; whatever the model says to it.
    case asking
    /// The model says something, or does not refuse.
    case answering
    /// The model refuses.
    case refusing
    /// Neither of these by name: metadata, other texts, any text.
    case other

    init(of condition: Expression) {
        var asked = Asked()
        asked.add(condition, isWanted: true)
        if asked.refusal {
            self = .refusing
        } else if asked.answer {
            self = .answering
        } else {
            self = asked.prompt ? .asking : .other
        }
    }

    /// What a condition asks of a turn, at one place at least.
    private struct Asked {
        var prompt = false
        var answer = false
        var refusal = false

        private static let refused = "response.refused"
        private static let answers = ["response", "reasoning", "tool.call"]

        mutating func add(_ part: Expression, isWanted: Bool) {
            switch part {
            case .and(let parts), .or(let parts):
                for part in parts { add(part, isWanted: isWanted) }
            case .not(let inner): add(inner, isWanted: !isWanted)
            case .named(.derived(Self.refused), _):
                // Not to refuse is to answer.
                if isWanted { refusal = true } else { answer = true }
            case .named(_, let inner): add(inner, isWanted: isWanted)
            case .match(let match):
                guard isWanted, let field = match.field else { return }
                if field == "prompt" { prompt = true }
                if Self.answers.contains(field) { answer = true }
            }
        }
    }
}
