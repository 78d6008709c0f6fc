// SPDX-License-Identifier: Apache-2.0

/// What the operator sets, from the file given to `tocsin fleet --config`.
package struct FleetConfiguration: Sendable {
    package var stream: StreamSettings
    /// Rule files, or folders of them: those of the hosts.
    package var rules: [String]
    package var latenessSeconds = 60
    package var leaseSeconds = 15
    package var placeholders: [String: [String]]

    private static let keys = [
        "nats", "rules", "lateness_seconds", "lease_seconds", "placeholders",
    ]

    /// Reads the file at `path`; relative paths in it start at its folder.
    ///
    /// - Throws: ``SettingsError`` that names the file, the place and the remedy.
    package init(path: String) throws(SettingsError) {
        let yaml = try StrictYAML(file: path, text: try TextFile.read(path), keys: Self.keys)
        let folder = Path.folder(of: path)
        guard let stream = try StreamSettings(in: yaml, folder: folder, mayFindings: false) else {
            throw SettingsError(
                "\(path): the key `nats` is missing; see `nats: {url: nats://host:4222}`")
        }
        self.stream = stream
        rules = try yaml.strings("rules").map { Path.absolute($0, from: folder) }
        guard !rules.isEmpty else {
            throw SettingsError(
                "\(path): the key `rules` is missing; see `rules: /usr/share/tocsin/rules`")
        }
        if let seconds = try yaml.integer("lateness_seconds", in: 0...86_400) {
            latenessSeconds = seconds
        }
        if let seconds = try yaml.integer("lease_seconds", in: 1...3_600) {
            leaseSeconds = seconds
        }
        placeholders = try yaml.lists("placeholders")
    }
}
