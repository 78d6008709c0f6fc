// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Foundation
internal import Reports

/// Puts together how the monitor is doing, from its threads' board and its store.
struct StatusReader: Sendable {
    let store: ReportStore
    let board: StatusBoard
    let retention: RetentionLimits
    let debts: Debts
    /// The folder of the monitor's own log, which is not told of as a log.
    let canaryFolder: String?
    let canary: CanarySettings?
    let recent = RecentReports()

    /// - Throws: ``StoreError``.
    func status() throws -> MonitorStatus {
        let snapshot = board.snapshot
        let counts = try store.queueCounts()
        let rate = snapshot.rate.perSecond(at: Timestamp.now.milliseconds / 1000)
        return MonitorStatus(
            tocsin: tocsinVersion, host: Host.name, process: Int(getpid()),
            startedAt: snapshot.startedAt, rules: MonitorStatus.Rules(snapshot),
            streams: Self.coverage(
                try store.streamStatus().filter {
                    !CanaryLog.isFile($0.checkpoint.file.path, in: canaryFolder)
                }),
            queue: MonitorStatus.Queue(
                ready: counts.ready, claimed: counts.claimed, dead: counts.dead,
                acknowledged: counts.acknowledged, dropped: counts.dropped,
                levels: MonitorStatus.Levels(try store.openLevels()),
                usedBytes: try store.usedBytes(), limitBytes: retention.sizeBytes),
            deliveries: try deliveries(),
            work: MonitorStatus.Work(
                records: snapshot.records, malformed: snapshot.malformed,
                decompressedBytes: snapshot.decompressedBytes, reports: snapshot.reports,
                recordsPerSecond: rate.records, bytesPerSecond: rate.bytes),
            lastAlert: MonitorStatus.Alert(snapshot),
            recent: try recent.alerts(of: store),
            canary: canary.map { MonitorStatus.Canary($0, snapshot) },
            troubles: StatusBoard.Trouble.allCases.compactMap { trouble in
                snapshot.troubles[trouble].map {
                    MonitorStatus.Trouble(about: trouble.rawValue, message: $0)
                }
            })
    }

    /// What is owed to each sink, and of bare findings to the stream.
    private func deliveries() throws(StoreError) -> [MonitorStatus.Delivery] {
        var deliveries: [MonitorStatus.Delivery] = []
        for sink in debts.sinks {
            let counts = try store.deliveryCounts(sink: sink)
            deliveries.append(
                MonitorStatus.Delivery(sink: sink, pending: counts.pending, sent: counts.sent))
        }
        if debts.findingsOf != nil {
            deliveries.append(
                MonitorStatus.Delivery(
                    sink: MonitorStatus.Delivery.findings,
                    pending: try store.pendingFindingCount(), sent: 0))
        }
        return deliveries
    }

    /// The stored figures, with the size that each file has now.
    ///
    /// Of several streams that were last read under one name, only the newest can be what the
    /// name leads to.
    private static func coverage(_ stored: [StreamStatus]) -> [MonitorStatus.Stream] {
        var newest: [String: Int] = [:]
        for (index, status) in stored.enumerated() {
            let path = status.checkpoint.file.path
            if let other = newest[path], stored[other].updatedAt >= status.updatedAt { continue }
            newest[path] = index
        }
        return stored.enumerated().map { index, status in
            let file = status.checkpoint.file
            let size = newest[file.path] == index ? FileSize.of(file.path) : nil
            return MonitorStatus.Stream(status, sizeBytes: max(size ?? 0, file.sizeBytes))
        }
    }
}

extension MonitorStatus.Stream {
    fileprivate init(_ status: StreamStatus, sizeBytes: Int) {
        let point = status.checkpoint
        let lag = status.goneSince == nil ? max(0, sizeBytes - point.file.readBytes) : 0
        self.init(
            stream: point.stream.text, file: point.file.path,
            state: status.goneSince != nil ? .gone : lag > 0 ? .behind : .live,
            compressedBytes: point.file.readBytes, decompressedBytes: point.offset,
            lagBytes: lag, records: status.counts.records, malformed: status.counts.malformed,
            gaps: status.gaps, lostBytes: status.lostBytes, updatedAt: status.updatedAt,
            goneSince: status.goneSince)
    }
}

extension MonitorStatus.Rules {
    init(_ snapshot: StatusBoard.Snapshot) {
        self.init(
            digest: snapshot.rulesDigest, summary: snapshot.rulesSummary,
            loadedAt: snapshot.rulesLoadedAt)
    }
}

extension MonitorStatus.Alert {
    fileprivate init?(_ snapshot: StatusBoard.Snapshot) {
        guard let report = snapshot.lastReport, let at = snapshot.lastReportAt else { return nil }
        self.init(
            id: report.id, level: report.level.rawValue, summary: report.summary, at: at)
    }
}

extension MonitorStatus.Canary {
    fileprivate init(_ settings: CanarySettings, _ snapshot: StatusBoard.Snapshot) {
        let canary = snapshot.canary
        self.init(
            everySeconds: settings.everySeconds, withinSeconds: settings.withinSeconds,
            writtenAt: canary.writtenAt, seenAt: canary.seenAt,
            latencySeconds: canary.seenAt.map { _ in canary.latencySeconds },
            isMissed: snapshot.troubles[.canary] != nil)
    }
}

extension MonitorStatus.Levels {
    fileprivate init(_ counts: [Report.Level: Int]) {
        self.init(
            informational: counts[.informational] ?? 0, low: counts[.low] ?? 0,
            medium: counts[.medium] ?? 0, high: counts[.high] ?? 0,
            critical: counts[.critical] ?? 0)
    }
}
