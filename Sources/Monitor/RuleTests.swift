// SPDX-License-Identifier: Apache-2.0
internal import Correlation
internal import Detection
internal import Sigma

/// `tocsin rules test`: runs the tests that rules carry.
package struct RuleTests {
    private let rules: RuleSet

    /// - Throws: ``RuleFaults`` or ``SettingsError``.
    package init(paths: [String]) throws { rules = try RuleSet(paths: paths) }

    init(_ rules: RuleSet) { self.rules = rules }

    /// What the tests came to.
    package struct Outcome: Sendable {
        let testCount: Int
        let ruleCount: Int
        let failures: [String]

        package var isSuccess: Bool { failures.isEmpty }

        /// The failures, one a line, and a summary.
        package func rendered() -> String {
            let summary =
                "\(testCount) tests of \(ruleCount) rules: "
                + (isSuccess ? "all passed" : "\(failures.count) failed")
            return (failures + [summary]).joined(separator: "\n")
        }
    }

    package func run() throws -> Outcome {
        let (testCount, failures) = try RuleTester(rules).run()
        return Outcome(
            testCount: testCount, ruleCount: rules.count,
            failures: failures.map(Self.describe))
    }

    private static func describe(_ failure: RuleTestFailure) -> String {
        let place = failure.test.location
        let expected = failure.test.matches ? "should match but does not" : "matches but should not"
        return "\(place.file):\(place.line): \(failure.title): `\(failure.test.name)` \(expected)"
    }
}
