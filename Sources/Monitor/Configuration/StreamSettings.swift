// SPDX-License-Identifier: Apache-2.0
package import JetStream

/// The section `nats:` of a settings file: where reports go beyond this host.
package struct StreamSettings: Sendable, Equatable {
    package var nats: NatsSettings
    /// The stream of the reports; that of the findings has `-findings` after it.
    package var stream = "tocsin"
    /// What all subjects begin with.
    package var subject = "tocsin"
    /// Findings are published too, bare of all text.
    package var publishesFindings = false

    private static let keys = [
        "url", "ca", "certificate", "key", "credentials", "stream", "subject", "findings",
    ]

    /// Reads the section; nil when there is none.
    ///
    /// - Parameters:
    ///   - folder: Where relative paths start.
    ///   - mayFindings: Whether `findings` may be set.
    init?(
        in yaml: StrictYAML, folder: String, mayFindings: Bool = true
    ) throws(SettingsError) {
        let keys = Self.keys.filter { mayFindings || $0 != "findings" }
        guard let section = try yaml.mapping("nats", keys: keys) else { return nil }
        func path(_ key: String) throws(SettingsError) -> String? {
            try section.string(key).map { Path.absolute($0, from: folder) }
        }
        let urls = try section.strings("url")
        guard !urls.isEmpty else {
            throw yaml.error("nats", "the key `url` is missing, as in `url: nats://host:4222`")
        }
        for url in urls {
            guard url.hasPrefix("nats://") || url.hasPrefix("tls://") else {
                throw section.error("url", "expected nats://HOST:PORT or tls://HOST:PORT")
            }
            guard !url.contains("@") else {
                throw section.error(
                    "url", "no user and password here; name a file of them under `credentials`")
            }
        }
        nats = NatsSettings(
            urls: urls, ca: try path("ca"), certificate: try path("certificate"),
            key: try path("key"), credentials: try path("credentials"))
        guard (nats.certificate == nil) == (nats.key == nil) else {
            throw yaml.error("nats", "`certificate` and `key` are needed together")
        }
        if let name = try section.string("stream") {
            guard Self.isName(name) else {
                throw section.error("stream", "expected letters, digits, - and _")
            }
            stream = name
        }
        if let name = try section.string("subject") {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.allSatisfy({ Self.isName(String($0)) }) else {
                throw section.error(
                    "subject", "expected letters, digits, - and _, in parts with dots between")
            }
            subject = name
        }
        if mayFindings { publishesFindings = try section.boolean("findings") ?? false }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                    || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x5F
            }
    }
}
