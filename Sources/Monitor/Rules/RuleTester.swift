// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Correlation
internal import Detection
internal import Interactions
internal import Sigma

/// What became of the tests of one rule.
struct RuleTestResult {
    /// Of a detection: index into the plan's rules; nil for a correlation.
    let rule: Int?
    let title: String
    let location: SourceLocation
    let testCount: Int
    let failures: [RuleTestFailure]
}

/// One of a rule's own tests that went wrong.
struct RuleTestFailure {
    let test: RuleTest
    /// The ids of the rules that its events made true.
    let found: [String: Int]
}

/// Runs the tests that rules carry, through the same evaluator and correlator that read logs.
final class RuleTester {
    private let rules: RuleSet
    private let evaluator: Evaluator

    /// - Throws: `PatternError` when there is no memory for scanning.
    init(_ rules: RuleSet) throws {
        self.rules = rules
        var settings = Evaluator.Settings()
        settings.shape = .mapped(TestRecord.mapping)
        settings.excerptBytes = 0
        settings.findsDerived = true
        // A test has few turns, and begins with none.
        settings.conversations.turns = 1024
        settings.conversations.conversations = 1024
        evaluator = try Evaluator(
            rules.plan, capturedFields: rules.capturedFields, settings)
    }

    /// Runs every test of every rule; the events count for the rule that they stand under.
    ///
    /// - Parameter progress: Is told how many of how many rules are done; false ends it.
    func run(progress: (_ done: Int, _ all: Int) -> Bool = { _, _ in true }) -> [RuleTestResult] {
        var results: [RuleTestResult] = []
        let count = rules.count
        for (index, rule) in rules.plan.rules.enumerated() {
            guard progress(results.count, count) else { return results }
            results.append(
                RuleTestResult(
                    rule: index, title: rule.title, location: rule.location,
                    testCount: rule.tests.count, failures: failures(of: rule.tests, rule.id)))
        }
        for rule in rules.correlations.rules {
            guard progress(results.count, count) else { return results }
            results.append(
                RuleTestResult(
                    rule: nil, title: rule.title, location: rule.location,
                    testCount: rule.tests.count, failures: failures(of: rule.tests, rule.id)))
        }
        return results
    }

    private func failures(of tests: [RuleTest], _ id: String) -> [RuleTestFailure] {
        tests.compactMap { test in
            let found = found(by: test)
            guard (found[id] != nil) != test.matches else { return nil }
            return RuleTestFailure(test: test, found: found)
        }
    }

    /// The ids of all rules and correlations that a test's events make true, and how often.
    private func found(by test: RuleTest) -> [String: Int] {
        evaluator.forgetConversations()
        var engine = CorrelationEngine(rules.correlations)
        var found: [String: Int] = [:]
        for (number, event) in test.events.enumerated() {
            let time = Self.firstTime + Int64(event.atSeconds * 1000)
            let line = TestRecord(event, timeMilliseconds: time).line
            let block = LineBlock(capacity: max(line.count, 1))
            block.append(copying: line.span)
            var findings: [Finding] = []
            evaluator.evaluate(
                block, at: BlockPlace(stream: 0, offset: 0, line: number + 1, now: time),
                into: &findings)
            for finding in findings {
                let id = rules.plan.rules[finding.rule].id
                found[id, default: 0] += 1
                engine.add(
                    CorrelationEvent(
                        rule: id, identity: "\(number)", timeMilliseconds: time,
                        fields: finding.captured.map(CapturedField.init)))
            }
        }
        for finding in engine.flush(observedTo: nil) {
            found[rules.correlations.rules[finding.rule].id, default: 0] += 1
        }
        return found
    }

    /// 2026-01-01 00:00 UTC, when a test's first event happens.
    private static let firstTime: Int64 = 1_767_225_600_000
}

extension CapturedField {
    fileprivate init(_ field: FindingField) {
        switch field.value {
        case .text(let text): self.init(name: field.name, value: .text(text))
        case .number(let number): self.init(name: field.name, value: .number(number))
        }
    }
}
