// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Detection
internal import Interactions
internal import LogTail
internal import Logging
internal import Reports

/// What the reader hands to the evaluator, in the order of the stream.
enum ReaderItem: Sendable {
    case lines(LineBatch)
    case gap(CoverageGap)
    case checkpoint(StreamCheckpoint)
    case news(StreamNews)
}

/// What one item of the reader came to: these reports, and then the stream stands here.
struct EvaluatedItem: Sendable {
    var reports: [PendingReport] = []
    var checkpoint: StreamCheckpoint?
    /// What was evaluated since the stream's checkpoint before.
    var counts = RecordCounts()
    var news: StreamNews?
}

/// Turns what was read into reports; the same for the daemon and for a scan.
final class EvaluationStage {
    private let evaluator: Evaluator
    private let maker: ReportMaker
    private let pool: BlockPool
    private let logger: Logger
    private var findings: [Finding] = []
    /// Files whose malformed lines were spoken of.
    private var toldMalformed: Set<String> = []
    /// Of streams inside a line that goes on: counted with the checkpoint after it.
    private var uncounted: [StreamID: RecordCounts] = [:]
    private(set) var gapCount = 0
    private(set) var decompressedBytes = 0

    var recordCount: Int { evaluator.counts.records }
    var malformedCount: Int { evaluator.counts.malformed }

    init(
        _ rules: RuleSet, shape: RecordShape, excerptBytes: Int, pseudonym: Pseudonym,
        pool: BlockPool, logger: Logger
    ) throws {
        evaluator = try Evaluator(rules.plan, shape: shape, excerptBytes: excerptBytes)
        maker = ReportMaker(rules, pseudonym)
        self.pool = pool
        self.logger = logger
    }

    /// Evaluates one item and gives its block back to the pool.
    func evaluate(_ item: ReaderItem) -> EvaluatedItem {
        switch item {
        case .checkpoint(let checkpoint): return EvaluatedItem(checkpoint: checkpoint)
        case .news(let news): return EvaluatedItem(news: news)
        case .gap(let gap):
            gapCount += 1
            logger.warning(
                "\(gap.path): \(gap.reason); \(gap.lostCompressedBytes) compressed bytes after line \(gap.line - 1) were not read"
            )
            return EvaluatedItem(reports: [maker.report(of: gap, now: .now)])
        case .lines(let batch): return evaluate(batch)
        }
    }

    private func evaluate(_ batch: LineBatch) -> EvaluatedItem {
        let before = evaluator.counts
        let isPart = batch.block.content != .lines
        findings.removeAll(keepingCapacity: true)
        evaluator.evaluate(batch.block, offset: batch.offset, line: batch.line, into: &findings)
        decompressedBytes += batch.block.count
        pool.giveBack(batch.block)
        let counts = RecordCounts(
            records: evaluator.counts.records - before.records,
            malformed: evaluator.counts.malformed - before.malformed)
        if counts.malformed > 0 { tellMalformed(batch) }
        var item = EvaluatedItem(checkpoint: batch.checkpoint)
        if batch.checkpoint != nil {
            item.counts = counts
            if let more = uncounted.removeValue(forKey: batch.stream) { item.counts += more }
        } else if isPart {
            uncounted[batch.stream, default: RecordCounts()] += counts
        }
        if !findings.isEmpty {
            item.reports = findings.map { maker.report(of: $0, in: batch, now: .now) }
        }
        return item
    }

    private func tellMalformed(_ batch: LineBatch) {
        guard toldMalformed.insert(batch.root.text).inserted else { return }
        logger.warning(
            "\(batch.path): from line \(batch.line) on there are lines that are no JSON interaction of the configured shape; they are evaluated as raw text (said once a log)"
        )
    }
}
