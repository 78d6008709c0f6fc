// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Reports
internal import Sigma

/// What the monitor writes to its own log, and the rule that finds it.
///
/// The rule is the program's own and is evaluated in one plan with those of the host, so no host
/// has to keep it, and no filter of a host takes its finding away. It counts for the monitor's log
/// alone, and no other rule counts there.
enum CanaryRecord {
    private static let asked = "tocsin-canary-asks-5d00ea7b"
    private static let answered = "tocsin-canary-answers-5d00ea7b"

    /// A record as one line: a conversation of its own, which never was before.
    static func line(at time: Timestamp) -> String {
        let text = UUID().uuidString.lowercased()
        return """
            {"id":"canary-\(text)","created":\(time.milliseconds / 1000),"model":"tocsin-canary",\
            "messages":[{"role":"user","content":"\(asked) \(text)"}],\
            "choices":[{"message":{"role":"assistant","content":"\(answered) \(text)"}}]}

            """
    }

    static var rules: [Rule] { parseRules([source], fields: ["prompt", "response"]).rules }

    private static let source = RuleSource(
        file: "the program's own rule",
        text: """
            title: Test record of the monitor itself
            id: \(Report.Rule.canaryID)
            status: stable
            description: A record that the monitor wrote has come through it.
            logsource:
              category: ai_interaction
            detection:
              asked:
                prompt|contains: \(asked)
              answered:
                response|contains: \(answered)
              condition: asked and answered
            level: informational
            """)
}
