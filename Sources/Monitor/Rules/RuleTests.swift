// SPDX-License-Identifier: Apache-2.0
internal import Correlation
internal import Detection
internal import Foundation
internal import Sigma

/// `tocsin rules test`: runs the tests that rules carry.
package struct RuleTests {
    private let rules: RuleSet

    /// - Throws: ``RuleFaults`` or ``SettingsError``.
    package init(paths: [String]) throws { rules = try RuleSet(paths: paths) }

    init(_ rules: RuleSet) { self.rules = rules }

    /// What the tests came to.
    package struct Outcome: Sendable {
        /// The rules of one file, in one line, and what failed of their tests.
        struct File: Sendable {
            let path: String
            var testCount = 0
            var failureCount = 0
            var failureLines: [String] = []
        }

        let files: [File]
        let ruleCount: Int
        let seconds: Double
        /// Ctrl-C came before all tests were run.
        let isInterrupted: Bool

        var testCount: Int { files.reduce(0) { $0 + $1.testCount } }
        var failureCount: Int { files.reduce(0) { $0 + $1.failureCount } }
        package var isSuccess: Bool { failureCount == 0 && !isInterrupted }

        /// What the command ends with: 0 all passed, 1 some failed, 130 interrupted.
        package var exitStatus: Int32 {
            isInterrupted ? Interruption.status : failureCount == 0 ? 0 : 1
        }

        /// Each file in a line, what failed with its reason, and a summary.
        ///
        /// - Parameter showsPassed: Also the files of which no test failed.
        package func rendered(showsPassed: Bool) -> String {
            let lines = files.flatMap { file -> [String] in
                guard file.failureCount > 0 else {
                    let mark = file.testCount > 0 ? "ok   " : "none "
                    return showsPassed ? ["\(mark) \(file.path): \(file.testCount) tests"] : []
                }
                let failed = "\(file.failureCount) of \(file.testCount) tests failed"
                return ["FAIL  \(file.path): \(failed)"] + file.failureLines
            }
            let counts =
                failureCount == 0
                ? "all passed" : "\(testCount - failureCount) passed, \(failureCount) failed"
            let time = String(format: "%.2f s", seconds)
            let end = isInterrupted ? "; interrupted" : ""
            let summary = "\(testCount) tests of \(ruleCount) rules: \(counts) in \(time)\(end)"
            return (lines + [summary]).joined(separator: "\n")
        }
    }

    /// Runs them all.
    ///
    /// - Parameter progress: Is told how many of how many rules are done; false ends it.
    package func run(
        progress: (_ done: Int, _ all: Int) -> Bool = { _, _ in true }
    ) throws -> Outcome {
        let start = Date()
        let results = try RuleTester(rules).run(progress: progress)
        var files: [Outcome.File] = []
        for result in results.sorted(by: { $0.location < $1.location }) {
            if files.last?.path != result.location.file {
                files.append(Outcome.File(path: result.location.file))
            }
            files[files.count - 1].testCount += result.testCount
            files[files.count - 1].failureCount += result.failures.count
            for failure in result.failures {
                files[files.count - 1].failureLines += try lines(of: failure, result)
            }
        }
        return Outcome(
            files: files, ruleCount: results.count, seconds: Date().timeIntervalSince(start),
            isInterrupted: results.count < rules.count)
    }

    private func lines(
        of failure: RuleTestFailure, _ result: RuleTestResult
    ) throws -> [String] {
        let test = failure.test
        let place = "\(test.location.file):\(test.location.line)"
        let expected = test.matches ? "should match but does not" : "matches but should not"
        let reasons = try reasons(failure, result)
        return ["      \(place): \(result.title): `\(test.name)` \(expected)"]
            + reasons.map { "        " + $0 }
    }

    private func reasons(
        _ failure: RuleTestFailure, _ result: RuleTestResult
    ) throws -> [String] {
        guard let rule = result.rule else { return correlationReasons(failure, result) }
        guard let event = failure.test.events.first,
            let explanation = try RuleExplainer.explanation(of: rule, rules, on: event)
        else { return [] }
        return failure.test.matches
            ? ExplanationText.changeLines(explanation.changes)
            : ExplanationText.matchLines(explanation.condition)
    }

    /// How often each of the rules that a correlation looks at found something.
    private func correlationReasons(
        _ failure: RuleTestFailure, _ result: RuleTestResult
    ) -> [String] {
        let correlation = rules.correlations.rules.first { $0.location == result.location }
        return (correlation?.rules ?? []).map { id in
            let title = rules.title(ofRule: id) ?? id
            let count = failure.found[id] ?? 0
            return "`\(title)` found \(count) of \(failure.test.events.count) events"
        }
    }
}

extension RuleTests {
    /// Runs the tests and shows how far they are, until their end or Ctrl-C.
    package func runWithProgress() throws -> Outcome {
        Interruption.watch()
        let progress = WorkProgress(total: rules.count, unit: .items("rules tested"))
        defer { progress.clear() }
        return try run { done, _ in
            progress.show(done)
            return !Interruption.isRaised
        }
    }
}
