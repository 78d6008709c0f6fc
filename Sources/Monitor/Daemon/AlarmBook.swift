// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Logging
internal import Reports

/// When the monitor calls for somebody's attention to itself.
package struct AlarmLimits: Sendable, Equatable {
    /// Bytes of one log that may wait to be read, for a minute.
    package var lagBytes = 256 << 20
    /// Records of a log, of a hundred, that may be of no known shape.
    package var malformedPercent = 5
    /// How long nothing may be written to any log of a pattern; 0: for ever.
    package var silentMinutes = 0

    package init() {}
}

/// Raises an alarm when one of the limits is passed, once until it holds again.
///
///     held ── passed, long enough ──► raised (a report) ── holds again ──► held (a line in the log)
struct AlarmBook {
    /// One thing that can be the matter.
    private struct Subject: Hashable {
        let name: Report.Alarm.Name
        let subject: String?
    }

    /// A limit that is passed.
    private struct Passed {
        let level: Report.Level
        let message: String
        /// For how long before it is worth an alarm.
        var graceSeconds = 0
    }

    /// A stream's counts at an earlier look.
    private struct Sample {
        let records: Int
        let malformed: Int
    }

    /// A rate is told of so many records at least.
    private static let leastRecords = 100

    private let limits: AlarmLimits
    private let patterns: [String]
    private let logger: Logger
    private let raise: (Report) throws -> Void
    private var passedSince: [Subject: Timestamp] = [:]
    private var raised: Set<Subject> = []
    private var samples: [String: Sample] = [:]
    /// Of streams, the share of malformed records of the last full sample.
    private var malformedPercents: [String: Int] = [:]

    /// - Parameters:
    ///   - patterns: Of the watched logs.
    ///   - raise: Stores an alarm's report.
    init(
        _ limits: AlarmLimits, patterns: [String], logger: Logger,
        raise: @escaping (Report) throws -> Void
    ) {
        self.limits = limits
        self.patterns = patterns
        self.logger = logger
        self.raise = raise
    }

    /// Compares the status with the limits, and raises what is new.
    ///
    /// - Throws: What `raise` throws; the alarm is raised at the next look then.
    mutating func look(at status: MonitorStatus, now: Timestamp) throws {
        let passed = passedLimits(status, now)
        for subject in Array(passedSince.keys) where passed[subject] == nil {
            passedSince[subject] = nil
            if raised.remove(subject) != nil {
                let about = subject.subject.map { " of \($0)" } ?? ""
                logger.notice("the alarm \(subject.name.rawValue)\(about) is over")
            }
        }
        for (subject, fault) in passed {
            let since = passedSince[subject] ?? now
            passedSince[subject] = since
            guard !raised.contains(subject),
                now.milliseconds - since.milliseconds >= fault.graceSeconds * 1000
            else { continue }
            try raise(report(subject, fault, since: since, status, now))
            raised.insert(subject)
            logger.warning("\(fault.message)")
        }
    }

    private func report(
        _ subject: Subject, _ fault: Passed, since: Timestamp, _ status: MonitorStatus,
        _ now: Timestamp
    ) -> Report {
        Report(
            alarm: Report.Alarm(
                name: subject.name, subject: subject.subject, message: fault.message),
            level: fault.level, since: since, host: status.host,
            tocsin: Report.Origin(version: status.tocsin, rules: status.rules.digest),
            detectedAt: now)
    }

    private mutating func passedLimits(
        _ status: MonitorStatus, _ now: Timestamp
    ) -> [Subject: Passed] {
        sample(status.streams)
        var passed: [Subject: Passed] = [:]
        for stream in status.streams {
            if stream.lagBytes > limits.lagBytes {
                passed[Subject(name: .lagOverLimit, subject: stream.file)] = lag(stream)
            }
            if let percent = malformedPercents[stream.stream], percent > limits.malformedPercent {
                passed[Subject(name: .malformedOverLimit, subject: stream.file)] = Passed(
                    level: .medium,
                    message: "\(percent) % of the records of \(stream.file) are of no known shape "
                        + "and are searched as raw text; set `shape:` to what this log is")
            }
        }
        for pattern in silentPatterns(status.streams, now) {
            passed[Subject(name: .logSilent, subject: pattern)] = Passed(
                level: .medium,
                message: "nothing was written to \(pattern) for \(limits.silentMinutes) minutes; "
                    + "see whether the inference server still logs there")
        }
        for trouble in status.troubles where trouble.about == StatusBoard.Trouble.rules.rawValue {
            passed[Subject(name: .reloadFailed, subject: nil)] = Passed(
                level: .high,
                message: "the rules on disk cannot be loaded, and those of before are evaluated; "
                    + "run `tocsin rules check` and reload")
        }
        let queue = status.queue
        if queue.usedBytes > RetentionLimits(sizeBytes: queue.limitBytes).alarmBytes {
            passed[Subject(name: .queueNearLimit, subject: nil)] = Passed(
                level: .high, message: Self.nearLimit(status))
        }
        return passed
    }

    /// What fills the store, and what to do about it.
    private static func nearLimit(_ status: MonitorStatus) -> String {
        let queue = status.queue
        let open = queue.ready + queue.claimed + queue.dead
        let findings = status.deliveries.first { $0.sink == MonitorStatus.Delivery.findings }
        var causes = "\(open) reports that nobody acknowledged"
        var remedy = "acknowledge them"
        if let count = findings?.pending, count > 0 {
            causes += " and \(count) findings that the stream has not taken"
            remedy += ", see in `tocsin status` why the stream is away,"
        }
        return "the store holds \(queue.usedBytes >> 20) MiB of \(queue.limitBytes >> 20), with "
            + "\(causes), which are never dropped; \(remedy) or raise `queue_limit_megabytes`"
    }

    private func lag(_ stream: MonitorStatus.Stream) -> Passed {
        Passed(
            level: .high,
            message: "\(stream.lagBytes >> 20) MiB of \(stream.file) wait to be read, for a minute "
                + "or longer; give the monitor more processor time, or see `tocsin status` for "
                + "what holds it up", graceSeconds: 60)
    }

    /// Notes each stream's share of malformed records over its last hundred or more.
    private mutating func sample(_ streams: [MonitorStatus.Stream]) {
        var kept: [String: Sample] = [:]
        var percents: [String: Int] = [:]
        for stream in streams {
            let now = Sample(records: stream.records, malformed: stream.malformed)
            let before = samples[stream.stream] ?? Sample(records: 0, malformed: 0)
            let records = now.records - before.records
            if records >= Self.leastRecords {
                percents[stream.stream] = (now.malformed - before.malformed) * 100 / records
                kept[stream.stream] = now
            } else {
                percents[stream.stream] = malformedPercents[stream.stream]
                kept[stream.stream] = before
            }
        }
        samples = kept
        malformedPercents = percents
    }

    /// The patterns of which some log was read, and none has grown for too long.
    private func silentPatterns(_ streams: [MonitorStatus.Stream], _ now: Timestamp) -> [String] {
        guard limits.silentMinutes > 0 else { return [] }
        return patterns.filter { pattern in
            let updates = streams.filter { unsafe fnmatch(pattern, $0.file, FNM_PATHNAME) == 0 }
                .map(\.updatedAt.milliseconds)
            guard let last = updates.max() else { return false }
            return now.milliseconds - last > limits.silentMinutes * 60_000
        }
    }
}

extension Report {
    /// What the monitor says of itself.
    ///
    /// - Parameter since: When what it is about began.
    init(
        alarm: Alarm, level: Level, since: Timestamp, host: String, tocsin: Origin,
        detectedAt: Timestamp = .now
    ) {
        self.init(
            id: ReportIdentity.alarm(
                alarm.name, subject: alarm.subject, host: host, since: since),
            kind: .alarm, detectedAt: detectedAt, host: host, rule: nil, level: level,
            position: nil, tocsin: tocsin)
        time = since
        self.alarm = alarm
    }
}
