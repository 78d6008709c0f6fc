// SPDX-License-Identifier: Apache-2.0

/// What a record says of the response that it is a piece of, as a streaming log writes it: one
/// `chat.completion.chunk` a line.
package struct ResponseFragment: Sendable, Equatable {
    /// Choices that the record ends (`finish_reason` is set), as bits; choices past 63 have none.
    package var finishedChoices: UInt64
    /// Choices that the record speaks of.
    package var choices: UInt64
    /// Nothing comes after it: the record that carries the usage and no choice.
    package var isLast: Bool

    package init(finishedChoices: UInt64 = 0, choices: UInt64 = 0, isLast: Bool = false) {
        self.finishedChoices = finishedChoices
        self.choices = choices
        self.isLast = isLast
    }
}
