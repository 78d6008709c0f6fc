// SPDX-License-Identifier: Apache-2.0
import Bytes
import Sigma
import Testing

@testable import Detection

extension Evaluator {
    /// What the rules find in lines of a stream that begin at an offset, read at some time.
    fileprivate func findings(
        in lines: [String], stream: UInt64 = 1, from start: Int = 0, now: Int64 = 1_000_000
    ) -> [Finding] {
        let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
        let block = LineBlock(capacity: max(bytes.count, 1))
        block.append(copying: bytes.span)
        var findings: [Finding] = []
        evaluate(
            block, at: BlockPlace(stream: stream, offset: start, line: 1, now: now),
            into: &findings)
        return findings
    }
}

private func chunk(_ id: String, _ content: String, isLast: Bool = false) -> String {
    let reason = isLast ? #""stop""# : "null"
    return
        #"{"id":"\#(id)","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":{"content":"\#(content)"},"finish_reason":\#(reason)}]}"#
}

private func request(_ id: String, _ prompt: String) -> String {
    #"{"id":"\#(id)","stream":true,"user":"u","messages":[{"role":"user","content":"\#(prompt)"}]}"#
}

@Suite struct ResponseTests {
    private static let word = "word:\n  response|contains: blue needle\ncondition: word"

    @Test func aPhraseCutAcrossInterleavedChunksIsFound() throws {
        let evaluator = try makeEvaluator(Self.word)
        let lines = [
            chunk("b", "hay"), chunk("a", "a blu"), chunk("b", " blue"), chunk("a", "e nee"),
            chunk("b", " hay", isLast: true), chunk("a", "dle", isLast: true),
        ]
        let findings = evaluator.findings(in: lines)
        let finding = try #require(findings.first)
        #expect(findings.count == 1)
        #expect(finding.recordID == "a" && finding.model == "m")
        #expect(finding.line == 2 && finding.offset == lines[0].utf8.count + 1)
        #expect(finding.excerpt?.text == "a blue needle")
        #expect(finding.timeMilliseconds == 1_700_000_000_000)
        #expect(evaluator.counts.turns == 2 && evaluator.counts.records == 6)
        #expect(!evaluator.hasOpenResponses)
    }

    @Test func aResponseThatNeverFinishesIsEvaluatedAtItsTimeout() throws {
        let evaluator = try makeEvaluator(Self.word)
        #expect(evaluator.findings(in: [chunk("a", "blue "), chunk("a", "needle")]).isEmpty)
        #expect(evaluator.hasOpenResponses && evaluator.heldOffset(ofStream: 1) == 0)
        var findings: [Finding] = []
        evaluator.expireResponses(now: 1_059_999, into: &findings)
        #expect(findings.isEmpty)
        evaluator.expireResponses(now: 1_060_000, into: &findings)
        #expect(findings.map(\.line) == [1])
        #expect(!evaluator.hasOpenResponses && evaluator.heldOffset(ofStream: 1) == nil)
    }

    @Test("also when lines of other streams never cease, and when the log is forgotten or ends")
    func otherEnds() throws {
        let evaluator = try makeEvaluator(Self.word)
        #expect(evaluator.findings(in: [chunk("a", "blue needle")]).isEmpty)
        let later = evaluator.findings(in: [chat("hay")], stream: 2, now: 1_060_000)
        #expect(later.map(\.stream) == [1])
        var findings: [Finding] = []
        _ = evaluator.findings(in: [chunk("b", "blue needle")], stream: 2)
        evaluator.forget(stream: 2, now: 1_000_000, into: &findings)
        #expect(findings.map(\.recordID) == ["b"])
        _ = evaluator.findings(in: [chunk("c", "blue needle")], stream: 3)
        evaluator.flushResponses(now: 1_000_000, into: &findings)
        #expect(findings.map(\.recordID) == ["b", "c"])
    }

    @Test("one condition may ask for a request and its response in lines of their own")
    func requestAndResponse() throws {
        let evaluator = try makeEvaluator(
            """
            asked:
              prompt|contains: needle
            given:
              response|contains: here it is
            condition: asked and given
            """, "word:\n  prompt|contains: needle\ncondition: word")
        let findings = evaluator.findings(in: [
            request("a", "a needle"), request("b", "hay"), chunk("a", "here it"),
            chunk("b", "here it is", isLast: true), chunk("a", " is", isLast: true),
        ])
        // The rule on the prompt alone fires once, with the request.
        #expect(findings.map(\.rule) == [1, 0])
        #expect(findings.map(\.line) == [1, 3])
        #expect(findings.map(\.turn) == [0, 0] && findings.map(\.actor) == ["u", "u"])
        #expect(findings[0].conversation == findings[1].conversation)
    }

    @Test func afterAReloadNoRuleHasFiredForARequest() throws {
        let rule = "word:\n  prompt|contains: needle\ncondition: word"
        let evaluator = try makeEvaluator(rule)
        #expect(evaluator.findings(in: [request("a", "needle")]).count == 1)
        try evaluator.replace(evaluator.plan, capturedFields: [:])
        #expect(
            evaluator.findings(in: [chunk("a", "A", isLast: true)], from: 500).count == 1)
    }
}
