// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Crypto

/// What makes a turn this turn, wherever it is written: its actor and what was said in it.
///
/// System texts and reasoning are left out, because a request that repeats a turn as history
/// need not repeat them; so are blanks at a text's ends, which clients trim.
extension InteractionDecoder {
    /// The texts that count, in an order that does not depend on the order of JSON members.
    private static let countedFields: [TextField?] = [
        nil, .prompt, .toolResult, .response, .toolCall,
    ]

    /// SHA-256 of the turn, its first answer being the one that counts; for stored identities.
    package func digest(of turn: Turn) -> [UInt8] {
        var hash = SHA256()
        if let actor = interaction[.actor] { updateDigest(&hash, bytes(of: actor), tag: 0) }
        forEachCountedText(of: turn, choice: 0) { tag, text in
            updateDigest(&hash, text, tag: tag)
        }
        return Array(hash.finalize())
    }

    /// The turn's key in ``ConversationTable``, for one of its answers.
    ///
    /// Stored: what goes into it, and in which order, stays as it is.
    func key(of turn: Turn, choice: Int, secret: UInt64) -> UInt64 {
        var hash = KeyedHash(key: secret)
        if let actor = interaction[.actor] { hash.combine(bytes(of: actor)) }
        forEachCountedText(of: turn, choice: choice) { tag, text in
            hash.combine(UInt64(tag))
            hash.combine(text)
        }
        return hash.finalize()
    }

    private func forEachCountedText(
        of turn: Turn, choice: Int, _ body: (_ tag: UInt8, _ text: Span<UInt8>) -> Void
    ) {
        let texts = interaction.texts
        for (tag, field) in Self.countedFields.enumerated() {
            for index in turn.texts {
                let text = texts[index]
                guard text.field == field,
                    text.choice == TurnText.sharedByAllChoices || text.choice == choice
                else { continue }
                let trimmed = bytes(of: text.slice).trimmed
                if trimmed.count > 0 { body(UInt8(tag + 1), trimmed) }
            }
        }
    }

    /// Adds one part behind its tag and length, so that no two lists of parts look alike.
    private func updateDigest(_ hash: inout SHA256, _ part: Span<UInt8>, tag: UInt8) {
        unsafe withUnsafeBytes(of: (UInt64(part.count) << 8 | UInt64(tag)).littleEndian) {
            unsafe hash.update(bufferPointer: $0)
        }
        unsafe part.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    }
}
