// SPDX-License-Identifier: Apache-2.0
internal import Decompression
internal import Detection
internal import Foundation
internal import LogTail
internal import Logging
internal import Reports

/// Reads logs once from end to end, without state: `tocsin scan`.
///
/// The same reader and evaluator as the daemon's, one thread each. A report that two files, or
/// two records, share is given once. Several rule sets may look at the same pass.
final class LogScanner {
    /// What a scan came to.
    struct Summary: Sendable {
        var files = 0
        var unreadableFiles = 0
        var records = 0
        var malformedRecords = 0
        var reports = 0
        var gaps = 0
        var decompressedBytes = 0
        var seconds = 0.0
        /// It was ended before all was read: by Ctrl-C.
        var isInterrupted = false
    }

    private let ruleSets: [RuleSet]
    private let settings: EvaluationSettings
    private let inflater: Inflater
    private let logger: Logger
    private let inspector: TurnInspector?

    /// - Parameter inspector: Is shown each turn before the first of the rule sets evaluates it.
    init(
        _ ruleSets: [RuleSet], _ settings: EvaluationSettings, inflater: Inflater, logger: Logger,
        inspector: TurnInspector? = nil
    ) {
        self.ruleSets = ruleSets
        self.inspector = inspector
        self.settings = settings
        self.inflater = inflater
        self.logger = logger
    }

    /// Scans the files in their order and hands on each report as it is found, with the index of
    /// the rule set that it is by.
    ///
    /// - Parameter progress: Called from another thread with the bytes read of all files.
    func scan(
        _ paths: [String], progress: @escaping @Sendable (Int) -> Void,
        onReport: (Report, Int) throws -> Void
    ) throws -> Summary {
        Interruption.watch()
        let start = Date()
        let pool = BlockPool()
        let queue = HandOver<ReaderItem>(capacity: 4)
        let stages = try makeStages(pool)
        let unreadable = Counter()
        let reader = startReader(paths, queue, pool, unreadable, progress: progress)
        var summary = Summary()
        var known: [Set<String>] = Array(repeating: [], count: stages.count)
        defer {
            queue.close()
            reader.join()
        }
        func tell(_ item: EvaluatedItem, _ set: Int) throws {
            for pending in item.reports where known[set].insert(pending.report.id).inserted {
                try onReport(pending.report, set)
                if pending.report.kind != .coverageGap { summary.reports += 1 }
            }
        }
        while case .element(let item) = queue.take() {
            for (set, stage) in stages.enumerated() { try tell(stage.evaluate(item), set) }
            if Interruption.isRaised { break }
        }
        // Also where the signal came before anything was read.
        summary.isInterrupted = Interruption.isRaised
        for (set, stage) in stages.enumerated() { try tell(stage.finish(), set) }
        summary.files = paths.count
        summary.unreadableFiles = unreadable.value
        summary.records = stages[0].recordCount
        summary.malformedRecords = stages[0].malformedCount
        summary.gaps = stages[0].gapCount
        summary.decompressedBytes = stages[0].decompressedBytes
        summary.seconds = Date().timeIntervalSince(start)
        return summary
    }

    /// One for each rule set. All hide actors under the same key, so that the same event has the
    /// same name in each.
    private func makeStages(_ pool: BlockPool) throws -> [EvaluationStage] {
        let pseudonym = Pseudonym.ephemeral()
        return try ruleSets.enumerated().map { index, rules in
            let isLast = index == ruleSets.count - 1
            var logger = logger
            // What is said of the logs is said once.
            if index > 0 { logger.logLevel = .error }
            return try EvaluationStage(
                rules, settings, pseudonym: pseudonym,
                // The last to look at a block gives it back to the reader; the others keep theirs
                // in a pool that nobody takes from.
                pool: isLast ? pool : BlockPool(), keepsMemory: false, logger: logger,
                inspector: index == 0 ? inspector : nil)
        }
    }

    private func startReader(
        _ paths: [String], _ queue: HandOver<ReaderItem>, _ pool: BlockPool, _ unreadable: Counter,
        progress: @escaping @Sendable (Int) -> Void
    ) -> WorkerThread {
        let events = ReaderEvents(queue, logger)
        let inflater = inflater
        return WorkerThread("read") {
            var finishedBytes = 0
            for path in paths where !Interruption.isRaised {
                let file = FileScan(path: path, inflater: inflater, pool: pool, events: events)
                let isRead = file.run(progress: { progress(finishedBytes + $0) })
                if !isRead, !Interruption.isRaised { unreadable.add(1) }
                finishedBytes += FileSize.of(path) ?? 0
            }
            queue.close()
        }
    }
}

/// Sizes of files on disk, for progress.
enum FileSize {
    static func of(_ path: String) -> Int? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Of all files that are there.
    static func of(_ paths: [String]) -> Int { paths.compactMap(of).reduce(0, +) }
}

/// A number that two threads share.
private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var total = 0

    var value: Int { lock.withLock { total } }

    func add(_ number: Int) { lock.withLock { total += number } }
}
