// SPDX-License-Identifier: Apache-2.0

/// In which form of a text something stands.
package enum View: Hashable, Sendable {
    /// As it was written.
    case written
    /// Characters that look alike, or like nothing, are ASCII, or gone.
    case folded
    /// Letters that stood apart, or that other signs stood for, make words.
    case joined
    /// What an encoding hid; of encodings in one another, the outermost.
    case decoded(Encoding)

    /// How reports call it.
    package var name: String {
        switch self {
        case .written: "written"
        case .folded: "folded"
        case .joined: "joined"
        case .decoded(let encoding): "decoded.\(encoding.rawValue)"
        }
    }
}

/// An encoding that ``TextViews`` reads.
package enum Encoding: String, CaseIterable, Hashable, Sendable {
    /// Both alphabets, padded or not, on one line or wrapped.
    case base64
    /// Pairs of digits, bare, apart, or behind `0x` or `\x`.
    case hex
    /// `%6f`, as in addresses.
    case percent
    /// `\x6f`, `\u006f`, `\u{6f}`, `&#111;`, `&#x6f;`.
    case escape
    case rot13
}

/// Which views are derived.
package struct ViewSet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let folded = ViewSet(rawValue: 1)
    package static let joined = ViewSet(rawValue: 2)
    package static let base64 = ViewSet(rawValue: 4)
    package static let hex = ViewSet(rawValue: 8)
    package static let percent = ViewSet(rawValue: 16)
    package static let escape = ViewSet(rawValue: 32)
    package static let rot13 = ViewSet(rawValue: 64)
    package static let decoded: ViewSet = [.base64, .hex, .percent, .escape, .rot13]
    package static let all: ViewSet = [.folded, .joined, .decoded]

    package init(_ encoding: Encoding) {
        switch encoding {
        case .base64: self = .base64
        case .hex: self = .hex
        case .percent: self = .percent
        case .escape: self = .escape
        case .rot13: self = .rot13
        }
    }
}
