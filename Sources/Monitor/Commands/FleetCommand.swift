// SPDX-License-Identifier: Apache-2.0
internal import Correlation
internal import Fleet
internal import Foundation
internal import Logging
internal import Reports
internal import Sigma

/// `tocsin fleet`: correlates the findings of all hosts, beside other instances.
package final class FleetCommand {
    private let configuration: FleetConfiguration
    private let logger: Logger

    /// Under whose name its reports are made.
    private static let host = "fleet"

    package init(_ configuration: FleetConfiguration) {
        self.configuration = configuration
        logger = Logger(label: "tocsin") { _ in LogOutput(level: .info) }
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Throws: ``SettingsError`` or ``RuleFaults``: why it cannot start.
    package func run() throws {
        let signals = TerminationSignals()
        let rules = try RuleSet(
            paths: configuration.rules, placeholders: configuration.placeholders)
        let worked = try FleetRules(rules)
        for warning in rules.warnings + worked.warnings { logger.warning("\(warning)") }
        let stopping = StopFlag()
        let logger = logger
        let settings = FleetSettings(
            configuration.stream.nats, stream: configuration.stream.stream,
            subject: configuration.stream.subject,
            latenessSeconds: configuration.latenessSeconds,
            leaseSeconds: configuration.leaseSeconds)
        let worker = WorkerThread("fleet") {
            FleetCommand.work(settings, rules, worked, until: stopping, logger)
        }
        logger.info("working \(worked.plan.rules.count) correlations over all hosts")
        ServiceManager.ready(status: "working \(worked.plan.rules.count) correlations")
        signals.wait { logger.warning("start it again to take new rules; SIGHUP does nothing") }
        ServiceManager.stopping()
        stopping.raise()
        worker.join()
    }

    private static func work(
        _ settings: FleetSettings, _ rules: RuleSet, _ worked: FleetRules,
        until stopping: StopFlag, _ logger: Logger
    ) {
        // Actors come as pseudonyms already: none is made here.
        let maker = ReportMaker(rules, .ephemeral(), .none, host: host)
        let instance = FleetInstance(settings, worked.plan) { event in
            logger.log(level: event.isTrouble ? .warning : .notice, "\(event.text)")
        } makeReport: { found in
            report(of: found, rules, worked, maker)
        }
        instance.run { stopping.wait(seconds: $0) }
    }

    /// The report of a finding: the same whoever makes it, and another than the one that a host
    /// may make of its own findings.
    private static func report(
        of found: FleetFinding, _ rules: RuleSet, _ worked: FleetRules, _ maker: ReportMaker
    ) -> Report? {
        guard !rules.correlations.isSilent(found.finding.ruleID),
            let index = rules.correlations.rules.firstIndex(where: { $0.id == found.finding.ruleID }
            )
        else { return nil }
        var finding = found.finding
        finding.rule = index
        var report = maker.report(of: finding, at: found.position, now: .now).report
        report.id = ReportIdentity.correlation([Self.host] + finding.identityParts)
        return report
    }
}

extension FleetEvent {
    /// Something is wrong, rather than mended.
    var isTrouble: Bool {
        switch self {
        case .disconnected, .reportsWait, .lost, .unreadable, .late, .dropped, .forgets: true
        case .connected, .works, .reportsGo: false
        }
    }

    /// One line: what is the matter, and what becomes of it.
    var text: String {
        switch self {
        case .disconnected(let reason): "\(reason); trying again"
        case .connected: "connected to the streams"
        case .works(let partitions):
            "working \(partitions.count) of \(PublishedFinding.partitionCount) partitions: "
                + partitions.map { "\($0)" }.joined(separator: " ")
        case .reportsWait(let reason): "\(reason); nothing more is worked until reports are taken"
        case .reportsGo: "reports are taken again"
        case .lost(let partition):
            "another instance works partition \(partition): this one was silent for longer than "
                + "lease_seconds"
        case .unreadable(let subject):
            "\(subject) is no finding of a version that this program reads; such are left out "
                + "(said once)"
        case .late(let partition):
            "partition \(partition): findings come later than lateness_seconds, so some "
                + "correlations may be missed (said once)"
        case .dropped(let partition):
            "partition \(partition) has more findings within the timespans than are held, and the "
                + "oldest are given up: some correlations may be missed (said once)"
        case .forgets(let kept, let needed):
            "the stream of findings keeps them for \(kept) s and the longest correlation looks back "
                + "for \(needed) s: what follows a takeover may be missed; raise its max-age"
        }
    }
}
