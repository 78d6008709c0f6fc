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

    /// The turn's key in ``SeenTurns``, for one of its answers.
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
        for (tag, field) in Self.countedFields.enumerated() {
            for index in turn.texts {
                let text = interaction.texts[index]
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

/// The turns that were evaluated lately, so that a record's history is not evaluated again.
///
/// Bounded: the oldest are forgotten, and what is forgotten or was never seen is evaluated,
/// so forgetting costs time but misses nothing. The key is this process's own, so no writer of
/// logs can choose a text that passes for another.
package struct SeenTurns {
    private let secret = UInt64.random(in: .min ... .max)
    private var keys: Set<UInt64> = []
    /// The keys in the order of coming, a ring once full.
    private var order: [UInt64] = []
    private var oldest = 0
    private let capacity: Int
    /// Answers past this one are not remembered: a bound on the work for one record.
    private static let rememberedChoices = 15

    /// - Parameter capacity: Turns remembered; each takes about 40 bytes.
    package init(capacity: Int = 262_144) {
        precondition(capacity > 0, "room for \(capacity) turns")
        self.capacity = capacity
    }

    /// Whether the history turn was evaluated before; remembers it from now on.
    package mutating func insertHistory(_ turn: Turn, of decoder: InteractionDecoder) -> Bool {
        insert(decoder.key(of: turn, choice: 0, secret: secret))
    }

    /// Remembers a turn that is new, under each of its answers: any may become history.
    package mutating func insertOwn(_ turn: Turn, of decoder: InteractionDecoder) {
        var lastChoice = 0
        for index in turn.texts {
            lastChoice = max(lastChoice, decoder.interaction.texts[index].choice)
        }
        for choice in 0...min(lastChoice, Self.rememberedChoices) {
            _ = insert(decoder.key(of: turn, choice: choice, secret: secret))
        }
    }

    /// Inserts and tells whether the key was there.
    private mutating func insert(_ key: UInt64) -> Bool {
        guard keys.insert(key).inserted else { return true }
        if order.count < capacity {
            order.append(key)
        } else {
            keys.remove(order[oldest])
            order[oldest] = key
            oldest = (oldest + 1) % capacity
        }
        return false
    }
}
