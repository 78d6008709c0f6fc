// SPDX-License-Identifier: Apache-2.0
import Bytes
import TestSupport
import Testing

@testable import Interactions

/// An assembler with what it works on, and what it gave out.
final class AssemblerRun {
    var assembler: ResponseAssembler
    var conversations = AssemblerRun.smallTable()
    var now: Int64 = 1_000_000
    private let limits: ResponseLimits
    private let decoder = InteractionDecoder(shape: .automatic)
    private(set) var given: [GivenOut] = []

    init(_ limits: ResponseLimits = ResponseLimits()) {
        self.limits = limits
        assembler = ResponseAssembler(secret: 7, limits: limits)
    }

    private static func smallTable() -> ConversationTable {
        var limits = ConversationLimits()
        limits.turns = 4096
        return ConversationTable(secret: 7, limits: limits, keepsJournal: true)
    }

    /// Loses what is in memory only, as a kill does.
    func restart() throws {
        let restored = Self.smallTable()
        for journal in conversations.compacted() { try restored.restore(journal: journal) }
        conversations = restored
        assembler = ResponseAssembler(secret: 7, limits: limits)
    }

    func read(_ line: String, stream: UInt64 = 1, offset: Int, number: Int = 0) {
        let block = LineBlock(capacity: line.utf8.count)
        block.append(copying: Array(line.utf8).span)
        decoder.decode(block.bytes)
        var record = 0
        while decoder.next() {
            let place = RecordPlace(
                stream: stream, offset: offset, line: number, record: record, now: now)
            if decoder.interaction.fragment != nil {
                assembler.take(decoder, at: place, conversations)
                takeGiven()
            } else {
                conversations.place(decoder, nowMilliseconds: now)
                assembler.expectResponse(
                    to: decoder, at: place, turn: conversations.places[0], firedRules: [3],
                    conversations)
            }
            record += 1
        }
    }

    /// Reads lines one after the other from an offset on.
    func read(_ lines: [String], stream: UInt64 = 1) {
        var offset = 0
        for (number, line) in lines.enumerated() {
            read(line, stream: stream, offset: offset, number: number + 1)
            offset += line.utf8.count + 1
        }
    }

    func expire() {
        assembler.expire(now: now, conversations)
        takeGiven()
    }

    func flush() {
        assembler.flush(now: now, conversations)
        takeGiven()
    }

    func forget(stream: UInt64) {
        assembler.forget(stream: stream, now: now, conversations)
        takeGiven()
    }

    private func takeGiven() {
        while let response = assembler.next() {
            decoder.adopt(response)
            given.append(GivenOut(response, decoder))
            assembler.recycle(response)
        }
    }
}

/// A response as it was given out.
struct GivenOut: Equatable {
    let id: String
    /// `choice field: text`.
    let texts: [String]
    let line: Int
    var finishReason = ""
    var isAnswer = false

    init(_ response: OpenResponse, _ decoder: InteractionDecoder) {
        func text(_ slice: TextSlice?) -> String {
            slice.map { String(decoding: decoder.bytes(of: $0).copied(), as: UTF8.self) } ?? ""
        }
        let interaction = decoder.interaction
        id = text(interaction[.recordID])
        texts = interaction.texts.map {
            "\($0.choice) \($0.field?.name ?? "raw"): \(text($0.slice))"
        }
        line = response.first.line
        finishReason = text(interaction[.finishReasons])
        isAnswer = response.request != nil
    }
}

@Suite struct AssemblerModelTests {
    private static func described(_ given: [GivenOut]) -> [String] {
        given.map { "\($0.id) \($0.texts.sorted())" }.sorted()
    }

    /// All streams, read in turns at random up to their ends.
    private static func run(seed: UInt64, restarts: Int) throws {
        var restartsLeft = restarts
        var random = SeededGenerator(seed: seed)
        let streams = (0..<3).map { ModelStream("s\($0)", &random) }
        var next = [0, 0, 0]
        let run = AssemblerRun()
        while let stream = (0..<3).filter({ next[$0] < streams[$0].lines.count })
            .randomElement(using: &random)
        {
            let line = streams[stream].lines[next[stream]]
            run.read(
                line, stream: UInt64(stream), offset: streams[stream].offsets[next[stream]],
                number: next[stream])
            next[stream] += 1
            if restartsLeft > 0, Int.random(in: 0..<12, using: &random) == 0 {
                restartsLeft -= 1
                for stream in 0..<3 {
                    guard let held = run.assembler.heldOffset(ofStream: UInt64(stream)) else {
                        continue
                    }
                    next[stream] = try #require(streams[stream].offsets.firstIndex(of: held))
                }
                try run.restart()
            }
        }
        let all = streams.flatMap(\.responses)
        let finished = all.filter(\.isFinished)
        func expected(_ responses: [ModelResponse]) -> [String] {
            responses.map { "\($0.id) \($0.texts.sorted())" }.sorted()
        }
        #expect(described(run.given) == expected(finished), "seed \(seed)")
        run.now += 59_999
        run.expire()
        #expect(run.given.count == finished.count, "seed \(seed)")
        run.now += 1
        run.expire()
        #expect(described(run.given) == expected(all), "seed \(seed)")
        #expect(run.assembler.totalBytes == 0 && !run.assembler.isWaiting)
        for stream in 0..<3 as Range<UInt64> {
            #expect(run.assembler.heldOffset(ofStream: stream) == nil)
        }
    }

    @Test(
        "responses of three formats, interleaved over streams, are joined as naively",
        arguments: 1...100 as ClosedRange<UInt64>)
    func joins(seed: UInt64) throws { try Self.run(seed: seed, restarts: 0) }

    @Test(
        "and each comes once however often the memory is lost between two lines",
        arguments: 1...100 as ClosedRange<UInt64>)
    func restarts(seed: UInt64) throws { try Self.run(seed: seed, restarts: 8) }
}

/// A chunk of one choice.
func chunk(_ id: String, _ content: String, finish: String? = nil, choice: Int = 0) -> String {
    let reason = finish.map { "\"\($0)\"" } ?? "null"
    return
        #"{"id":"\#(id)","object":"chat.completion.chunk","choices":[{"index":\#(choice),"delta":{"content":"\#(content)"},"finish_reason":\#(reason)}]}"#
}

@Suite struct AssemblerTests {
    private let usage =
        #"{"id":"a","object":"chat.completion.chunk","choices":[],"usage":{"completion_tokens":2}}"#

    @Test func textsStandInTheOrderOfChoiceFieldAndPart() {
        let run = AssemblerRun()
        run.read([
            chunk("a", "B", choice: 1), chunk("a", "A"), chunk("a", "b", choice: 1),
            chunk("a", "a", finish: "stop"), chunk("a", "", finish: "length", choice: 1),
        ])
        #expect(run.given.map(\.texts) == [["0 response: Aa", "1 response: Bb"]])
        #expect(run.given.first?.line == 1)
        #expect(run.given.first?.finishReason == "length")
    }

    @Test func whatComesAfterTheEndBeginsAResponseOnlyWhenItSaysSomething() {
        let run = AssemblerRun()
        run.read([chunk("a", "A", finish: "stop"), usage, usage, chunk("a", "more")])
        #expect(run.given.count == 1 && run.assembler.isWaiting)
        run.flush()
        #expect(run.given.map(\.texts) == [["0 response: A"], ["0 response: more"]])
    }

    @Test func anEventWithoutAResponseBeginsNone() {
        let run = AssemblerRun()
        run.read([#"{"type":"ping"}"#, #"{"type":"message_stop"}"#])
        #expect(run.given.isEmpty && !run.assembler.isWaiting)
        run.read([#"{"type":"error","error":{"type":"overloaded_error"}}"#])
        #expect(run.given.count == 1)
    }

    @Test func aFailedResponseThatIsRepeatedWithoutTextsKeepsThem() {
        let run = AssemblerRun()
        run.read([
            #"{"type":"response.created","response":{"id":"r","object":"response","output":[]}}"#,
            #"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"A"}"#,
            #"{"type":"response.failed","response":{"id":"r","object":"response","output":[]}}"#,
        ])
        #expect(run.given.map(\.texts) == [["0 response: A"]])
    }

    @Test func responsesOfOneIDInTwoStreamsAreTwo() {
        let run = AssemblerRun()
        run.read([chunk("a", "A")], stream: 1)
        run.read([chunk("a", "B", finish: "stop")], stream: 2)
        #expect(run.given.map(\.texts) == [["0 response: B"]])
        run.forget(stream: 2)
        #expect(run.given.count == 1)
        run.forget(stream: 1)
        #expect(run.given.last?.texts == ["0 response: A"] && !run.assembler.isWaiting)
    }

    // MARK: - Bounds

    @Test("no text and no seam of two pieces is lost in a response that is too long")
    func tooLong() {
        var limits = ResponseLimits()
        limits.responseBytes = 2000
        limits.repeatedBytes = 40
        let run = AssemblerRun(limits)
        let words = (0..<1000).map { "wörd\($0)." }
        run.read(words.map { chunk("a", $0) } + [chunk("a", "", finish: "stop")])
        #expect(run.given.count > 3)
        for (first, second) in zip(words, words.dropFirst()) {
            #expect(run.given.contains { $0.texts[0].contains(first + second) }, "\(first)")
        }
        #expect(run.given.allSatisfy { $0.texts[0].utf8.count < 2100 })
        #expect(run.given.allSatisfy { !$0.texts[0].contains("\u{fffd}") })
        #expect(run.assembler.totalBytes == 0)
    }

    @Test("a response that is too long goes on after a restart, its seams too")
    func tooLongAndRestarted() throws {
        var limits = ResponseLimits()
        limits.responseBytes = 2000
        limits.repeatedBytes = 40
        let run = AssemblerRun(limits)
        let words = (0..<500).map { "word\($0)." }
        let lines = words.map { chunk("a", $0) } + [chunk("a", "", finish: "stop")]
        let offsets = lines.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.utf8.count + 1) }
        var random = SeededGenerator(seed: 1)
        var next = 0
        var restarts = 0
        while next < lines.count {
            run.read(lines[next], offset: offsets[next])
            next += 1
            guard restarts < 40, Int.random(in: 0..<40, using: &random) == 0 else { continue }
            restarts += 1
            if let held = run.assembler.heldOffset(ofStream: 1) {
                next = try #require(offsets.firstIndex(of: held))
            }
            try run.restart()
        }
        for (first, second) in zip(words, words.dropFirst()) {
            #expect(run.given.contains { $0.texts[0].contains(first + second) }, "\(first)")
        }
    }

    @Test func theOldestIsGivenOutWhereThereIsNoRoom() {
        var limits = ResponseLimits()
        limits.responses = 3
        limits.totalBytes = 1000
        let run = AssemblerRun(limits)
        run.read((0..<5).map { chunk("r\($0)", "x") })
        #expect(run.given.map(\.id) == ["r0", "r1"])
        let text = String(repeating: "y", count: 400)
        run.read([chunk("r2", text), chunk("r4", text), chunk("r3", text)], stream: 1)
        run.read([chunk("z", text), chunk("z", text)], stream: 2)
        #expect(run.given.count > 3 && run.assembler.totalBytes <= 1000)
        run.flush()
        #expect(run.given.reduce(0) { $0 + $1.texts[0].utf8.filter { $0 == 0x79 }.count } == 2000)
    }

    // MARK: - Requests

    private func request(_ id: String, more: String = #""stream":true,"#) -> String {
        #"{"id":"\#(id)",\#(more)"model":"big","messages":[{"role":"user","content":"Q"}]}"#
    }

    @Test(
        "a request that is streamed is one turn with its response",
        arguments: [
            #""stream":true,"#, #""request":{"stream":true},"#,
            #""request":{"body":{"stream":true}},"#,
        ])
    func requests(more: String) {
        let run = AssemblerRun()
        run.read(request("a", more: more), offset: 0)
        #expect(run.assembler.heldOffset(ofStream: 1) == 0)
        run.read(chunk("a", "A", finish: "stop"), offset: 500)
        #expect(run.given.map(\.texts) == [["-1 prompt: Q", "0 response: A"]])
        #expect(run.given.first?.isAnswer == true)
        #expect(run.assembler.heldOffset(ofStream: 1) == nil && !run.assembler.isWaiting)
    }

    @Test func otherRequestsDoNotWait() {
        let run = AssemblerRun()
        run.read([request("a", more: ""), request("b", more: #""stream":false,"#)])
        run.read([request("c", more: #""stream":true,"choices":[{"message":{"content":"A"}}],"#)])
        #expect(!run.assembler.isWaiting)
    }

    @Test func requestsWaitForSomeTimeAndInSomeRoom() {
        var limits = ResponseLimits()
        limits.requestBytes = 200
        limits.requestTotalBytes = 250
        let run = AssemblerRun(limits)
        run.read(request("a"), offset: 0)
        run.read(request("b"), offset: 200)
        run.read(request("c"), offset: 400)
        #expect(run.assembler.heldOffset(ofStream: 1) == 200)
        run.now += 60_000
        run.expire()
        #expect(!run.assembler.isWaiting && run.given.isEmpty)
        let long = String(repeating: "x", count: 300)
        run.read(request("d").replacing("Q", with: long), offset: 600)
        #expect(!run.assembler.isWaiting)
    }
}
