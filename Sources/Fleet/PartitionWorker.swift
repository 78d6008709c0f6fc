// SPDX-License-Identifier: Apache-2.0
package import Correlation
internal import JetStream
package import Reports

/// A finding of a correlation, and where its last event lies.
package struct FleetFinding: Sendable, Equatable {
    package var finding: CorrelationFinding
    /// Of the last event in it; its file with the host before it, as in `gpu-7:/var/log/a`.
    package var position: Report.Position
    /// The message with which it was found.
    package var sequence: Int
}

/// Works the correlations over the findings of one partition.
///
/// Whatever it finds follows from the messages in their order alone, and from no clock: who works
/// the same messages from the same state finds the same. The time that passes while nothing comes
/// is itself put into the stream, as a *mark*.
///
///     messages 1 ⋯ replayFrom ⋯⋯⋯ sequence │ ⋯ more
///                  └─ make the windows again └─ worked: add, then advance to the newest time
///                                              less the lateness, or to a mark
struct PartitionWorker: ~Copyable {
    private var engine: CorrelationEngine
    private let latenessMilliseconds: Int
    /// As it was stored; what was worked since is in it with the next ``snapshot()``.
    private var state: PartitionState
    /// What makes the windows again, until all of it has come; nil afterwards.
    private var restoring: Restoring?
    /// The events that windows may still hold, by their names.
    private var events: [String: Event] = [:]
    /// The window's end of each report that may keep others back, and a time before which it was
    /// not made, whoever made it first.
    private var reports: [(end: Int64, madeAfter: Int)]
    private let limits = CorrelationLimits()
    private(set) var lateCount = 0
    private(set) var droppedCount = 0

    private struct Restoring {
        var events: [CorrelationEvent] = []
        let reported: [ReportedCorrelation]
    }

    private struct Event {
        let time: Int64
        let sequence: Int
        let position: Report.Position
    }

    /// A report that an earlier worker made of the partition.
    struct Reported {
        let correlation: ReportedCorrelation
        let sequence: Int
        /// When the stream took it, in ms since 1970.
        let made: Int
    }

    init(
        _ plan: CorrelationPlan, _ state: PartitionState, reported: [Reported],
        latenessSeconds: Int
    ) {
        engine = CorrelationEngine(plan)
        self.state = state
        latenessMilliseconds = latenessSeconds * 1_000
        // What was found after the state was stored is found again.
        let before = reported.filter { $0.sequence <= state.sequence }
        restoring = Restoring(reported: before.map(\.correlation))
        reports = before.map { (end: $0.correlation.timeMilliseconds, madeAfter: $0.made) }
    }

    /// Whether the windows are not yet as they were.
    var isRestoring: Bool { restoring != nil }
    /// The first message that it wants.
    var firstSequence: Int { state.replayFrom }

    /// Takes a finding of the stream.
    mutating func take(_ finding: PublishedFinding, at place: MessagePlace) -> [FleetFinding] {
        let time = Watermark.time(
            of: Int64(finding.timeMilliseconds), now: Int64(place.takenMilliseconds))
        var position = finding.position
        position.file = "\(finding.host):\(position.file)"
        if events[finding.event].map({ $0.sequence > place.sequence }) ?? true {
            events[finding.event] = Event(
                time: time, sequence: place.sequence, position: position)
            keepLimit()
        }
        let event = CorrelationEvent(finding, time: time)
        if place.sequence <= state.sequence {
            restoring?.events.append(event)
            return []
        }
        finishRestoring()
        engine.add(event)
        // A host whose clock is ahead makes no other's findings late.
        let seen = min(Int(time), place.takenMilliseconds)
        if seen >= state.newest ?? seen {
            state.newest = seen
            state.newestTaken = place.takenMilliseconds
        }
        return advance(to: seen - latenessMilliseconds, at: place)
    }

    /// Takes a mark of the stream: time has passed up to it.
    mutating func take(mark: Int, at place: MessagePlace) -> [FleetFinding] {
        guard place.sequence > state.sequence else { return [] }
        finishRestoring()
        // No more time can have passed than the stream's own clock says.
        return advance(to: min(mark, place.takenMilliseconds), at: place)
    }

    /// Leaves out a message that holds neither.
    mutating func skip(_ place: MessagePlace) {
        guard place.sequence > state.sequence else { return }
        finishRestoring()
        state.sequence = place.sequence
    }

    /// There is nothing more of what makes the windows again.
    mutating func finishRestoring() {
        guard let restoring else { return }
        self.restoring = nil
        let mark = state.mark.map { Int64($0) } ?? engine.frontier
        engine.restore(
            events: restoring.events, reported: restoring.reported, processedUpTo: mark)
    }

    private mutating func advance(to time: Int, at place: MessagePlace) -> [FleetFinding] {
        state.sequence = place.sequence
        state.mark = max(state.mark ?? time, time)
        let found = engine.advance(to: Int64(state.mark ?? time))
        lateCount = engine.counts.late + engine.counts.tooLate
        droppedCount = engine.counts.dropped
        for finding in found {
            reports.append((end: finding.windowEnd, madeAfter: place.takenMilliseconds))
        }
        return found.compactMap { finding in
            guard let last = finding.evidence.last, let event = events[last] else { return nil }
            return FleetFinding(
                finding: finding, position: event.position, sequence: place.sequence)
        }
    }

    /// Gives up the oldest where there are more events than the engine knows: it has given them up.
    private mutating func keepLimit() {
        guard events.count > 2 * limits.events else { return }
        let newest = events.values.map(\.time).sorted(by: >)
        let oldest = newest[limits.events]
        events = events.filter { $0.value.time > oldest }
    }

    /// The time that has passed although nothing comes, when something waits for it: to be put
    /// into the stream.
    ///
    /// It goes on from the newest event at the pace of the clock, so that logs of long ago which
    /// are read now do not find themselves late.
    ///
    /// - Parameter now: Milliseconds since 1970.
    func dueMark(now: Int) -> Int? {
        guard restoring == nil, let next = engine.nextTime, let newest = state.newest,
            let taken = state.newestTaken
        else { return nil }
        let passed = newest + max(0, now - taken) - latenessMilliseconds
        return passed >= Int(next) ? passed : nil
    }

    /// The state to store, once all that was found is in the stream of reports.
    mutating func snapshot() -> PartitionState {
        guard restoring == nil else { return state }
        let horizon = engine.horizon
        events = events.filter { $0.value.time >= horizon }
        reports.removeAll { $0.end < horizon }
        state.replayFrom = events.values.map(\.sequence).min() ?? state.sequence + 1
        state.reportsFrom = reports.map(\.madeAfter).min()
        return state
    }
}

extension CorrelationEvent {
    fileprivate init(_ finding: PublishedFinding, time: Int64) {
        self.init(
            rule: finding.rule, identity: finding.event, timeMilliseconds: time,
            fields: finding.fields.map { field in
                switch field.value {
                case .text(let text): CapturedField(name: field.name, value: .text(text))
                case .number(let number): CapturedField(name: field.name, value: .number(number))
                }
            })
    }
}
