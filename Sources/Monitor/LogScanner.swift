// SPDX-License-Identifier: Apache-2.0
internal import Decompression
internal import Foundation
internal import LogTail
internal import Logging
internal import Reports

/// Reads logs once from end to end, without state: `tocsin scan`.
///
/// The same reader and evaluator as the daemon's, one thread each. A report that two files, or
/// two records, share is given once.
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
    }

    private let rules: RuleSet
    private let settings: EvaluationSettings
    private let inflater: Inflater
    private let logger: Logger

    init(rules: RuleSet, _ settings: EvaluationSettings, inflater: Inflater, logger: Logger) {
        self.rules = rules
        self.settings = settings
        self.inflater = inflater
        self.logger = logger
    }

    /// Scans the files in their order and hands on each report as it is found.
    ///
    /// - Parameter progress: Called from another thread with the bytes read of all files.
    func scan(
        _ paths: [String], progress: @escaping @Sendable (Int) -> Void,
        onReport: (Report) throws -> Void
    ) throws -> Summary {
        let start = Date()
        let pool = BlockPool()
        let queue = HandOver<ReaderItem>(capacity: 4)
        let stage = try EvaluationStage(
            rules, settings, pseudonym: .ephemeral(), pool: pool, keepsMemory: false,
            logger: logger)
        let unreadable = Counter()
        let events = ReaderEvents(queue, logger)
        let inflater = inflater
        let reader = WorkerThread("read") {
            var finishedBytes = 0
            for path in paths {
                let file = FileScan(path: path, inflater: inflater, pool: pool, events: events)
                if !file.run(progress: { progress(finishedBytes + $0) }) { unreadable.add(1) }
                finishedBytes += FileSize.of(path) ?? 0
            }
            queue.close()
        }
        var summary = Summary()
        var known: Set<String> = []
        defer {
            queue.close()
            reader.join()
        }
        func tell(_ item: EvaluatedItem) throws {
            for pending in item.reports where known.insert(pending.report.id).inserted {
                try onReport(pending.report)
                if pending.report.kind != .coverageGap { summary.reports += 1 }
            }
        }
        while case .element(let item) = queue.take() { try tell(stage.evaluate(item)) }
        try tell(stage.finish())
        summary.files = paths.count
        summary.unreadableFiles = unreadable.value
        summary.records = stage.recordCount
        summary.malformedRecords = stage.malformedCount
        summary.gaps = stage.gapCount
        summary.decompressedBytes = stage.decompressedBytes
        summary.seconds = Date().timeIntervalSince(start)
        return summary
    }
}

/// Sizes of files on disk, for progress.
enum FileSize {
    static func of(_ path: String) -> Int? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int(status.st_size) : nil
    }
}

/// A number that two threads share.
private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var total = 0

    var value: Int { lock.withLock { total } }

    func add(_ number: Int) { lock.withLock { total += number } }
}
