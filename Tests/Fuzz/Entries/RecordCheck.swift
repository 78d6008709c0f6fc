// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Detection
internal import Interactions
internal import Sigma
internal import TestSupport

/// Evaluates the lines of an input in one block and in several, and compares what is found.
enum RecordCheck {
    /// One rule for each way in which a record is looked at.
    private static let rules = """
        title: Text
        id: 00000000-0000-0000-0000-000000000001
        logsource: {category: ai_interaction}
        level: high
        detection:
          asked: {prompt|contains: [Q, weather]}
          answered: {response|re: '(?i)a[a-z ]*'}
          words: [content, tool]
          refused: {response.refused: true}
          condition: (asked or answered or words) and not refused
        ---
        title: Values
        id: 00000000-0000-0000-0000-000000000002
        logsource: {category: ai_interaction}
        level: low
        detection:
          late: {turn.index|gte: 1}
          model: {gen_ai.request.model|startswith: m}
          path: {request.path|endswith: completions}
          odd: {record.malformed: true}
          condition: 1 of them
        ---
        title: Refused
        id: 00000000-0000-0000-0000-000000000003
        logsource: {category: ai_interaction}
        derives: response.refused
        detection:
          words: {response|contains: [sorry, cannot]}
          condition: words
        """
    private static let plan: DetectionPlan? = {
        let parsed = parseRules(
            [RuleSource(file: "fuzz.yml", text: rules)], fields: knownRuleFields,
            metadata: singleValueFields)
        return parsed.hasErrors ? nil : try? DetectionPlan(parsed)
    }()

    static func fault(with input: FuzzInput) -> String? {
        guard let plan, let whole = try? evaluator(plan), let pieces = try? evaluator(plan) else {
            return "the check's own rules cannot be used"
        }
        var random = SeededGenerator(seed: input.seed)
        var expected: [Finding] = []
        whole.evaluate(block(input.bytes[...]), at: place(0, line: 1), into: &expected)
        var found: [Finding] = []
        var start = 0
        var line = 1
        while start < input.bytes.count {
            var end = start
            for _ in 0..<Int.random(in: 1...3, using: &random) where end < input.bytes.count {
                let newline = input.bytes[end...].firstIndex(of: UInt8(ascii: "\n"))
                end = newline.map { $0 + 1 } ?? input.bytes.count
            }
            let lines = input.bytes[start..<end]
            pieces.evaluate(block(lines), at: place(start, line: line), into: &found)
            line += lines.count { $0 == UInt8(ascii: "\n") }
            start = end
        }
        if found != expected {
            return "\(expected.count) findings in one block, others (\(found.count)) in several"
        }
        return found.lazy.compactMap { fault(of: $0, in: input.bytes) }.first
    }

    private static func fault(of finding: Finding, in bytes: [UInt8]) -> String? {
        guard bytes.indices.contains(finding.offset) else { return "offset \(finding.offset)" }
        if let excerpt = finding.excerpt {
            let count = excerpt.text.utf8.count
            guard (0...count).contains(excerpt.match.upperBound) else {
                return "a match up to \(excerpt.match.upperBound) in \(count) bytes"
            }
        }
        return nil
    }

    private static func evaluator(_ plan: DetectionPlan) throws -> Evaluator {
        var settings = Evaluator.Settings()
        settings.evidenceBytes = 256
        settings.conversations.turns = 1024
        settings.conversations.conversations = 1024
        return try Evaluator(plan, settings)
    }

    private static func block(_ lines: ArraySlice<UInt8>) -> LineBlock {
        let block = LineBlock(capacity: max(lines.count, 1))
        block.append(copying: Array(lines).span)
        return block
    }

    private static func place(_ offset: Int, line: Int) -> BlockPlace {
        BlockPlace(stream: 1, offset: offset, line: line, now: 1_700_000_000_000)
    }
}
