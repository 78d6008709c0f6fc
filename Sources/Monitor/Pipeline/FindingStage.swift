// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Correlation
internal import Detection
internal import LogTail
internal import Logging
internal import Reports
internal import Sigma

/// Decides what becomes of findings: a report, a repeat of one, or nothing but an event that
/// correlations look at; and reports what these come to.
///
///     finding ─┬─ only for correlations? ─────────────────────────────────────► stored
///              ├─ suppressed? ──► a repeat, stored ─ (window closes) ─► summary report
///              └─ report
///     stored findings ─► correlations ─ (watermark) ─► correlation reports
///
/// All that it must know again after a restart is in the memory that it gives with the reports.
final class FindingStage {
    private var rules: RuleSet
    private var maker: ReportMaker
    private let capturer: FieldCapturer
    private let pseudonym: Pseudonym
    private let evidence: EvidencePolicy
    private let floodLimit: Int
    private let logger: Logger
    private var engine: CorrelationEngine
    private var suppression: SuppressionLog
    private var watermark: Watermark
    /// Where the events lie that correlations may still name.
    private var positions = EventPositions()
    private var toldDropped = false

    init(
        _ rules: RuleSet, _ pseudonym: Pseudonym, _ settings: EvaluationSettings, logger: Logger
    ) {
        self.rules = rules
        self.pseudonym = pseudonym
        self.logger = logger
        floodLimit = settings.floodLimit
        evidence = settings.evidence
        maker = ReportMaker(rules, pseudonym, settings.evidence)
        capturer = FieldCapturer(pseudonym)
        engine = CorrelationEngine(rules.correlations)
        suppression = SuppressionLog(rules, floodLimit: settings.floodLimit)
        watermark = Watermark(latenessSeconds: settings.latenessSeconds)
    }

    /// After how many seconds time is to pass though nothing is read; nil while nothing waits.
    var waitSeconds: Double? {
        if engine.waitsForTime { return 0.25 }
        return suppression.hasOpenWindows ? 10 : nil
    }

    func report(of gap: CoverageGap) -> PendingReport { maker.report(of: gap, now: .now) }

    /// Notes how far a stream's events have come.
    ///
    /// - Parameter isBehind: There is more of it to read: others wait for what it may hold.
    func observe(stream: UInt64, latestMilliseconds: Int64?, isBehind: Bool, now: Int64) {
        let name = "\(stream)"
        _ = watermark.observe(stream: name, eventTime: latestMilliseconds, now: now)
        if isBehind {
            watermark.markBehind(stream: name)
        } else {
            watermark.markAtRest(stream: name)
        }
    }

    /// Nothing more is to come of a stream for now: others need not wait for it.
    func rest(stream: UInt64) { watermark.markAtRest(stream: "\(stream)") }

    /// Takes a finding: what comes of it goes into the item.
    func take(
        _ finding: Finding, from source: StreamNumbers.Source, now: Int64,
        into item: inout EvaluatedItem
    ) {
        let rule = rules.plan.rules[finding.rule]
        // In the monitor's own log its own rule counts and no other, and there alone.
        guard source.isCanary == (rule.id == Report.Rule.canaryID) else { return }
        let event = maker.event(of: finding, in: source)
        let time = Watermark.time(of: finding.timeMilliseconds, now: now)
        let position = maker.position(of: finding, in: source)
        if source.isCanary {
            item.reports.append(maker.canary(of: finding, event: event, at: position, now: .now))
            return
        }
        let isCorrelated = rules.correlations.capturedFields(ofRule: rule.id) != nil
        var stored = StoredFinding(
            rule: rule.id, event: event, timeMilliseconds: Int(time),
            fields: isCorrelated || rule.suppression != nil
                ? capturer.fields(of: finding).map(StoredFinding.Field.init) : [],
            position: position)
        if isCorrelated {
            engine.add(CorrelationEvent(stored))
            positions.add(event, time: time, position)
        }
        if !rules.correlations.isSilent(rule.id),
            suppression.decide(ruleIndex: finding.rule, &stored)
        {
            item.reports.append(
                maker.report(of: finding, event: event, at: position, now: .now))
        }
        if isCorrelated || stored.decision != nil { item.memory.findings.append(stored) }
    }

    /// Works what waits up to the time that has probably been seen.
    func advance(now: Int64, into item: inout EvaluatedItem) {
        guard let mark = watermark.milliseconds(now: now) else { return }
        advance(to: mark, into: &item)
    }

    /// Works all that waits, at the end of a scan.
    func flush(into item: inout EvaluatedItem) {
        report(engine.flush(observedTo: watermark.newest), into: &item)
        summarise(upTo: .max, into: &item)
    }

    private func advance(to mark: Int64, into item: inout EvaluatedItem) {
        guard waitSeconds != nil, mark > engine.frontier else { return }
        report(engine.advance(to: mark), into: &item)
        summarise(upTo: mark, into: &item)
        item.memory.correlatedTo = Int(mark)
        let horizon = min(engine.horizon, suppression.horizon(at: mark))
        item.memory.horizon = Int(horizon)
        positions.prune(before: horizon)
        tellDropped()
    }

    private func report(_ findings: [CorrelationFinding], into item: inout EvaluatedItem) {
        for finding in findings {
            guard let last = finding.evidence.last, let position = positions[last] else { continue }
            let pending = maker.report(of: finding, at: position, now: .now)
            item.memory.correlations.append(StoredCorrelation(finding.reported))
            let rule = rules.correlations.rules[finding.rule]
            var stored = StoredFinding(
                rule: rule.id, event: pending.report.id,
                timeMilliseconds: Int(finding.windowEnd),
                fields: zip(rule.groupBy, finding.group).map {
                    StoredFinding.Field(name: $0, value: StoredFinding.Value($1))
                }, position: position)
            let index = rules.plan.rules.count + finding.rule
            if suppression.decide(ruleIndex: index, &stored) { item.reports.append(pending) }
            if stored.decision != nil { item.memory.findings.append(stored) }
        }
    }

    private func summarise(upTo mark: Int64, into item: inout EvaluatedItem) {
        for closed in suppression.closedWindows(upTo: mark) {
            item.reports.append(
                maker.report(
                    ofRepeats: closed.summary, ruleID: closed.ruleID, at: closed.position,
                    now: .now))
        }
    }

    /// Knows again what was stored.
    func restore(_ memory: EvaluationMemory) {
        let mark = Int64(memory.correlatedTo ?? Int(engine.frontier))
        for finding in memory.findings {
            positions.add(finding.event, time: Int64(finding.timeMilliseconds), finding.position)
        }
        engine.restore(
            events: memory.findings.map(CorrelationEvent.init),
            reported: memory.correlations.map(ReportedCorrelation.init), processedUpTo: mark)
        suppression.restore(memory.findings, closedUpTo: mark)
    }

    /// Goes on under other rules with what is known.
    func replace(_ rules: RuleSet) {
        self.rules = rules
        maker = ReportMaker(rules, pseudonym, evidence)
        engine.replace(rules.correlations)
        suppression.replace(rules, floodLimit: floodLimit, closedUpTo: engine.frontier)
    }

    /// Says once that a bound was reached, so that no correlation is missed in silence.
    private func tellDropped() {
        guard !toldDropped, engine.counts.dropped > 0 else { return }
        toldDropped = true
        logger.warning(
            """
            correlations hold more than fits their bounds, and the oldest of it is dropped: some \
            may be missed; shorten timespans or make the rules that they look at more precise \
            (said once)
            """)
    }
}

extension StoredFinding.Value {
    fileprivate init(_ value: CapturedValue) {
        switch value {
        case .text(let text): self = .text(text)
        case .number(let number): self = .number(number)
        }
    }
}

extension StoredFinding.Field {
    fileprivate init(_ field: CapturedField) {
        self.init(name: field.name, value: StoredFinding.Value(field.value))
    }
}

extension CapturedValue {
    fileprivate init(_ value: StoredFinding.Value) {
        switch value {
        case .text(let text): self = .text(text)
        case .number(let number): self = .number(number)
        }
    }
}

extension CorrelationEvent {
    fileprivate init(_ finding: StoredFinding) {
        self.init(
            rule: finding.rule, identity: finding.event,
            timeMilliseconds: Int64(finding.timeMilliseconds),
            fields: finding.fields.map {
                CapturedField(name: $0.name, value: CapturedValue($0.value))
            })
    }
}

extension StoredCorrelation {
    fileprivate init(_ reported: ReportedCorrelation) {
        self.init(
            rule: reported.rule, group: reported.group.map(StoredFinding.Value.init),
            endMilliseconds: Int(reported.timeMilliseconds))
    }
}

extension ReportedCorrelation {
    fileprivate init(_ stored: StoredCorrelation) {
        self.init(
            rule: stored.rule, group: stored.group.map(CapturedValue.init),
            timeMilliseconds: Int64(stored.endMilliseconds))
    }
}
