// SPDX-License-Identifier: Apache-2.0
internal import JetStream
internal import Reports

/// The table of the fleet's state: who is there, and who works what.
struct FleetRegistry {
    private let settings: FleetSettings
    private let connection: NatsConnection
    private let own: String

    init(_ settings: FleetSettings, own: String, _ connection: NatsConnection) {
        self.settings = settings
        self.own = own
        self.connection = connection
    }

    /// Tells the others that this instance is there.
    func announce() throws(StreamError) {
        _ = try connection.put([], on: "\(settings.memberSubject).\(own)", ifRevision: nil)
    }

    /// Tells them that it is not any more.
    func depart() throws(StreamError) {
        let stored = try connection.last(
            on: "\(settings.memberSubject).\(own)", of: settings.stateStream.name)
        if let stored {
            try connection.delete(stored.sequence, from: settings.stateStream.name)
        }
    }

    /// Looks at all that is there, and takes out what instances that ended have left.
    func read(into book: inout LeaseBook, now: Int) throws(StreamError) {
        let stream = settings.stateStream.name
        for partition in 0..<PublishedFinding.partitionCount {
            let subject = settings.stateSubject(partition)
            guard let stored = try connection.last(on: subject, of: stream) else { continue }
            guard let state = PartitionState(json: stored.body) else {
                throw StreamError(
                    .settings,
                    "\(subject) holds no state of a version that this program reads; use the "
                        + "program that wrote it")
            }
            book.see(partition: partition, state, revision: stored.sequence, now: now)
        }
        let names = try connection.subjects(of: stream, like: "\(settings.memberSubject).*")
        for subject in names {
            guard let stored = try connection.last(on: subject, of: stream),
                let name = subject.split(separator: ".").last
            else { continue }
            book.see(member: String(name), revision: stored.sequence, now: now)
        }
        for revision in book.removeDead(now: now) {
            try connection.delete(revision, from: stream)
        }
    }

    /// Writes a partition's state, on condition that nobody else did.
    ///
    /// - Returns: The new revision, or nil when somebody did.
    func write(
        _ state: PartitionState, of partition: Int, ifRevision revision: Int
    ) throws(StreamError) -> Int? {
        do throws(StreamError) {
            return try connection.put(
                state.json, on: settings.stateSubject(partition), ifRevision: revision)
        } catch {
            guard error.kind == .conflict else { throw error }
            return nil
        }
    }
}
