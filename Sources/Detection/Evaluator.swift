// SPDX-License-Identifier: Apache-2.0
package import Bytes
package import Interactions
package import TextViews

/// Evaluates a plan's rules on log lines: the whole per-record loop.
///
/// For each line: decode it, place its turns in their conversations, skip those that only repeat
/// what was evaluated before, scan each text of the others once, and work out the rules that a
/// found pattern triggers. One evaluator for each thread; lines of one stream are to be given in
/// their order.
///
/// - Complexity: Linear in the line's bytes; no allocation in steady state for a line without
///   findings.
@safe
package final class Evaluator {
    package struct Settings: Sendable {
        package var shape = RecordShape.automatic
        package var views = ViewSet.all
        /// Bytes of text around a match that a finding carries; 0 for none.
        package var excerptBytes = 160
        /// How much of the turn's whole text findings carry.
        package var evidenceBytes = 0
        /// Of the keys under which turns are remembered: the same after a restart.
        package var secret: UInt64 = 0
        package var conversations = ConversationLimits()
        /// Whether what becomes known of conversations is kept to be stored.
        package var keepsJournal = false
        /// Also gives findings of the rules that define derived fields, for their tests.
        package var findsDerived = false

        package init() {}
    }

    package private(set) var plan: DetectionPlan
    private let settings: Settings
    let decoder: InteractionDecoder
    package private(set) var conversations: ConversationTable
    let assembler: ResponseAssembler
    private var writer: FindingWriter
    private let inspector: TurnInspector?
    /// The rules that hold of the turn that was evaluated last.
    private var firedRules: [Int32] = []
    /// What changes from turn to turn; behind pointers, since a class's own variables are checked
    /// for overlapping use at each access.
    private let matcherState: UnsafeMutablePointer<TurnMatcher>
    private let tally: UnsafeMutablePointer<Tally>

    private struct Tally {
        var counts = EvaluationCounts()
        var latestMilliseconds: Int64?
    }

    private var matcher: TurnMatcher {
        unsafeAddress { unsafe UnsafePointer(matcherState) }
        unsafeMutableAddress { unsafe matcherState }
    }

    package private(set) var counts: EvaluationCounts {
        get { unsafe tally.pointee.counts }
        set { unsafe tally.pointee.counts = newValue }
    }

    /// The latest time that a record of the last block gave.
    package private(set) var latestMilliseconds: Int64? {
        get { unsafe tally.pointee.latestMilliseconds }
        set { unsafe tally.pointee.latestMilliseconds = newValue }
    }

    /// - Parameters:
    ///   - capturedFields: By rule id, the fields whose values findings carry.
    ///   - inspector: Is shown each turn, for the operators' tools.
    /// - Throws: `PatternError` when there is no memory for scanning.
    package init(
        _ plan: DetectionPlan, capturedFields: [String: [String]] = [:], _ settings: Settings,
        inspector: TurnInspector? = nil
    ) throws {
        self.plan = plan
        self.settings = settings
        self.inspector = inspector
        decoder = InteractionDecoder(shape: settings.shape)
        conversations = Self.table(settings)
        assembler = ResponseAssembler(secret: settings.secret)
        writer = FindingWriter(
            plan, capturedFields: capturedFields, excerptBytes: settings.excerptBytes,
            evidenceBytes: settings.evidenceBytes)
        let matcher = try TurnMatcher(plan, views: settings.views, secret: settings.secret)
        unsafe matcherState = .allocate(capacity: 1)
        unsafe matcherState.initialize(to: matcher)
        unsafe tally = .allocate(capacity: 1)
        unsafe tally.initialize(to: Tally())
    }

    deinit {
        unsafe matcherState.deinitialize(count: 1).deallocate()
        unsafe tally.deinitialize(count: 1).deallocate()
    }

    private static func table(_ settings: Settings) -> ConversationTable {
        ConversationTable(
            secret: settings.secret, limits: settings.conversations,
            keepsJournal: settings.keepsJournal)
    }

    /// Evaluates other rules from the next record on; what is known of conversations and of
    /// responses that are still being written stays.
    ///
    /// - Throws: `PatternError` when there is no memory for scanning; then the rules stay.
    package func replace(
        _ plan: DetectionPlan, capturedFields: [String: [String]]
    ) throws {
        matcher = try TurnMatcher(plan, views: settings.views, secret: settings.secret)
        writer = FindingWriter(
            plan, capturedFields: capturedFields, excerptBytes: settings.excerptBytes,
            evidenceBytes: settings.evidenceBytes)
        self.plan = plan
        // What fired for a request that still waits for its answer was a rule of before.
        assembler.forgetFired()
    }

    /// Forgets all conversations.
    package func forgetConversations() { conversations = Self.table(settings) }

    /// Evaluates every line of a block, or the one window that it holds.
    package func evaluate(
        _ block: LineBlock, at start: BlockPlace, into findings: inout [Finding]
    ) {
        latestMilliseconds = nil
        if case .window(let isLast) = block.content {
            if isLast {
                counts.lines += 1
                counts.records += 1
                counts.malformed += 1
            }
            decoder.decodeWindow(block.bytes)
            evaluateInteraction(
                at: LinePlace(start, offset: start.offset, line: start.line, isWindow: true),
                into: &findings)
            return expireResponses(now: start.now, into: &findings)
        }
        let bytes = block.bytes
        var offset = 0
        var line = start.line
        while offset < bytes.count {
            let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: offset) ?? bytes.count
            counts.lines += 1
            let text = bytes.extracting(offset..<end)
            if !text.isBlank {
                evaluateRecord(
                    text,
                    at: LinePlace(
                        start, offset: start.offset + offset, line: line, isWindow: false),
                    into: &findings)
            }
            offset = end + 1
            line += 1
        }
        // Where reading never pauses, nothing else would.
        expireResponses(now: start.now, into: &findings)
    }

    private func evaluateRecord(
        _ text: Span<UInt8>, at place: LinePlace, into findings: inout [Finding]
    ) {
        decoder.decode(text)
        counts.records += 1
        if decoder.interaction.isMalformed { counts.malformed += 1 }
        var record = 0
        while decoder.next() {
            let recordPlace = place.record(record)
            if decoder.interaction.fragment != nil {
                evaluatePiece(at: recordPlace, into: &findings)
            } else {
                evaluateInteraction(at: place, into: &findings)
                expectResponse(at: recordPlace)
            }
            record += 1
        }
    }

    /// Evaluates the decoder's current interaction.
    ///
    /// - Parameter request: What it answers, where that was a record of its own.
    func evaluateInteraction(
        at place: LinePlace, answering request: WaitingRequest? = nil,
        into findings: inout [Finding]
    ) {
        matcher.beginRecord(decoder)
        noteTime()
        conversations.place(
            decoder, answering: request?.place, nowMilliseconds: place.now)
        let turns = decoder.interaction.turns
        for number in turns.indices {
            let turn = EvaluatedTurn(
                turn: turns[number], place: conversations.places[number],
                scores: matcher.scores)
            if turn.turn.isHistory, turn.place.wasEvaluated { continue }
            counts.turns += 1
            evaluate(turn, at: place, excluding: request?.firedRules ?? [], into: &findings)
        }
    }

    func noteTime() {
        guard let time = decoder.interaction.timeMilliseconds else { return }
        latestMilliseconds = max(latestMilliseconds ?? time, time)
    }

    /// Lets a request wait for its response when that is to come in pieces.
    private func expectResponse(at place: RecordPlace) {
        guard let turn = conversations.places.last else { return }
        assembler.expectResponse(
            to: decoder, at: place, turn: turn, firedRules: firedRules, conversations)
    }

    private func evaluate(
        _ turn: EvaluatedTurn, at place: LinePlace, excluding excluded: [Int32],
        into findings: inout [Finding]
    ) {
        firedRules.removeAll(keepingCapacity: true)
        matcher.begin(turn, decoder)
        if let inspector {
            inspector.inspect(turn, at: place, excluding: excluded, decoder, &matcher)
        }
        let candidates =
            settings.findsDerived
            ? matcher.candidates + plan.derived.map(\.rule) : matcher.candidates
        guard !candidates.isEmpty else { return }
        var digest: [UInt8]?
        for rule in candidates {
            guard !excluded.contains(Int32(rule)), matcher.holds(rule, turn, decoder) else {
                continue
            }
            firedRules.append(Int32(rule))
            let known = digest ?? (place.isWindow ? [] : decoder.digest(of: turn.turn))
            digest = known
            findings.append(
                writer.finding(rule, turn, at: place, digest: known, decoder, &matcher))
        }
    }
}

/// Where a block of lines comes from.
package struct BlockPlace {
    /// The stream's number, the same after a restart, which keeps the responses of streams
    /// apart.
    package var stream: UInt64
    /// Where the block's first line begins in its stream; a window's line.
    package var offset: Int
    /// The number of the block's first line, from 1.
    package var line: Int
    /// Milliseconds since 1970 by the clock.
    package var now: Int64

    package init(stream: UInt64, offset: Int, line: Int, now: Int64) {
        self.stream = stream
        self.offset = offset
        self.line = line
        self.now = now
    }
}

/// The line that is evaluated.
struct LinePlace {
    let stream: UInt64
    let offset: Int
    let line: Int
    let now: Int64
    let isWindow: Bool

    init(_ block: BlockPlace, offset: Int, line: Int, isWindow: Bool) {
        stream = block.stream
        self.offset = offset
        self.line = line
        now = block.now
        self.isWindow = isWindow
    }

    /// Of a response's first piece.
    init(_ record: RecordPlace, now: Int64) {
        stream = record.stream
        offset = record.offset
        line = record.line
        self.now = now
        isWindow = false
    }

    func record(_ number: Int) -> RecordPlace {
        RecordPlace(stream: stream, offset: offset, line: line, record: number, now: now)
    }
}

extension Span<UInt8> {
    /// Whether it holds blanks only.
    fileprivate var isBlank: Bool {
        for index in 0..<count where !self[index].isASCIISpace { return false }
        return true
    }
}
