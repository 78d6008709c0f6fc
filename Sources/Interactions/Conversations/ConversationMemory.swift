// SPDX-License-Identifier: Apache-2.0

/// What a ``ConversationTable`` remembers, and what of it was not journaled yet.
struct ConversationMemory: ~Copyable {
    private(set) var turns: ConversationTurns
    /// By conversation: which index comes next.
    private(set) var nextIndices: RecencyTable<NextIndex>
    /// Seconds since 1970; never goes back.
    private(set) var clock: UInt32 = 0
    /// What was remembered since the journal was taken.
    var journal: [ConversationJournalEntry] = []
    private let keepsJournal: Bool
    private let ageSeconds: UInt32

    struct NextIndex {
        var index: UInt32
        /// When the conversation went on last, in seconds.
        var time: UInt32
    }

    /// A journal has 30 bits for it, and one more must fit too.
    private static let largestIndex = (1 << 30) - 2

    init(limits: ConversationLimits, keepsJournal: Bool) {
        self.keepsJournal = keepsJournal
        ageSeconds = UInt32(clamping: limits.ageSeconds)
        turns = ConversationTurns(capacity: limits.turns)
        nextIndices = RecencyTable(
            capacity: limits.conversations, vacant: NextIndex(index: 0, time: 0))
    }

    /// Appends what is known of each key.
    func find(_ keys: [UInt64], into found: inout [ConversationTurns.Turn?]) {
        for key in keys { found.append(turns.find(key)) }
    }

    func nextIndex(of conversation: UInt64) -> Int {
        nextIndices.find(conversation).map { Int(nextIndices[$0].index) } ?? 0
    }

    /// Remembers something as of now.
    mutating func remember(
        _ key: UInt64, _ owner: UInt64, _ index: Int, _ kind: ConversationJournalEntry.Kind
    ) {
        let entry = ConversationJournalEntry(
            key: key, owner: owner, index: UInt32(min(index, Self.largestIndex)), kind: kind,
            time: clock)
        if keepsJournal { journal.append(entry) }
        apply(entry)
    }

    /// The one place where anything is remembered, now or when a journal is read.
    mutating func apply(_ entry: ConversationJournalEntry) {
        advance(to: entry.time)
        switch entry.kind {
        case .turn: putTurn(entry)
        case .newTurn:
            putTurn(entry)
            putNextIndex(entry.index + 1, entry)
        case .nextIndex: putNextIndex(entry.index, entry)
        case .clock: break
        }
    }

    private mutating func putTurn(_ entry: ConversationJournalEntry) {
        turns.put(
            entry.key, ConversationTurns.Turn(owner: entry.owner, index: entry.index),
            time: entry.time)
    }

    private mutating func putNextIndex(_ index: UInt32, _ entry: ConversationJournalEntry) {
        if let slot = nextIndices.find(entry.owner) {
            nextIndices[slot] = NextIndex(
                index: max(nextIndices[slot].index, index), time: entry.time)
            return nextIndices.touch(slot)
        }
        if nextIndices.isFull, let oldest = nextIndices.oldest { nextIndices.remove(oldest) }
        nextIndices.insert(entry.owner, NextIndex(index: index, time: entry.time))
    }

    /// Moves the clock on and forgets what has become too old.
    mutating func advance(to time: UInt32) {
        guard time > clock else { return }
        clock = time
        turns.expire(at: clock, ageSeconds: ageSeconds)
        while let slot = nextIndices.oldest,
            Int(clock) - Int(nextIndices[slot].time) > Int(ageSeconds)
        {
            nextIndices.remove(slot)
        }
    }
}
