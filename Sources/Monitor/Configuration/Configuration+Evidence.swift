// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// The keys that say what reports may carry of conversations.
extension Configuration {
    private static let usualExcerptBytes = 160

    static func evidence(
        _ yaml: StrictYAML, from folder: String
    ) throws(SettingsError) -> EvidencePolicy {
        let bytes = try yaml.integer("excerpt_bytes", in: 0...1024)
        let recipients = try yaml.strings("recipients")
        let policy = try yaml.string("evidence") ?? "excerpt"
        if policy != "sealed", !recipients.isEmpty {
            throw yaml.error("recipients", "only `evidence: sealed` has recipients")
        }
        if policy != "excerpt", bytes != nil {
            throw yaml.error("excerpt_bytes", "only `evidence: excerpt` has a number of bytes")
        }
        switch policy {
        case "none": return .none
        case "excerpt": return bytes == 0 ? .none : .excerpt(bytes: bytes ?? usualExcerptBytes)
        case "sealed":
            guard !recipients.isEmpty else {
                throw yaml.error(
                    "evidence",
                    "`sealed` needs `recipients:`, a list of public keys or of files with one; "
                        + "`tocsin evidence keygen` makes a pair of keys")
            }
            var keys: [EvidenceRecipient] = []
            for text in recipients { keys.append(try recipient(text, yaml, from: folder)) }
            return .sealed(to: keys)
        default: throw yaml.error("evidence", "expected none, excerpt or sealed")
        }
    }

    /// A public key, or the name of a file that holds one.
    private static func recipient(
        _ text: String, _ yaml: StrictYAML, from folder: String
    ) throws(SettingsError) -> EvidenceRecipient {
        let isKey = text.hasPrefix("tocsin-evidence-")
        let key = isKey ? text : try TextFile.read(Path.absolute(text, from: folder))
        do throws(EvidenceKeyError) {
            return try EvidenceRecipient(key)
        } catch {
            throw yaml.error("recipients", isKey ? "\(error)" : "\(text): \(error)")
        }
    }
}
