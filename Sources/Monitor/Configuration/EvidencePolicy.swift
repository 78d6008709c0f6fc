// SPDX-License-Identifier: Apache-2.0
package import Reports

/// How much of what was said a report carries.
package enum EvidencePolicy: Sendable, Equatable {
    /// No word of it.
    case none
    /// The words around the match.
    case excerpt(bytes: Int)
    /// All that the turn said, for those alone who have the private key of a recipient.
    case sealed(to: [EvidenceRecipient])

    /// What goes into a sealed excerpt, so that responders see at once what matched.
    private static let sealedExcerptBytes = 160
    /// The most of a turn that is sealed into its report.
    private static let sealedBytes = 256 << 10

    var excerptBytes: Int {
        switch self {
        case .none: 0
        case .excerpt(let bytes): bytes
        case .sealed: Self.sealedExcerptBytes
        }
    }

    var evidenceBytes: Int {
        if case .sealed = self { Self.sealedBytes } else { 0 }
    }

    /// Words of conversations may lie readable in the state directory.
    var keepsExcerpts: Bool {
        if case .excerpt = self { true } else { false }
    }
}
