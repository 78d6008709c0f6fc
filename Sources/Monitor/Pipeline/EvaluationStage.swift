// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Detection
internal import Foundation
internal import Interactions
internal import LogTail
internal import Logging
internal import Reports

/// What the evaluator takes, in the order of the streams.
enum ReaderItem: Sendable {
    case lines(LineBatch)
    case gap(CoverageGap)
    case checkpoint(StreamCheckpoint)
    case news(StreamNews)
    /// Rules to evaluate by from here on; `done` is told when that is so, or why not.
    case rules(RuleSet, done: @Sendable (Result<Void, any Error>) -> Void)
}

/// What one item came to: these reports, and then the stream stands here.
struct EvaluatedItem: Sendable {
    var reports: [PendingReport] = []
    var checkpoint: StreamCheckpoint?
    /// What was evaluated since the stream's checkpoint before.
    var counts = RecordCounts()
    var news: StreamNews?
    var memory = EvaluationMemory()

    var isEmpty: Bool {
        reports.isEmpty && checkpoint == nil && news == nil && memory.isEmpty
    }
}

/// Turns what was read into reports; the same for the daemon and for a scan.
final class EvaluationStage {
    private let evaluator: Evaluator
    private let findingStage: FindingStage
    private let pool: BlockPool
    private let logger: Logger
    private var gate = CheckpointGate()
    private var streams: StreamNumbers
    private var conversations: ConversationMemory
    private var findings: [Finding] = []
    /// Files whose malformed lines were spoken of.
    private var toldMalformed: Set<String> = []
    /// Of streams inside a line that goes on: counted with the checkpoint after it.
    private var uncounted: [StreamID: RecordCounts] = [:]
    private(set) var gapCount = 0
    private(set) var decompressedBytes = 0

    /// Of the monitor's own log, which is not to be counted.
    private var canaryCounts = RecordCounts()

    var recordCount: Int { evaluator.counts.records - canaryCounts.records }
    var malformedCount: Int { evaluator.counts.malformed - canaryCounts.malformed }

    init(
        _ rules: RuleSet, _ settings: EvaluationSettings, pseudonym: Pseudonym, pool: BlockPool,
        keepsMemory: Bool, logger: Logger, inspector: TurnInspector? = nil
    ) throws {
        var evaluation = Evaluator.Settings()
        evaluation.shape = settings.shape
        evaluation.views = settings.views
        evaluation.excerptBytes = settings.evidence.excerptBytes
        evaluation.evidenceBytes = settings.evidence.evidenceBytes
        evaluation.secret = pseudonym.secret(for: "conversations")
        evaluation.keepsJournal = keepsMemory
        evaluator = try Evaluator(
            rules.plan, capturedFields: rules.capturedFields, evaluation, inspector: inspector)
        findingStage = FindingStage(rules, pseudonym, settings, logger: logger)
        streams = StreamNumbers(canaryFolder: settings.canaryFolder)
        conversations = ConversationMemory(evaluator.conversations)
        self.pool = pool
        self.logger = logger
    }

    /// Knows again what a store remembers.
    func restore(from store: ReportStore) throws {
        let memory = try store.memory { changes in
            if !conversations.restore(changes) {
                logger.warning(
                    """
                    \(store.file): a part of what is known of conversations is damaged; turns of \
                    them may be evaluated again, which adds no report twice
                    """)
            }
        }
        findingStage.restore(memory)
    }

    /// When something is to be done though nothing is read; nil while nothing waits.
    var deadline: Date? {
        let seconds = evaluator.hasOpenResponses ? 1 : findingStage.waitSeconds
        return seconds.map { Date() + $0 }
    }

    /// Evaluates one item and gives its block back to the pool.
    func evaluate(_ item: ReaderItem) -> EvaluatedItem {
        switch item {
        case .checkpoint(let checkpoint): return pass(checkpoint, RecordCounts())
        case .news(let news):
            var item = EvaluatedItem(news: news)
            switch news {
            case .forgotten(let stream): forget(stream, into: &item)
            case .gone(let stream, _): findingStage.rest(stream: streams.number(of: stream))
            case .found: break
            }
            return item
        // What a killed process left of the monitor's own log; a miss is told otherwise.
        case .gap(let gap) where streams.isCanary(gap.path): return EvaluatedItem()
        case .gap(let gap):
            gapCount += 1
            logger.warning(
                "\(gap.path): \(gap.reason); \(gap.lostCompressedBytes) compressed bytes after line \(gap.line - 1) were not read"
            )
            return EvaluatedItem(reports: [findingStage.report(of: gap)])
        case .lines(let batch): return evaluate(batch)
        case .rules(let rules, let done):
            done(Result { try replace(rules) })
            return EvaluatedItem()
        }
    }

    private func replace(_ rules: RuleSet) throws {
        try evaluator.replace(rules.plan, capturedFields: rules.capturedFields)
        findingStage.replace(rules)
    }

    private func forget(_ stream: StreamID, into item: inout EvaluatedItem) {
        let number = streams.number(of: stream)
        findings.removeAll(keepingCapacity: true)
        evaluator.forget(stream: number, now: Self.now, into: &findings)
        add(findings, to: &item)
        gate.forget(stream)
        findingStage.rest(stream: number)
        streams.forget(stream)
        toldMalformed.remove(stream.text)
    }

    private func evaluate(_ batch: LineBatch) -> EvaluatedItem {
        let before = evaluator.counts
        let isPart = batch.block.content != .lines
        let stream = streams.begin(batch)
        findings.removeAll(keepingCapacity: true)
        let now = Self.now
        evaluator.evaluate(
            batch.block,
            at: BlockPlace(stream: stream, offset: batch.offset, line: batch.line, now: now),
            into: &findings)
        let isCanary = streams.isCanary(batch.path)
        let byteCount = batch.block.count
        pool.giveBack(batch.block)
        var counts = RecordCounts(
            records: evaluator.counts.records - before.records,
            malformed: evaluator.counts.malformed - before.malformed)
        if isCanary {
            canaryCounts += counts
        } else {
            decompressedBytes += byteCount
            if counts.malformed > 0 { tellMalformed(batch) }
        }
        var item = EvaluatedItem()
        if let checkpoint = batch.checkpoint {
            if let more = uncounted.removeValue(forKey: batch.stream) { counts += more }
            item = pass(checkpoint, counts)
        } else if isPart {
            uncounted[batch.stream, default: RecordCounts()] += counts
        }
        if !isCanary {
            findingStage.observe(
                stream: stream, latestMilliseconds: evaluator.latestMilliseconds,
                isBehind: batch.checkpoint?.isBehind ?? true, now: now)
        }
        add(findings, to: &item)
        return item
    }

    /// Lets the time pass: responses that were never finished are evaluated, and what waited for
    /// others is worked.
    func tick() -> EvaluatedItem {
        findings.removeAll(keepingCapacity: true)
        evaluator.expireResponses(now: Self.now, into: &findings)
        var item = EvaluatedItem()
        add(findings, to: &item)
        return item
    }

    /// Ends a scan: all that waits is evaluated.
    func finish() -> EvaluatedItem {
        findings.removeAll(keepingCapacity: true)
        evaluator.flushResponses(now: Self.now, into: &findings)
        var item = EvaluatedItem()
        add(findings, to: &item)
        findingStage.flush(into: &item)
        return item
    }

    private func add(_ findings: [Finding], to item: inout EvaluatedItem) {
        let now = Self.now
        for finding in findings {
            guard let source = streams.source(of: finding.stream) else { continue }
            findingStage.take(finding, from: source, now: now, into: &item)
        }
        findingStage.advance(now: now, into: &item)
        conversations.takeChanges(into: &item.memory)
    }

    /// Lets a checkpoint through, or holds it back until the responses before it are finished.
    private func pass(_ checkpoint: StreamCheckpoint, _ counts: RecordCounts) -> EvaluatedItem {
        let held = evaluator.heldOffset(ofStream: streams.number(of: checkpoint.stream))
        let passed = gate.pass(checkpoint, counts, heldOffset: held)
        return EvaluatedItem(checkpoint: passed.checkpoint, counts: passed.counts)
    }

    private static var now: Int64 { Int64(Timestamp.now.milliseconds) }

    private func tellMalformed(_ batch: LineBatch) {
        guard toldMalformed.insert(batch.root.text).inserted else { return }
        logger.warning(
            "\(batch.path): from line \(batch.line) on there are lines that are no JSON interaction of the configured shape; they are evaluated as raw text (said once a log)"
        )
    }
}

extension StreamCheckpoint {
    /// The file holds more than was read when the checkpoint was made.
    fileprivate var isBehind: Bool { file.readBytes < file.sizeBytes }
}
