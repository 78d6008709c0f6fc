// SPDX-License-Identifier: Apache-2.0

/// How often the monitor tries whether a record still comes through it.
package struct CanarySettings: Sendable, Equatable {
    /// Between two of its own records.
    package var everySeconds = 300
    /// How long the report of one may take into the queue and into the journal.
    package var withinSeconds = 120

    package init() {}

    static let keys = ["every_seconds", "within_seconds"]

    /// The mapping under `canary`; nil where it is switched off.
    static func read(_ yaml: StrictYAML) throws(SettingsError) -> CanarySettings? {
        var settings = CanarySettings()
        guard let yaml = try yaml.mapping("canary", keys: keys) else { return settings }
        if let seconds = try yaml.integer("every_seconds", in: 0...86_400) {
            settings.everySeconds = seconds
        }
        if let seconds = try yaml.integer("within_seconds", in: 1...3_600) {
            settings.withinSeconds = seconds
        }
        return settings.everySeconds == 0 ? nil : settings
    }
}
