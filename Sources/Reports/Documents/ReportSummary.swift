// SPDX-License-Identifier: Apache-2.0

extension Report {
    /// One line for people: how urgent, what, and where; no word of a conversation.
    package var summary: String { "\(level.rawValue): \(finding)" }

    private var finding: String {
        if let alarm { return alarm.message }
        let place = position.map { "\($0.file) line \($0.line)" } ?? "an unknown place"
        if let gap, let start = position {
            return "\(gap.bytes) \(gap.space.rawValue) bytes of \(start.file) from offset "
                + "\(start.offset) were not evaluated: \(gap.reason)"
        }
        let title = rule?.title ?? "a finding"
        if let repeats {
            return "\(title): found \(repeats.count) more times until \(repeats.last), last in "
                + place
        }
        if let correlation {
            let group = correlation.group.sorted { $0.key < $1.key }
                .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            let about = group.isEmpty ? "" : " (\(group))"
            return "\(title)\(about): \(correlation.count) events until \(correlation.end), "
                + "last in \(place)"
        }
        return "\(title)\(circumstances) in \(place)"
    }

    /// Who said it, what came of it, where in the conversation, to which model.
    private var circumstances: String {
        let details = [
            who.map { $0.rawValue + (history ? ", repeated in a later request" : "") },
            outcome?.rawValue,
            turn.map { "turn \($0)" },
            model.map { "model \($0)" },
            malformed ? "malformed record" : nil,
        ].compactMap { $0 }
        return details.isEmpty ? "" : " (\(details.joined(separator: ", ")))"
    }
}
