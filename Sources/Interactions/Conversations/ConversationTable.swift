// SPDX-License-Identifier: Apache-2.0

/// Bounds of what a ``ConversationTable`` remembers; the oldest is forgotten first.
package struct ConversationLimits: Sendable, Equatable {
    /// Turns; 51 bytes each.
    package var turns = 262_144
    /// Conversations whose next turn's index is known; 40 bytes each.
    package var conversations = 65_536
    /// How long a turn, or an unused conversation, is remembered.
    package var ageSeconds = 7 * 86_400

    package init() {}
}

/// Puts turns into their conversations, and knows which were evaluated.
///
/// A record often repeats what was said before. A repeated turn that is known was evaluated
/// and is to be skipped; one that is not known is evaluated, so forgetting costs time but
/// misses nothing. The conversation of a record is:
///
/// - with an id in the log: that id's. The new turn's index is its place in the record, or one
///   past the last repeated turn that is known, whichever is more (a client may cut the start
///   off). Where nothing is repeated it is the conversation's next, the same turn seen again
///   keeping its index;
/// - without: that of the last repeated turn that is known, and the index counts on from there.
///   Where none is, the first turn of the record names the conversation, with the first of its
///   answers, and indices are places in the record.
///
/// All that changes can be taken as bytes, from which another table with the same secret goes
/// on alike: ``takeJournal()``, ``restore(journal:)``. For one thread.
///
/// - Complexity: One hash of each text, one lookup a turn; no allocation in steady state.
package final class ConversationTable {
    private var threads: ConversationThreads

    /// - Parameters:
    ///   - secret: Of the keys, the same after a restart; whoever can guess it could make one
    ///     text pass for another.
    ///   - keepsJournal: Whether changes are kept until ``takeJournal()`` is called.
    package init(
        secret: UInt64, limits: ConversationLimits = ConversationLimits(), keepsJournal: Bool
    ) {
        threads = ConversationThreads(secret: secret, limits: limits, keepsJournal: keepsJournal)
    }

    /// Where the turns of the record that was placed last belong, in the order of its turns.
    package var places: [TurnPlace] { threads.places }

    /// Places every turn of the decoder's record into ``places`` and remembers those that are
    /// new.
    ///
    /// - Parameters:
    ///   - request: The place of the request that the record answers, where that was a record
    ///     of its own; its turn is the same.
    ///   - nowMilliseconds: The host's clock, since 1970; a clock that goes back stands still.
    package func place(
        _ decoder: InteractionDecoder, answering request: TurnPlace? = nil, nowMilliseconds: Int64
    ) {
        threads.place(decoder, answering: request, nowMilliseconds: nowMilliseconds)
    }

    /// What the table remembered since the last call, as bytes to be stored; empty when that is
    /// nothing.
    package func takeJournal() -> [UInt8] { threads.takeJournal() }

    /// All that the table remembers, as journals in place of all that were taken before.
    package func compacted() -> [[UInt8]] { threads.compacted() }

    /// Remembers what a journal holds; journals come in the order of their taking.
    ///
    /// - Throws: ``ConversationJournalError``, before anything is changed.
    package func restore(journal bytes: [UInt8]) throws(ConversationJournalError) {
        try threads.restore(journal: bytes)
    }

    /// Up to where in its stream the response of this key was given out; nil when it was not.
    func givenOut(_ key: UInt64) -> Int? { threads.givenOut(key) }

    /// Remembers that the response of this key was given out, with all that its stream has of
    /// it up to `position`.
    func giveOut(_ key: UInt64, upTo position: Int, nowMilliseconds: Int64) {
        threads.giveOut(key, upTo: position, nowMilliseconds: nowMilliseconds)
    }
}
