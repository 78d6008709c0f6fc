// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Reports
internal import Synchronization
internal import Varlink

/// Sends reports to those who watch the queue, as they are stored.
///
/// Each watcher is at a sequence number of its own and is sent what the store has after it, so a
/// slow one costs no memory and misses nothing: it is sent more when it has read what it was sent.
final class ReportWatchers: Sendable {
    typealias Stream = VarlinkReplyStream<ReportsInterface.Watched>

    /// Reports that are read from the store at a time.
    private static let page = 100
    /// How long a store that cannot be read is left alone.
    private static let retrySeconds = 1.0

    private struct Watcher: Sendable {
        let stream: Stream
        var sequence: Int
        /// Its client is behind and is sent nothing before there is room.
        var isFull = false
    }

    private struct State: Sendable {
        var watchers: [Int: Watcher] = [:]
        var added = 0
    }

    private let store: ReportStore
    private let state = Mutex(State())
    private let bell = HandOver<Void>(capacity: 1)

    init(_ store: ReportStore) { self.store = store }

    /// Sends what is to be sent whenever it rings, until ``stop()``: a thread's work.
    func run() {
        var deadline: Date?
        while true {
            if case .ended = bell.take(until: deadline) { break }
            do {
                for number in state.withLock({ $0.watchers.keys.sorted() }) {
                    try serve(number)
                }
                deadline = nil
            } catch {
                // The committer tells of a store that fails; here it is only tried again.
                deadline = Date() + Self.retrySeconds
            }
        }
        state.withLock { $0.watchers.removeAll() }
    }

    /// Looks for new reports; called after each commit, from any thread, never blocks.
    func ring() { bell.giveIfRoom(()) }

    func stop() { bell.close() }

    /// Begins to send a client what comes after a sequence number, or what is new.
    ///
    /// - Throws: ``StoreError``.
    func add(_ stream: Stream, after sequence: Int?) throws {
        let newest = try store.newestSequence()
        // The first reply tells the client that nothing from here on is missed.
        guard try stream.send(ReportsInterface.Watched(reports: [], newest: newest)) != .gone
        else { return }
        let number = state.withLock { state in
            state.added += 1
            state.watchers[state.added] = Watcher(stream: stream, sequence: sequence ?? newest)
            return state.added
        }
        stream.whenRoom { [weak self] in self?.goOn(number) }
        stream.whenGone { [weak self] in self?.remove(number) }
        ring()
    }

    private func goOn(_ number: Int) {
        state.withLock { $0.watchers[number]?.isFull = false }
        ring()
    }

    private func remove(_ number: Int) {
        // Let go of outside the lock: the stream tells its client when nobody holds it.
        _ = state.withLock { $0.watchers.removeValue(forKey: number) }
    }

    /// Sends one watcher what it lacks, as far as it takes it.
    private func serve(_ number: Int) throws {
        while let watcher = state.withLock({ $0.watchers[number] }), !watcher.isFull {
            let reports = try store.reports(after: watcher.sequence, limit: Self.page)
            guard let last = reports.last else { return }
            // Marked before it is sent: there may be room again before this thread goes on.
            state.withLock { $0.watchers[number]?.isFull = true }
            let reply = ReportsInterface.Watched(reports: reports, newest: last.sequence)
            switch try watcher.stream.send(reply) {
            case .taken:
                state.withLock {
                    $0.watchers[number]?.isFull = false
                    $0.watchers[number]?.sequence = last.sequence
                }
            case .full: return
            case .gone: return remove(number)
            }
        }
    }
}
