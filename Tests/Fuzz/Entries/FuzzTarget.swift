// SPDX-License-Identifier: Apache-2.0
internal import Decompression

/// What inputs are made up for: a decoder, the line splitter, or what reads texts.
///
/// The last bytes of an input choose how the rest is cut into pieces; see ``FuzzInput``.
package enum FuzzTarget: String, CaseIterable {
    case gzip
    case zstd
    case lines
    case configuration
    case rules
    case records
    case varlink

    /// Whether this build reads the format at all.
    package var isKnown: Bool {
        switch self {
        case .gzip, .zstd: format != .plain
        case .lines: LineSplitting.isBuilt
        case .configuration, .rules, .varlink: TextChecks.isBuilt
        case .records: true
        }
    }

    /// Runs one input; what it shows to be wrong, or nil.
    package func fault(with bytes: [UInt8]) -> String? {
        let input = FuzzInput(bytes)
        switch self {
        case .gzip, .zstd: return DecoderCheck(format: format).fault(with: input)
        case .lines: return LineSplitting.fault(with: input)
        case .configuration: return TextChecks.configurationFault(with: input)
        case .rules: return TextChecks.rulesFault(with: input)
        case .records: return RecordCheck.fault(with: input)
        case .varlink: return TextChecks.varlinkFault(with: input)
        }
    }

    /// The format by the first bytes that name it.
    private var format: LogFormat {
        switch self {
        case .gzip: LogFormat.detect([0x1f, 0x8b, 0x08, 0x00].span) ?? .plain
        case .zstd: LogFormat.detect([0x28, 0xb5, 0x2f, 0xfd].span) ?? .plain
        default: .plain
        }
    }
}

/// An input that brings the choices with it that are made when it is run.
package struct FuzzInput {
    /// So many bytes at the end are the seed of the choices.
    package static let seedBytes = 4
    let bytes: [UInt8]
    let seed: UInt64

    /// The bytes as a text; nil where they are none, which every reader of files sees first.
    var text: String? { String(validating: bytes, as: UTF8.self) }

    init(_ whole: [UInt8]) {
        bytes = whole.dropLast(Self.seedBytes)
        seed = whole.suffix(Self.seedBytes).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
