// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What operators are told about the delivery to a sink; each change once.
package enum DeliveryEvent: Sendable, Equatable {
    /// The sink takes nothing; reports wait in the store.
    case unavailable(reason: String)
    case available
    /// Reports are sent but nobody can see whether they arrived, so none is sent again.
    case unreadable(reason: String)
    case readable
    /// The sink took reports and does not hold them; they are sent again.
    case dropping
    /// What was dropped is held now, and so is all that came after it.
    case keeping
    /// The outbox cannot be read or written.
    case storeFailed(StoreError)
    case storeWorks
}

/// What one round did.
package struct DeliveryRound: Sendable, Equatable {
    package var sent = 0
    package var confirmed = 0
    /// When the next round is due, in ms since 1970; nil: when something new is committed.
    package var nextAt: Int?
}

/// Carries reports from the store to a sink, each at least once, in the order of commits.
///
///     pending ── send ──► sent ── seen in the sink ──► confirmed
///                          ▲ └── not seen by due time ─┐
///                          └────────── send again ─────┘
///
/// Nothing is confirmed that was not read back, and nothing new is sent while something that was
/// sent is not seen: so a sink that drops what it takes gets it again before what came after it.
/// For a while reports then go one at a time, since of several it might drop an earlier one alone.
/// One that was sent ``orderedAttempts`` times in vain no longer holds up others: a journal may be
/// set up to keep none of its level.
///
/// What an earlier process left is looked for before it is sent, so a crash between a sending and
/// its note in the store does not double it.
///
/// ``DeliveryThread`` calls ``round(now:)``; a second caller at the same time waits for the first.
package final class DeliveryLoop: DeliveryRounds {
    /// Reports handled at a time, unless said otherwise.
    package static let batch = 64
    /// The longest pause between two attempts at a sink that takes nothing, or a store that fails.
    package static let longestPause = 5_000
    /// So many sendings, at the usual intervals 35 s, outlast the 30 s for which journald drops
    /// entries when it limits their rate by its defaults.
    static let orderedAttempts = 4
    /// The pause before what was sent and not seen is looked for again.
    private static let lookPause = 500
    /// The pause between two attempts to read a sink that cannot be read.
    private static let unreadablePause = 60_000

    let sinkName: String
    private let store: ReportStore
    private let sink: any ReportSink
    private let resend: ResendSchedule
    private let batch: Int
    private let patience: Int
    private let tell: @Sendable (DeliveryEvent) -> Void
    private let seen: @Sendable (Report) -> Void
    private let state = Mutex(State())

    private struct State: PacedState {
        /// Reports numbered up to this may have been sent by an earlier process; nil before
        /// the first round.
        var inheritedThrough: Int?
        /// Sent, but the store failed to note it: noted before anything else is done.
        var unnoted: [Int] = []
        var pacing = DeliveryPacing()
        var isUnreadable = false
        /// The sink dropped something, which operators were told.
        var isDropping = false
        /// So many reports are still to go one at a time.
        var singles = 0
    }

    /// - Parameters:
    ///   - batch: Reports handled at a time: what a crash may leave sent but not noted.
    ///   - patience: The most milliseconds that a round waits for what it sent to show in the
    ///     sink; what shows later is confirmed when it is due to be looked for.
    ///   - seen: Called within a round with each report that the sink was seen to hold.
    ///   - tell: Called within a round, on its thread; must not ask for another one itself.
    package init(
        store: ReportStore, sink: any ReportSink, resend: ResendSchedule = ResendSchedule(),
        batch: Int = DeliveryLoop.batch, patience: Int = 250,
        seen: @escaping @Sendable (Report) -> Void = { _ in },
        tell: @escaping @Sendable (DeliveryEvent) -> Void
    ) {
        self.store = store
        self.sink = sink
        self.resend = resend
        self.batch = batch
        self.patience = patience
        self.seen = seen
        self.tell = tell
        sinkName = sink.name
    }

    /// Looks for, sends and confirms a batch at most.
    ///
    /// - Parameter now: Milliseconds since 1970.
    /// - Complexity: Blocks as long as the sink does; two disk flushes where something was sent.
    package func round(now: Int) -> DeliveryRound {
        state.withLock { state in
            state.round(now: now, tell) { (state, result) throws(StoreError) in
                try run(&state, &result, now: now)
            }
        }
    }

    private func run(
        _ state: inout State, _ result: inout DeliveryRound, now: Int
    ) throws(StoreError) {
        if !state.unnoted.isEmpty {
            try store.markSent(state.unnoted, sink: sinkName, now: now, resend: resend)
            state.unnoted = []
        }
        if state.inheritedThrough == nil {
            state.inheritedThrough = try store.recallSent(sink: sinkName, now: now)
        }
        if try sendHeld(&state, &result, now: now) { return }
        let inherited = state.inheritedThrough ?? 0

        var overdue = try store.dueDeliveries(sink: sinkName, limit: batch, now: now)
        if try !confirm(&overdue, patience: 0, &state, &result) {
            // Sent again without end, they would flood a journal that has them.
            overdue = []
        }
        if !overdue.isEmpty { noteDropped(overdue, singles: 0, &state) }
        let window = state.singles > 0 ? 1 : batch
        var fresh = try store.pendingDeliveries(sink: sinkName, limit: window)
        let isFull = fresh.count == window || overdue.count == batch
        var doubtful = fresh.filter { $0.sequence <= inherited }
        fresh.removeAll { $0.sequence <= inherited }
        // Where nothing can be looked up, a doubled entry is better than none.
        _ = try confirm(&doubtful, patience: 0, &state, &result)

        let outgoing = (overdue + doubtful + fresh).sorted { $0.sequence < $1.sequence }
        let areSeen = try send(outgoing, &state, &result, now: now)
        guard !state.pacing.isPausing else { return }
        let due = try store.nextDueAt(sink: sinkName)
        if isFull {
            result.nextAt = now
        } else if let due {
            let pause = state.isUnreadable ? Self.unreadablePause : Self.lookPause
            result.nextAt =
                state.isUnreadable ? max(due, now + pause) : areSeen ? due : min(due, now + pause)
        } else if state.isDropping {
            state.isDropping = false
            tell(.keeping)
        }
    }

    /// Looks for what was sent and not seen, and sends it again when its time has come.
    ///
    /// - Returns: Whether some of it holds up what came after it.
    private func sendHeld(
        _ state: inout State, _ result: inout DeliveryRound, now: Int
    ) throws(StoreError) -> Bool {
        guard !state.isUnreadable else { return false }
        var held = try store.heldDeliveries(
            sink: sinkName, limit: batch, attempts: Self.orderedAttempts)
        let isFull = held.count == batch
        guard try confirm(&held, patience: 0, &state, &result), isFull || !held.isEmpty else {
            return false
        }
        let due = held.prefix { $0.dueAt <= now }
        // First, so that a loss does not cost the later ones of a batch another attempt: each has
        // but a few in which it holds up what came after it.
        noteDropped(due, singles: batch, &state)
        let again = due.prefix(state.singles > 0 ? 1 : batch)
        let areSeen = try send(Array(again), &state, &result, now: now)
        guard !state.pacing.isPausing else { return true }
        let look = now + Self.lookPause
        if let first = held.first, first.dueAt > now {
            result.nextAt = min(first.dueAt, look)
        } else {
            result.nextAt = areSeen ? now : look
        }
        return true
    }

    /// Reports that are sent again though this process, or two of them, sent them before: the
    /// sink drops what it takes. What one earlier process sent may have died with it.
    ///
    /// - Parameter singles: So many reports go one at a time from here; none where order is lost.
    private func noteDropped(
        _ again: some Sequence<PendingDelivery>, singles: Int, _ state: inout State
    ) {
        let inherited = state.inheritedThrough ?? 0
        guard again.contains(where: { $0.sequence > inherited || $0.attempts > 1 }) else { return }
        state.singles = singles
        if !state.isDropping { tell(.dropping) }
        state.isDropping = true
    }

    /// - Returns: Whether all that was to be sent is seen in the sink.
    private func send(
        _ outgoing: [PendingDelivery], _ state: inout State, _ result: inout DeliveryRound, now: Int
    ) throws(StoreError) -> Bool {
        guard !outgoing.isEmpty else { return true }
        var taken = outgoing
        switch sink.send(outgoing) {
        case .sent:
            state.pacing.noteSink(unavailable: nil, now: now, tell)
        case .unavailable(let count, let reason):
            state.pacing.noteSink(unavailable: reason, now: now, tell)
            taken = Array(outgoing.prefix(count))
        }
        guard !taken.isEmpty else { return false }
        result.sent = taken.count
        state.unnoted = taken.map(\.sequence)
        try store.markSent(state.unnoted, sink: sinkName, now: now, resend: resend)
        state.unnoted = []
        _ = try confirm(&taken, patience: patience, &state, &result)
        guard taken.isEmpty else { return false }
        state.singles = max(0, state.singles - result.sent)
        return result.sent == outgoing.count
    }

    /// Looks for the reports in the sink, notes those that are there and takes them off the list.
    ///
    /// - Returns: False when the sink cannot be read.
    private func confirm(
        _ deliveries: inout [PendingDelivery], patience: Int, _ state: inout State,
        _ result: inout DeliveryRound
    ) throws(StoreError) -> Bool {
        guard !deliveries.isEmpty else { return true }
        switch sink.confirm(deliveries.map(\.report.id), patience: patience) {
        case .unreadable(let reason):
            if !state.isUnreadable { tell(.unreadable(reason: reason)) }
            state.isUnreadable = true
            return false
        case .found(let ids):
            if state.isUnreadable { tell(.readable) }
            state.isUnreadable = false
            let found = deliveries.filter { ids.contains($0.report.id) }
            if !found.isEmpty {
                try store.markConfirmed(found.map(\.sequence), sink: sinkName)
                for delivery in found { seen(delivery.report) }
                result.confirmed += found.count
                deliveries.removeAll { ids.contains($0.report.id) }
            }
            return true
        }
    }
}
