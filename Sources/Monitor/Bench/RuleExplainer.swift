// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Detection
internal import Interactions
internal import Sigma

/// Explains one rule on records, by the evaluator that reads logs.
final class RuleExplainer {
    private let explainer: ConditionExplainer
    private let evaluator: Evaluator

    /// - Parameter rule: Index into the plan's rules.
    /// - Throws: `PatternError` when there is no memory for scanning.
    init(_ rules: RuleSet, rule: Int, shape: RecordShape, excerptBytes: Int) throws {
        explainer = ConditionExplainer(rules.plan, rule: rule, excerptBytes: excerptBytes)
        var settings = Evaluator.Settings()
        settings.shape = shape
        settings.excerptBytes = 0
        evaluator = try Evaluator(rules.plan, settings, inspector: explainer)
    }

    /// Explains the rule for each turn of the lines, as if nothing had been said before.
    func explain(_ lines: [UInt8]) -> [Explanation] {
        explainer.forget()
        evaluator.forgetConversations()
        var findings: [Finding] = []
        let block = LineBlock(capacity: max(lines.count, 1))
        block.append(copying: lines.span)
        let place = BlockPlace(stream: 0, offset: 0, line: 1, now: 0)
        evaluator.evaluate(block, at: place, into: &findings)
        evaluator.flushResponses(now: 0, into: &findings)
        return explainer.explanations
    }

    /// Explains a test's event.
    static func explanation(
        of rule: Int, _ rules: RuleSet, on event: TestEvent
    ) throws -> Explanation? {
        let explainer = try RuleExplainer(
            rules, rule: rule, shape: .mapped(TestRecord.mapping), excerptBytes: 80)
        return explainer.explain(TestRecord(event, timeMilliseconds: 0).line).last
    }
}
