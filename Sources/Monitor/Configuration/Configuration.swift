// SPDX-License-Identifier: Apache-2.0
package import Decompression
package import Reports
internal import TextViews

/// What the operator sets, from the file given to `tocsin run --config`.
package struct Configuration: Sendable {
    /// Shell patterns of the logs.
    package var logs: [String]
    /// Rule files, or folders of them, of which the first override the others.
    package var rules: [String]
    /// The folder of the report store.
    package var state: String
    package var evaluation = EvaluationSettings()
    package var inflater = Inflater.isal
    /// How long a stream is remembered that no file holds any more.
    package var forgetDays = Configuration.usualForgetDays
    /// Values of the placeholders that rules write as `%name%` with `|expand`.
    package var placeholders: [String: [String]] = [:]

    /// Where the control socket is.
    package var socket = "/run/tocsin/control"
    /// Members of these groups may work the queue, and see to the monitor.
    package var responderGroup = "tocsin-responders"
    package var operatorGroup = "tocsin-operators"
    package var retention = RetentionLimits()
    package var alarms = AlarmLimits()
    /// How the monitor tries itself; nil: not.
    package var canary: CanarySettings?
    /// Where the figures are written for node_exporter, if anywhere.
    package var metricsFile: String?
    /// Where reports go beyond this host.
    package var stream: StreamSettings?

    /// The configuration where no one names another.
    package static let usualPath = "/etc/tocsin/tocsin.yaml"
    package static let usualForgetDays = 14
    static let keys = [
        "logs", "rules", "state", "shape", "views", "inflater", "evidence", "excerpt_bytes",
        "recipients", "forget_days", "lateness_seconds", "flood_limit", "placeholders", "socket",
        "responder_group", "operator_group", "retention_days", "queue_limit_megabytes",
        "alarms", "canary", "metrics_file", "nats",
    ]

    /// Reads the file at `path`; relative paths in it start at its folder.
    ///
    /// - Throws: ``SettingsError`` that names the file, the place and the remedy.
    package init(path: String) throws(SettingsError) {
        try self.init(file: path, text: TextFile.read(path))
    }

    /// Reads a file's text.
    init(file path: String, text: String) throws(SettingsError) {
        let yaml = try StrictYAML(file: path, text: text, keys: Self.keys)
        let folder = Path.folder(of: path)
        func paths(_ key: String) throws(SettingsError) -> [String] {
            try yaml.strings(key).map { Path.absolute($0, from: folder) }
        }
        logs = try paths("logs")
        guard !logs.isEmpty else {
            throw SettingsError(
                "\(path): the key `logs` is missing; see `logs: [/var/log/inference/*.jsonl*]`")
        }
        let named = try paths("rules")
        rules = named.isEmpty ? RuleFiles.usualFolders : named
        state = try paths("state").first ?? StateFolder.usual
        if let shape = try yaml.string("shape") {
            evaluation.shape = try ShapeFile.shape(named: shape, from: folder)
        }
        if let name = try yaml.string("inflater") {
            guard let known = Inflater(rawValue: name) else {
                throw yaml.error("inflater", "expected isal or zlib")
            }
            inflater = known
        }
        evaluation.evidence = try Self.evidence(yaml, from: folder)
        if let days = try yaml.integer("forget_days", in: 1...3650) { forgetDays = days }
        let views = try yaml.strings("views")
        if !views.isEmpty {
            evaluation.views = try ViewSet(names: views) { yaml.error("views", $0) }
        }
        if let seconds = try yaml.integer("lateness_seconds", in: 0...86_400) {
            evaluation.latenessSeconds = seconds
        }
        if let limit = try yaml.integer("flood_limit", in: 0...1_000_000) {
            evaluation.floodLimit = limit
        }
        placeholders = try yaml.lists("placeholders")
        if let path = try yaml.string("socket") { socket = Path.absolute(path, from: folder) }
        if let name = try yaml.string("responder_group") { responderGroup = name }
        if let name = try yaml.string("operator_group") { operatorGroup = name }
        if let days = try yaml.integer("retention_days", in: 1...3650) {
            retention.retentionDays = days
        }
        if let megabytes = try yaml.integer("queue_limit_megabytes", in: 16...1_000_000) {
            retention.sizeBytes = megabytes << 20
        }
        if let alarms = try yaml.mapping("alarms", keys: Self.alarmKeys) {
            try readAlarms(alarms)
        }
        canary = try CanarySettings.read(yaml)
        if canary != nil { evaluation.canaryFolder = CanaryLog.folder(in: state) }
        metricsFile = try paths("metrics_file").first
        if let metricsFile, !metricsFile.hasSuffix(".prom") {
            throw yaml.error("metrics_file", "node_exporter reads names that end in .prom alone")
        }
        stream = try StreamSettings(in: yaml, folder: folder)
    }

    private static let alarmKeys = ["lag_megabytes", "malformed_percent", "silent_minutes"]

    private mutating func readAlarms(_ yaml: StrictYAML) throws(SettingsError) {
        if let megabytes = try yaml.integer("lag_megabytes", in: 1...1_000_000) {
            alarms.lagBytes = megabytes << 20
        }
        if let percent = try yaml.integer("malformed_percent", in: 0...100) {
            alarms.malformedPercent = percent
        }
        if let minutes = try yaml.integer("silent_minutes", in: 0...525_600) {
            alarms.silentMinutes = minutes
        }
    }
}
