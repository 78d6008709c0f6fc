// SPDX-License-Identifier: Apache-2.0
internal import Correlation
internal import JetStream
internal import Reports

/// Leases.
extension FleetSession {
    /// Keeps what is worked, and takes or gives back partitions so that all instances have as many.
    func beat(_ now: Int) throws(StreamError) {
        try registry.announce()
        for (partition, one) in owned {
            try one.feed.checkAnswers(now: now)
            try store(partition, one, holder: own)
        }
        try registry.read(into: &book, now: now)
        let share = book.share(of: PublishedFinding.partitionCount)
        let before = Set(owned.keys)
        for partition in owned.keys.sorted().dropFirst(share) { try giveBack(partition) }
        for free in book.free(of: PublishedFinding.partitionCount, now: now)
        where owned[free.partition] == nil && owned.count < share {
            try claim(free, now: now)
        }
        if Set(owned.keys) != before { tell(.works(owned.keys.sorted())) }
    }

    /// Stores what is worked, which keeps the lease up; lets go of a partition that another took.
    private func store(
        _ partition: Int, _ one: Owned, holder: String
    ) throws(StreamError) {
        // What was found is held by the stream of reports before it counts as worked.
        if one.unpublished.isEmpty { one.stored = one.worker.snapshot() }
        let state = one.stored.held(by: holder)
        if let revision = try registry.write(state, of: partition, ifRevision: one.revision) {
            one.revision = revision
        } else {
            owned[partition] = nil
            tell(.lost(partition: partition))
        }
    }

    func giveBack(_ partition: Int) throws(StreamError) {
        guard let one = owned[partition] else { return }
        try store(partition, one, holder: "")
        owned[partition] = nil
    }

    /// Takes a partition; another instance may be faster.
    private func claim(_ free: LeaseBook.Free, now: Int) throws(StreamError) {
        let state = free.state.held(by: own)
        guard
            let revision = try registry.write(
                state, of: free.partition, ifRevision: free.revision)
        else { return }
        let worker = PartitionWorker(
            plan, state, reported: try reported(free.partition, state, revision: revision),
            latenessSeconds: settings.latenessSeconds)
        let first = worker.firstSequence
        let feed = try FindingFeed(
            settings, partition: free.partition, revision: revision, from: first,
            inbox: "\(inbox).\(free.partition)-\(revision)", now: now, connection)
        owned[free.partition] = Owned(worker, feed, stored: state, revision: revision)
    }

    /// The clocks of this machine and the server may differ by so much.
    private static let clockMilliseconds = 300_000

    /// The reports of a partition that may still keep others back.
    private func reported(
        _ partition: Int, _ state: PartitionState, revision: Int
    ) throws(StreamError) -> [PartitionWorker.Reported] {
        guard let since = state.reportsFrom else { return [] }
        let consumer = try PullConsumer(
            "fleet-reports-\(partition)-\(revision)", of: settings.reportStream.name,
            subject: "\(settings.reportSubject(partition)).*",
            from: .time(milliseconds: since - Self.clockMilliseconds), connection)
        return try consumer.readAll(connection).compactMap { message in
            guard let text = message.headers[ReportMark.header], let mark = ReportMark(json: text),
                let place = MessagePlace(message)
            else { return nil }
            let group = mark.group.compactMap(CapturedValue.init(identityPart:))
            guard group.count == mark.group.count else { return nil }
            return PartitionWorker.Reported(
                correlation: ReportedCorrelation(
                    rule: mark.rule, group: group, timeMilliseconds: Int64(mark.end)),
                sequence: mark.sequence, made: place.takenMilliseconds)
        }
    }
}

extension CapturedValue {
    /// Reads what `identityPart` writes.
    fileprivate init?(identityPart text: String) {
        switch text.first {
        case "t": self = .text(String(text.dropFirst()))
        case "n":
            guard let number = Double(text.dropFirst()) else { return nil }
            self = .number(number)
        default: return nil
        }
    }
}
