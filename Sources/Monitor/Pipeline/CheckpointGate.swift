// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Reports

/// Holds the checkpoints of streams back that have begun a response and not finished it.
///
/// What a streaming log has said of such a response is in memory only (its text must not be
/// stored), so after a restart it has to be read again: no checkpoint behind its first line is
/// let through until it has been evaluated. What was found meanwhile is committed at once, and a
/// second reading finds the same.
struct CheckpointGate {
    private struct Waiting {
        var checkpoint: StreamCheckpoint
        /// Of the records between the checkpoint before and this one.
        var counts: RecordCounts
    }

    private var waiting: [StreamID: [Waiting]] = [:]
    /// More than this for one stream are thinned out: a place to resume from every so often
    /// will do.
    private static let waitingLimit = 64

    /// Takes a stream's newest checkpoint; returns the one that may be stored now, if any, with
    /// the counts up to it.
    ///
    /// - Parameter heldOffset: Where the oldest line begins that must be read again after a
    ///   restart; nil when there is none.
    mutating func pass(
        _ checkpoint: StreamCheckpoint, _ counts: RecordCounts, heldOffset: Int?
    ) -> (checkpoint: StreamCheckpoint?, counts: RecordCounts) {
        let stream = checkpoint.stream
        if heldOffset == nil, waiting[stream] == nil { return (checkpoint, counts) }
        var line = waiting.removeValue(forKey: stream) ?? []
        line.append(Waiting(checkpoint: checkpoint, counts: counts))
        let released = line.prefix { $0.checkpoint.offset <= heldOffset ?? .max }
        var last: StreamCheckpoint?
        var total = RecordCounts()
        for item in released {
            let restart = item.checkpoint.restart ?? last?.restart
            last = item.checkpoint
            last?.restart = restart
            total += item.counts
        }
        line.removeFirst(released.count)
        if line.count > Self.waitingLimit { line = Self.thinned(line) }
        if !line.isEmpty { waiting[stream] = line }
        return (last, total)
    }

    /// Forgets a stream.
    mutating func forget(_ stream: StreamID) { waiting[stream] = nil }

    /// Leaves out every second one, whose counts the next takes over.
    private static func thinned(_ line: [Waiting]) -> [Waiting] {
        var kept: [Waiting] = []
        var carried = RecordCounts()
        for (index, item) in line.enumerated() {
            guard index % 2 == 1 || index == line.count - 1 else {
                carried += item.counts
                continue
            }
            var item = item
            item.counts += carried
            carried = RecordCounts()
            kept.append(item)
        }
        return kept
    }
}
