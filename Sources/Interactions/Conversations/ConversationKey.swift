// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// What tells conversations apart: a hash of the id that the log gives, or else the key of the
/// first turn.
package struct ConversationKey: Hashable, Sendable {
    package var rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The `conversation.id` of a conversation to which the log gives none: 16 hexadecimal
    /// digits.
    package var text: String {
        (0..<8).map { UInt8(truncatingIfNeeded: rawValue >> (56 - 8 * UInt64($0))) }.hexadecimal
    }
}

/// Where a turn belongs.
package struct TurnPlace: Equatable, Sendable {
    package var conversation: ConversationKey
    /// From 0.
    package var index: Int
    /// The record only repeats the turn, and an earlier record had it: nothing of it is new.
    package var wasEvaluated: Bool

    package init(conversation: ConversationKey, index: Int, wasEvaluated: Bool = false) {
        self.conversation = conversation
        self.index = index
        self.wasEvaluated = wasEvaluated
    }
}
