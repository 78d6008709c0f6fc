// SPDX-License-Identifier: Apache-2.0

/// A report as an OpenTelemetry log record, in the JSON form of OTLP's files
/// (opentelemetry.io, "OTLP file exporter": one `LogsData` a line).
package struct OTLPLog: Encodable {
    private struct Value: Encodable {
        var stringValue: String?
        /// 64-bit integers are texts in the JSON of protocol buffers.
        var intValue: String?
        var arrayValue: Values?
    }

    private struct Values: Encodable {
        var values: [Value]
    }

    private struct Attribute: Encodable {
        var key: String
        var value: Value
    }

    private struct LogRecord: Encodable {
        var timeUnixNano: String?
        var observedTimeUnixNano: String
        var severityNumber: Int
        var severityText: String
        var eventName: String
        var body: Value
        var attributes: [Attribute]
    }

    private struct Scope: Encodable {
        var name = "tocsin"
        var version: String
    }

    private struct ScopeLogs: Encodable {
        var scope: Scope
        var logRecords: [LogRecord]
    }

    private struct Resource: Encodable {
        var attributes: [Attribute]
    }

    private struct ResourceLogs: Encodable {
        var resource: Resource
        var scopeLogs: [ScopeLogs]
    }

    private let resourceLogs: [ResourceLogs]

    package init(_ queued: QueuedReport) {
        let report = queued.current
        let record = LogRecord(
            timeUnixNano: report.time.map { "\($0.milliseconds)000000" },
            observedTimeUnixNano: "\(report.detectedAt.milliseconds)000000",
            severityNumber: Self.severity(report.level), severityText: report.level.rawValue,
            eventName: "tocsin.\(report.kind.rawValue)", body: Value(stringValue: report.summary),
            attributes: Self.attributes(report, queued))
        let scope = ScopeLogs(scope: Scope(version: report.tocsin.version), logRecords: [record])
        let resource = Resource(attributes: [
            Attribute(key: "service.name", value: Value(stringValue: "tocsin")),
            Attribute(key: "host.name", value: Value(stringValue: report.host)),
        ])
        resourceLogs = [ResourceLogs(resource: resource, scopeLogs: [scope])]
    }

    /// INFO, INFO2, WARN, ERROR, FATAL (opentelemetry.io, "Logs data model").
    private static func severity(_ level: Report.Level) -> Int {
        switch level {
        case .informational: 9
        case .low: 10
        case .medium: 13
        case .high: 17
        case .critical: 21
        }
    }

    /// OpenTelemetry's names where it has one, and `tocsin.…` for the rest.
    private static func attributes(_ report: Report, _ queued: QueuedReport) -> [Attribute] {
        func text(_ key: String, _ value: String?) -> Attribute? {
            value.map { Attribute(key: key, value: Value(stringValue: $0)) }
        }
        func number(_ key: String, _ value: Int?) -> Attribute? {
            value.map { Attribute(key: key, value: Value(intValue: "\($0)")) }
        }
        let tags = report.rule.map { rule in
            Attribute(
                key: "tocsin.rule.tags",
                value: Value(
                    arrayValue: Values(values: rule.tags.map { Value(stringValue: $0) })))
        }
        return [
            text("tocsin.report.id", report.id), text("tocsin.event.id", report.event),
            text("tocsin.kind", report.kind.rawValue), text("tocsin.category", report.category),
            text("tocsin.rule.id", report.rule?.id), text("tocsin.rule.title", report.rule?.title),
            tags, text("gen_ai.request.model", report.model),
            text("gen_ai.conversation.id", report.conversation),
            text("gen_ai.response.id", report.recordID), text("user.id", report.actor),
            number("tocsin.turn.index", report.turn), text("tocsin.who", report.who?.rawValue),
            text("tocsin.field", report.field), text("tocsin.view", report.view),
            text("tocsin.outcome", report.outcome?.rawValue),
            text("tocsin.excerpt", report.excerpt?.text),
            text("log.file.path", report.position?.file),
            number("tocsin.position.offset", report.position?.offset),
            number("tocsin.position.line", report.position?.line),
            number("tocsin.gap.bytes", report.gap?.bytes),
            text("tocsin.gap.reason", report.gap?.reason),
            text("tocsin.alarm", report.alarm?.name.rawValue),
            number("tocsin.correlation.count", report.correlation?.count),
            text("tocsin.repeats.of", report.repeats?.of),
            number("tocsin.repeats.count", report.repeats?.count),
            text("tocsin.queue.state", queued.state.rawValue),
            text("tocsin.queue.verdict", queued.verdict?.rawValue),
            text("tocsin.ruleset", report.tocsin.rules),
        ].compactMap { $0 }
    }

    /// The record as one line of JSON.
    package var json: String { JSONDocument.certainLine(of: self) }
}
