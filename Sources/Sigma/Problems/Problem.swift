// SPDX-License-Identifier: Apache-2.0

/// Something that can be wrong in a rule file.
///
/// A problem's code, title and help stand together, so that they cannot drift apart; the files
/// `Problem+….swift` hold all that there are. Codes are stable and never used again: S00x the file,
/// S01x attributes, S02x and S10x selections, S03x conditions, S04x tests, S05x and S06x
/// correlations, S07x filters, S08x derived fields, S09x suppression, S11x
/// scores.
package struct Problem: Error, Equatable {
    package let code: String
    package let severity: Diagnostic.Severity
    package let title: String
    package let help: String

    init(
        _ code: String, _ severity: Diagnostic.Severity, _ title: String, help: String
    ) {
        self.code = code
        self.severity = severity
        self.title = title
        self.help = help
    }

    init(_ code: String, _ title: String, help: String) {
        self.init(code, .error, title, help: help)
    }

    /// Help that names the nearest of the known names, and all of them where they are few.
    static func suggestion(_ name: String, _ known: [String], none: String) -> String {
        guard !known.isEmpty else { return none }
        let shown = known.prefix(40).joined(separator: ", ")
        let list = known.count > 40 ? "\(shown), …" : shown
        guard let nearest = nearestName(to: name, in: known) else { return "give one of: \(list)" }
        return "did you mean `\(nearest)`? There are: \(list)"
    }
}

extension String {
    /// At most 60 characters of it, without line ends.
    var shortened: String {
        let line = split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count <= 60 ? line : "\(line.prefix(57))…"
    }
}
