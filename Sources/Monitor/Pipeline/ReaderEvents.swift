// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import LogTail
internal import Logging
internal import Reports

/// Puts what the reader reads into the pipeline, and what it notices into the log.
final class ReaderEvents: TailEvents {
    private let queue: HandOver<ReaderItem>
    private let logger: Logger

    private let store: ReportStore?

    /// - Parameter store: Where streams stood before; none for a scan.
    init(_ queue: HandOver<ReaderItem>, _ logger: Logger, store: ReportStore? = nil) {
        self.queue = queue
        self.logger = logger
        self.store = store
    }

    func lines(_ batch: LineBatch) -> Bool { queue.give(.lines(batch)) }
    func checkpoint(_ checkpoint: StreamCheckpoint) -> Bool { queue.give(.checkpoint(checkpoint)) }
    func gap(_ gap: CoverageGap) -> Bool { queue.give(.gap(gap)) }
    func news(_ news: StreamNews) -> Bool { queue.give(.news(news)) }

    /// A store that cannot be read just now costs reading the file from its start.
    func restart(of stream: StreamID) -> [UInt8]? { try? store?.restart(of: stream) }

    func alive() { queue.giver?.beat() }

    func notice(_ notice: TailNotice) {
        logger.log(level: notice.isWarning ? .warning : .info, "\(notice)")
    }
}
