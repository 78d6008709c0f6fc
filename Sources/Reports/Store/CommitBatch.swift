// SPDX-License-Identifier: Apache-2.0
package import Bytes

/// A report on its way into the store.
package struct PendingReport: Sendable, Equatable {
    package var report: Report
    /// The digest of the turn's message, the same whether the turn was seen as a request's own
    /// or as a later request's history; empty for gaps.
    package var turnDigest: [UInt8]
    package var isHistory: Bool
    /// For a coverage gap: the stream that it is counted for.
    package var gapStream: StreamID?

    package init(
        report: Report, turnDigest: [UInt8], isHistory: Bool, gapStream: StreamID? = nil
    ) {
        self.report = report
        self.turnDigest = turnDigest
        self.isHistory = isHistory
        self.gapStream = gapStream
    }
}

/// What the evaluation of some lines came to: kept together or not at all.
package struct CommitBatch: Sendable, Equatable {
    package var reports: [PendingReport]
    /// Where each stream stands after these lines.
    package var checkpoints: [StreamCheckpoint]
    /// What these lines add to what each stream has had.
    package var counts: [StreamID: RecordCounts]
    /// What became of streams after these lines.
    package var news: [StreamNews]
    /// What the lines' evaluation is to remember.
    package var memory: EvaluationMemory

    package init(
        reports: [PendingReport] = [], checkpoints: [StreamCheckpoint] = [],
        counts: [StreamID: RecordCounts] = [:], news: [StreamNews] = [],
        memory: EvaluationMemory = EvaluationMemory()
    ) {
        self.reports = reports
        self.checkpoints = checkpoints
        self.counts = counts
        self.news = news
        self.memory = memory
    }
}

/// How many records some lines held.
package struct RecordCounts: Sendable, Equatable {
    package var records = 0
    /// Of these, not of the configured shape.
    package var malformed = 0

    package init(records: Int = 0, malformed: Int = 0) {
        self.records = records
        self.malformed = malformed
    }

    package static func += (total: inout RecordCounts, more: RecordCounts) {
        total.records += more.records
        total.malformed += more.malformed
    }
}
