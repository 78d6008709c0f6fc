// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// One line of a screen.
struct TerminalLine: Equatable {
    /// How it stands out.
    enum Style {
        case plain, heading, bad, faint
    }

    var text: String
    var style = Style.plain

    init(_ text: String, _ style: Style = .plain) {
        self.text = text
        self.style = style
    }
}

extension String {
    /// The text as a terminal shows it in so many columns at most: control characters made visible,
    /// and cut with "…" where it is wider.
    func fitted(to columns: Int) -> String {
        let clean = printable(keepingNewlines: false)
        guard clean.columns > columns else { return clean }
        var kept = UnicodeScalarView()
        var width = 1
        for scalar in clean.unicodeScalars {
            width += scalar.columns
            if width > columns { break }
            kept.append(scalar)
        }
        return columns > 0 ? String(kept) + "…" : ""
    }

    /// How many columns it takes.
    var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }
}

extension Unicode.Scalar {
    /// 2 for what East Asian scripts and pictures take, 0 for marks on other characters.
    fileprivate var columns: Int {
        guard !isASCII else { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return Self.wide.contains { $0.contains(value) } ? 2 : 1
        }
    }

    /// Unicode's East Asian Width W and F (UAX #11), in whole blocks.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
        0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff,
        0x1f900...0x1f9ff, 0x20000...0x3fffd,
    ]
}
