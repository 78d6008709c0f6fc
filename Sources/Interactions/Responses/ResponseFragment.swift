// SPDX-License-Identifier: Apache-2.0

/// What a record says of the response that it is a piece of, as a streaming log writes it: one
/// chunk or event a line.
///
/// The pieces of a response are joined by `recordID`. Anthropic's and the responses API's
/// events carry it in their first record only: a piece without one belongs to the response
/// that began last in its log. Which of the pieces make one text, `TurnText.part` tells.
package struct ResponseFragment: Sendable, Equatable {
    /// Choices that the record ends (`finish_reason` is set), as bits; choices past 63 have none.
    package var finishedChoices: UInt64
    /// Choices that the record speaks of.
    package var choices: UInt64
    /// Nothing comes after it: the record that carries the usage and no choice, or the event
    /// that ends the stream.
    package var isLast: Bool
    /// The event that begins a response.
    package var isFirst = false
    /// The record repeats the response whole: what was gathered of it before is to be dropped.
    package var isWhole = false

    package init(finishedChoices: UInt64 = 0, choices: UInt64 = 0, isLast: Bool = false) {
        self.finishedChoices = finishedChoices
        self.choices = choices
        self.isLast = isLast
    }

    mutating func mark(choice: Int) {
        if choice < UInt64.bitWidth { choices |= 1 << UInt64(choice) }
    }

    mutating func mark(finished choice: Int) {
        if choice < UInt64.bitWidth { finishedChoices |= 1 << UInt64(choice) }
    }
}
