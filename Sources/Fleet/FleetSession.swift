// SPDX-License-Identifier: Apache-2.0
internal import Correlation
internal import Foundation
internal import JetStream
internal import Reports

/// What an instance does from one connection to its end: takes its share of the partitions, works
/// them, and keeps its leases up.
///
///     every third of a lease: store what is worked ─► see who is there ─► give back or take
///     a message: work it ─► publish what was found, and wait until it is held
///     nothing for long: put a mark into the stream, where something waits for time
final class FleetSession {
    /// Makes the report of a finding; nil where the rule only serves others.
    typealias ReportMaking = (FleetFinding) -> Report?

    let settings: FleetSettings
    let plan: CorrelationPlan
    let own: String
    private let makeReport: ReportMaking
    let tell: (FleetEvent) -> Void

    let connection: NatsConnection
    let registry: FleetRegistry
    private let reports: StreamPublisher
    private let marks: StreamPublisher
    let inbox: String
    private let answers: NatsSubscription
    var book: LeaseBook
    var owned: [Int: Owned] = [:]
    private var nextBeat = 0
    private var reportsWait = false
    private var toldLate: Set<Int> = []
    private var toldDropped: Set<Int> = []
    private var toldUnreadable = false

    /// A partition that this instance works.
    final class Owned {
        var worker: PartitionWorker
        var feed: FindingFeed
        /// The state as it was stored last.
        var stored: PartitionState
        var revision: Int
        /// The one with which the partition was taken: it is in the subjects of its feed.
        let inboxRevision: Int
        /// Found, and not yet held by the stream of reports; what is worked is not stored
        /// before it is.
        var unpublished: [FleetFinding] = []
        /// A mark that has been put into the stream and has not come yet.
        var awaitedMark: Int?

        init(
            _ worker: consuming PartitionWorker, _ feed: FindingFeed, stored: PartitionState,
            revision: Int
        ) {
            self.worker = worker
            self.feed = feed
            self.stored = stored
            self.revision = revision
            inboxRevision = revision
        }
    }

    init(
        _ settings: FleetSettings, _ plan: CorrelationPlan, own: String,
        tell: @escaping (FleetEvent) -> Void, makeReport: @escaping ReportMaking
    ) throws(StreamError) {
        self.settings = settings
        self.plan = plan
        self.own = own
        self.tell = tell
        self.makeReport = makeReport
        connection = try NatsConnection(settings.nats)
        let findings = try connection.ensureStream(settings.findingStream)
        _ = try connection.ensureStream(settings.stateStream)
        registry = FleetRegistry(settings, own: own, connection)
        reports = StreamPublisher(settings.nats, stream: settings.reportStream)
        marks = StreamPublisher(settings.nats, stream: settings.findingStream)
        inbox = try connection.inbox()
        answers = try connection.subscribe("\(inbox).*")
        book = LeaseBook(own: own, leaseSeconds: settings.leaseSeconds)
        tell(.connected)
        tellForgetting(findings)
    }

    /// Says when the stream forgets findings before correlations do.
    private func tellForgetting(_ findings: StreamConfiguration) {
        let engine = CorrelationEngine(plan)
        let needed = Int(engine.frontier - engine.horizon) / 1_000 + settings.latenessSeconds
        let kept = findings.ageMax / 1_000_000_000
        if kept > 0, kept < needed {
            tell(.forgets(keptSeconds: kept, neededSeconds: needed))
        }
    }

    static var now: Int { Timestamp.now.milliseconds }
    /// A clock that never goes back.
    static var steadyNow: Int {
        Int(ProcessInfo.processInfo.systemUptime * 1_000)
    }

    /// Works until `isStopping` says so; then gives all partitions back.
    func run(until isStopping: () -> Bool) throws(StreamError) {
        while !isStopping() {
            let now = Self.steadyNow
            if now >= nextBeat {
                nextBeat = now + settings.leaseSeconds * 1_000 / 3
                try beat(now)
            }
            guard publishFound() else {
                // Nothing more is worked meanwhile, and what is worked is not stored.
                usleep(200_000)
                continue
            }
            try putMarks()
            let wait = max(1, min(250, nextBeat - Self.steadyNow))
            if let message = try answers.next(timeoutMilliseconds: wait) { try take(message) }
        }
        for partition in owned.keys { try giveBack(partition) }
        try registry.depart()
    }
}

/// Messages.
extension FleetSession {
    private func take(_ message: NatsMessage) throws(StreamError) {
        guard let partition = partition(of: message), let one = owned[partition],
            let item = try one.feed.take(message, now: Self.steadyNow)
        else { return }
        switch item {
        case .finding(let finding, let place):
            one.unpublished += one.worker.take(finding, at: place)
        case .mark(let mark, let place):
            one.unpublished += one.worker.take(mark: mark, at: place)
            one.awaitedMark = nil
        case .unreadable(let subject, let place):
            one.worker.skip(place)
            if !toldUnreadable { tell(.unreadable(subject: subject)) }
            toldUnreadable = true
        case .end:
            one.worker.finishRestoring()
        }
        if one.worker.lateCount > 0, toldLate.insert(partition).inserted {
            tell(.late(partition: partition))
        }
        if one.worker.droppedCount > 0, toldDropped.insert(partition).inserted {
            tell(.dropped(partition: partition))
        }
    }

    /// A message keeps its subject; a status comes on the subject that was asked on, whose last
    /// part is the partition and the revision with which it was taken.
    private func partition(of message: NatsMessage) -> Int? {
        guard message.status != nil else {
            let parts = message.subject.split(separator: ".")
            return parts.count > 1 ? Int(parts[parts.count - 2]) : nil
        }
        guard let numbers = message.subject.split(separator: ".").last?.split(separator: "-"),
            numbers.count == 2, let partition = Int(numbers[0]),
            owned[partition].map({ "\($0.inboxRevision)" == numbers[1] }) ?? false
        else { return nil }
        return partition
    }

    /// Publishes what was found; whether all of it is held.
    private func publishFound() -> Bool {
        guard owned.values.contains(where: { !$0.unpublished.isEmpty }) else { return true }
        let bytesMax: Int
        do throws(StreamError) { bytesMax = try reports.prepare() } catch {
            return wait(for: error)
        }
        for (partition, one) in owned where !one.unpublished.isEmpty {
            let made = one.unpublished.map { (found: $0, report: makeReport($0)) }
            let told = made.compactMap { pair in pair.report.map { (pair.found, $0) } }
            let result = reports.publish(
                told.map { message($0, $1, of: partition, bytesMax: bytesMax) })
            if let trouble = result.trouble { return wait(for: trouble) }
            one.unpublished = []
        }
        if reportsWait { tell(.reportsGo) }
        reportsWait = false
        return true
    }

    private func wait(for trouble: StreamError) -> Bool {
        if !reportsWait { tell(.reportsWait(reason: trouble.description)) }
        reportsWait = true
        return false
    }

    private func message(
        _ found: FleetFinding, _ report: Report, of partition: Int, bytesMax: Int
    ) -> StreamMessage {
        let mark = ReportMark(
            sequence: found.sequence, rule: found.finding.ruleID,
            group: found.finding.group.map(\.identityPart), end: Int(found.finding.windowEnd))
        return StreamMessage.of(
            report, subject: "\(settings.reportSubject(partition)).\(report.id)",
            bytesMax: bytesMax, headers: [ReportMark.header: mark.json])
    }

    /// Puts the time that has passed into the stream, where something waits for it.
    private func putMarks() throws(StreamError) {
        for (partition, one) in owned where one.awaitedMark == nil {
            guard let mark = one.worker.dueMark(now: Self.now) else { continue }
            let name = "\(FleetSettings.markPrefix)\(mark)"
            let result = marks.publish([
                StreamMessage(
                    subject: "\(settings.findingSubject(partition)).\(name)",
                    body: Array(#"{"mark_ms":\#(mark),"version":1}"#.utf8))
            ])
            if let trouble = result.trouble { throw trouble }
            one.awaitedMark = mark
        }
    }
}
