// SPDX-License-Identifier: Apache-2.0
internal import LogTail
internal import Logging

/// Puts what the reader reads into the pipeline, and what it notices into the log.
final class ReaderEvents: TailEvents {
    private let queue: HandOver<ReaderItem>
    private let logger: Logger

    init(_ queue: HandOver<ReaderItem>, _ logger: Logger) {
        self.queue = queue
        self.logger = logger
    }

    func lines(_ batch: LineBatch) -> Bool { queue.give(.lines(batch)) }
    func gap(_ gap: CoverageGap) -> Bool { queue.give(.gap(gap)) }

    func notice(_ notice: TailNotice) {
        logger.log(level: notice.isWarning ? .warning : .info, "\(notice)")
    }
}
