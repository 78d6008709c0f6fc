// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// What a ``ConversationTable`` does; one value, so that a record costs one check for exclusive
/// access.
struct ConversationThreads: ~Copyable {
    /// Where the turns of the record that was placed last belong, in the order of its turns.
    private(set) var places: [TurnPlace] = []

    let secret: UInt64
    var memory: ConversationMemory
    /// Of the turns of the conversation at hand, and what is known of them.
    private var keys: [UInt64] = []
    private var known: [ConversationTurns.Turn?] = []

    /// Answers past this one are not remembered: a bound on the work for one record.
    private static let rememberedChoices = 15

    init(secret: UInt64, limits: ConversationLimits, keepsJournal: Bool) {
        self.secret = secret
        memory = ConversationMemory(limits: limits, keepsJournal: keepsJournal)
    }

    mutating func place(
        _ decoder: InteractionDecoder, answering request: TurnPlace?, nowMilliseconds: Int64
    ) {
        places.removeAll(keepingCapacity: true)
        let turns = decoder.interaction.turns
        guard !turns.isEmpty else { return }
        memory.advance(to: UInt32(clamping: nowMilliseconds / 1000))
        let id = decoder.interaction[.conversation].map { hash(decoder.bytes(of: $0)) }
        var first = 0
        for number in turns.indices where !turns[number].isHistory || number == turns.count - 1 {
            placeConversation(turns[first...number], of: decoder, id: id, answering: request)
            first = number + 1
        }
    }

    /// Places one conversation of the record: turns that it repeats, and one that is new.
    private mutating func placeConversation(
        _ part: ArraySlice<Turn>, of decoder: InteractionDecoder, id: UInt64?,
        answering request: TurnPlace?
    ) {
        lookUp(part, of: decoder)
        let (conversation, firstIndex) =
            request.map { ($0.conversation.rawValue, $0.index - (part.count - 1)) } ?? start(id)
        for (number, turn) in part.enumerated() {
            let index = max(0, firstIndex + number)
            // A turn that is not known may stand in the record twice.
            let wasEvaluated =
                turn.isHistory && (known[number] ?? memory.turns.find(keys[number])) != nil
            places.append(
                TurnPlace(
                    conversation: ConversationKey(rawValue: conversation), index: index,
                    wasEvaluated: wasEvaluated))
            guard !wasEvaluated else { continue }
            let isNew = !turn.isHistory && id != nil
            memory.remember(keys[number], conversation, index, isNew ? .newTurn : .turn)
            if !turn.isHistory { rememberOtherAnswers(of: turn, decoder, conversation, index) }
        }
    }

    /// Sets `keys` and `known`: all lookups together, so that their waits for memory overlap.
    private mutating func lookUp(_ part: ArraySlice<Turn>, of decoder: InteractionDecoder) {
        keys.removeAll(keepingCapacity: true)
        for turn in part { keys.append(decoder.key(of: turn, choice: 0, secret: secret)) }
        known.removeAll(keepingCapacity: true)
        memory.find(keys, into: &known)
    }

    /// The conversation of the turns that `keys` holds, and the index of the first of them.
    private func start(_ id: UInt64?) -> (conversation: UInt64, firstIndex: Int) {
        let last = keys.count - 1
        for number in (0..<last).reversed() {
            guard let turn = known[number], id == nil || turn.owner == id else { continue }
            let firstIndex = Int(turn.index) - number
            return (turn.owner, id == nil ? firstIndex : max(0, firstIndex))
        }
        guard let id else { return (keys[0], 0) }
        guard last == 0 else { return (id, 0) }
        if let turn = known[0], turn.owner == id { return (id, Int(turn.index)) }
        return (id, memory.nextIndex(of: id))
    }

    /// Any of several answers may become history.
    private mutating func rememberOtherAnswers(
        of turn: Turn, _ decoder: InteractionDecoder, _ conversation: UInt64, _ index: Int
    ) {
        var lastChoice = 0
        for text in turn.texts {
            lastChoice = max(lastChoice, decoder.interaction.texts[text].choice)
        }
        guard lastChoice > 0 else { return }
        for choice in 1...min(lastChoice, Self.rememberedChoices) {
            let key = decoder.key(of: turn, choice: choice, secret: secret)
            memory.remember(key, conversation, index, .turn)
        }
    }

    private func hash(_ id: Span<UInt8>) -> UInt64 {
        var hash = KeyedHash(key: secret)
        hash.combine(id)
        return hash.finalize()
    }

    /// Whether, and up to where in its stream, the response of this key was given out.
    func givenOut(_ key: UInt64) -> Int? {
        memory.turns.find(key).map { Int(truncatingIfNeeded: $0.owner) }
    }

    /// Remembers that the response of this key was given out, with all that its stream has of
    /// it up to `position`.
    mutating func giveOut(_ key: UInt64, upTo position: Int, nowMilliseconds: Int64) {
        memory.advance(to: UInt32(clamping: nowMilliseconds / 1000))
        memory.remember(key, UInt64(bitPattern: Int64(position)), 0, .turn)
    }
}
