// SPDX-License-Identifier: Apache-2.0

/// What one part of `tocsin check` found.
struct CheckResult {
    enum Outcome: String {
        case fine = "ok"
        /// Works, but perhaps not as meant.
        case doubtful = "note"
        case failed = "FAILED"
    }

    let subject: String
    let outcome: Outcome
    let text: String
    /// What to do about it.
    let remedy: String?

    static func fine(_ subject: String, _ text: String) -> CheckResult {
        CheckResult(subject: subject, outcome: .fine, text: text, remedy: nil)
    }

    static func doubtful(_ subject: String, _ text: String, _ remedy: String) -> CheckResult {
        CheckResult(subject: subject, outcome: .doubtful, text: text, remedy: remedy)
    }

    static func failed(_ subject: String, _ text: String, _ remedy: String? = nil) -> CheckResult {
        CheckResult(subject: subject, outcome: .failed, text: text, remedy: remedy)
    }

    /// The outcome, the subject and what was found, the remedy on a line of its own.
    var lines: [String] {
        let indent = String(repeating: " ", count: 23)
        let head = outcome.rawValue.padded(to: 8) + subject.padded(to: 15)
        let found = text.split(separator: "\n", omittingEmptySubsequences: false)
        let rest = found.dropFirst().map { $0.isEmpty ? "" : indent + $0 }
        return [head + (found.first ?? "")] + rest + (remedy.map { [indent + "→ \($0)"] } ?? [])
    }
}
