// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Bounds of what a ``ResponseAssembler`` holds. What exceeds one is given out early.
package struct ResponseLimits: Sendable {
    /// Responses that are being written.
    package var responses = 10_000
    /// Memory for all of them.
    package var totalBytes = 64 << 20
    /// Memory for one. It then goes on as another piece of it.
    package var responseBytes = 16 << 20
    /// Of each text, what such a piece repeats of the one before.
    package var repeatedBytes = 4096
    /// How long a response is waited for after its latest piece, and a request's response.
    package var timeoutMilliseconds: Int64 = 60_000
    /// Memory for one request; of a larger one nothing is kept.
    package var requestBytes = 1 << 20
    /// Memory for all requests that wait; the oldest is forgotten first.
    package var requestTotalBytes = 16 << 20

    package init() {}
}

/// Puts the responses of streaming logs together, one piece a record, from any number of
/// responses at a time.
///
///     assembler.take(decoder, at: place, conversations)
///     while let response = assembler.next() {
///         decoder.adopt(response)
///         …
///         assembler.recycle(response)
///     }
///
/// A response is finished when all choices that it spoke of are, or when its end says so; it is
/// also given out when it is waited for in vain, or when there is no room. Pieces that come
/// later are a response of their own, so every text is given out. Its texts stand in the order
/// of choice, field and part.
///
/// After a restart a stream is read again from ``heldOffset(ofStream:)``. Of responses that were
/// given out before, some pieces then come a second time: the conversation table remembers up to
/// where, in the transaction that commits what was found in them, and they are left out.
///
/// - Complexity: Linear in the bytes; no allocation for a piece once its response has room.
package final class ResponseAssembler {
    let limits: ResponseLimits
    private let secret: UInt64
    /// Those used least lately first, which is the order of their timeouts.
    var open: RecencyTable<OpenResponse?>
    var requests: WaitingRequests
    var streams: [UInt64: StreamState] = [:]
    /// Finished, in the order of coming; taken from the front.
    private var ready: [OpenResponse] = []
    private var pool: [OpenResponse] = []
    /// Memory of the open ones.
    private(set) var totalBytes = 0

    private static let pooledResponses = 256

    struct StreamState {
        /// The response that began last with an event of its own.
        var current: UInt64?
        var openCount = 0
        /// Nil when it is to be looked for among the open ones.
        var heldOffset: Int?
    }

    /// - Parameter secret: Of the keys, the same after a restart; whoever can guess it could
    ///   make one response pass for another.
    package init(secret: UInt64, limits: ResponseLimits = ResponseLimits()) {
        self.secret = secret
        self.limits = limits
        open = RecencyTable(capacity: limits.responses, vacant: nil)
        requests = WaitingRequests(limits)
    }

    /// Something waits that has a timeout.
    package var isWaiting: Bool { open.count > 0 || !requests.isEmpty }

    // MARK: - Taking pieces

    /// Takes the decoder's current interaction, which is a piece of a response; `next` then
    /// gives the responses that it finishes.
    package func take(
        _ decoder: InteractionDecoder, at place: RecordPlace, _ conversations: ConversationTable
    ) {
        guard let fragment = decoder.interaction.fragment else { return }
        let key = key(of: decoder, fragment, at: place, conversations)
        var slot = open.find(key)
        if let at = slot, fragment.isFirst, open[at]?.gathered.textCount ?? 0 > 0 {
            // The same id again, or none again: another response.
            giveOut(at, now: place.now, conversations)
            slot = nil
        }
        if slot == nil {
            guard begins(key, decoder, fragment, at: place, conversations) else { return }
            slot = begin(key, at: place, conversations)
        }
        guard let slot, var response = open[slot] else { return }
        let taken = GatheredTexts.cost(
            of: decoder.interaction.texts.indices, decoder.interaction)
        let before = response.cost
        if response.gathered.textCount > 0, !fragment.isWhole,
            before + taken > limits.responseBytes
        {
            response = replace(response, in: slot, at: place, conversations)
        }
        if decoder.interaction[.recordID] == nil { response.hasUnnamedPieces = true }
        let cost = response.cost
        response.take(fragment, decoder, at: place, markedBytes: limits.repeatedBytes)
        totalBytes += response.cost - cost
        open.touch(slot)
        if response.isFinished { giveOut(slot, now: place.now, conversations) }
        while totalBytes > limits.totalBytes, let oldest = open.oldest {
            giveOut(oldest, now: place.now, conversations)
        }
    }

    /// The key of the response that a piece belongs to; notes which one begins.
    private func key(
        of decoder: InteractionDecoder, _ fragment: ResponseFragment, at place: RecordPlace,
        _ conversations: ConversationTable
    ) -> UInt64 {
        let unnamed = key(ofStream: place.stream)
        let named = decoder.interaction[.recordID].map {
            key(ofStream: place.stream, id: decoder.bytes(of: $0))
        }
        if fragment.isFirst {
            // No more pieces without a name are the unnamed one's.
            if named != nil, let slot = open.find(unnamed) {
                giveOut(slot, now: place.now, conversations)
            }
            streams[place.stream, default: StreamState()].current = named ?? unnamed
        }
        return named ?? streams[place.stream]?.current ?? unnamed
    }

    func key(ofStream stream: UInt64, id: Span<UInt8>) -> UInt64 {
        var hash = KeyedHash(key: secret)
        hash.combine(stream)
        hash.combine(id)
        return hash.finalize()
    }

    /// Of all responses of a stream that have no id and no first piece.
    private func key(ofStream stream: UInt64) -> UInt64 {
        var hash = KeyedHash(key: secret)
        hash.combine(stream)
        return hash.finalize()
    }

    /// Whether a piece of no open response begins one.
    private func begins(
        _ key: UInt64, _ decoder: InteractionDecoder, _ fragment: ResponseFragment,
        at place: RecordPlace, _ conversations: ConversationTable
    ) -> Bool {
        let givenOut = conversations.givenOut(key)
        // It is read again, and was evaluated.
        if let givenOut, place.position <= givenOut { return false }
        let isEmpty = decoder.interaction.texts.isEmpty && !fragment.isFirst
        guard isEmpty, decoder.interaction[.errorType] == nil else { return true }
        // The usage after the last choice, or an event that says nothing.
        return givenOut == nil && decoder.interaction[.recordID] != nil
    }

    private func begin(
        _ key: UInt64, at place: RecordPlace, _ conversations: ConversationTable
    ) -> Int {
        if open.isFull, let oldest = open.oldest {
            giveOut(oldest, now: place.now, conversations)
        }
        let response = takeFromPool()
        response.begin(key, at: place)
        if let request = requests.take(key) {
            response.request = request
            response.heldOffset = min(response.heldOffset, request.offset)
        }
        insert(response)
        totalBytes += response.cost
        return open.insert(key, response)
    }

    private func insert(_ response: OpenResponse) {
        let stream = response.first.stream
        var state = streams[stream] ?? StreamState()
        if state.openCount == 0 { state.heldOffset = response.heldOffset }
        if let held = state.heldOffset { state.heldOffset = min(held, response.heldOffset) }
        state.openCount += 1
        streams[stream] = state
    }

    // MARK: - Giving out

    /// The next response that is finished, or given out early.
    package func next() -> OpenResponse? { ready.isEmpty ? nil : ready.removeFirst() }

    /// Takes back what `next` gave, once it is evaluated.
    package func recycle(_ response: OpenResponse) {
        response.clear()
        if pool.count < Self.pooledResponses { pool.append(response) }
    }

    private func takeFromPool() -> OpenResponse { pool.popLast() ?? OpenResponse() }

    private func giveOut(_ slot: Int, now: Int64, _ conversations: ConversationTable) {
        guard let response = open[slot] else { return }
        open.remove(slot)
        remove(response)
        totalBytes -= response.cost
        note(response, upTo: response.lastPosition, now: now, conversations)
        ready.append(response)
    }

    private func remove(_ response: OpenResponse) {
        let stream = response.first.stream
        guard var state = streams[stream] else { return }
        state.openCount -= 1
        if state.heldOffset == response.heldOffset { state.heldOffset = nil }
        streams[stream] = state
    }

    private func note(
        _ response: OpenResponse, upTo position: Int, now: Int64,
        _ conversations: ConversationTable
    ) {
        let unnamed = key(ofStream: response.first.stream)
        for key in [response.key, response.hasUnnamedPieces ? unnamed : response.key] {
            let before = conversations.givenOut(key) ?? -1
            guard position > before else { continue }
            conversations.giveOut(key, upTo: position, nowMilliseconds: now)
        }
    }

    /// Gives out what there is of a response that has become too long, and goes on.
    private func replace(
        _ whole: OpenResponse, in slot: Int, at place: RecordPlace,
        _ conversations: ConversationTable
    ) -> OpenResponse {
        let rest = takeFromPool()
        let share = limits.responseBytes / 4 / whole.gathered.textCount
        let again = rest.goOn(
            from: whole, at: place, repeatingBytes: min(limits.repeatedBytes, share))
        remove(whole)
        insert(rest)
        open[slot] = rest
        totalBytes += rest.cost - whole.cost
        note(whole, upTo: again - 1, now: place.now, conversations)
        ready.append(whole)
        return rest
    }

    /// Gives out the responses that have waited too long for their end.
    package func expire(now: Int64, _ conversations: ConversationTable) {
        while let slot = open.oldest, let response = open[slot],
            now - response.lastTime >= limits.timeoutMilliseconds
        {
            giveOut(slot, now: now, conversations)
        }
        requests.expire(now: now)
    }

    /// Gives out all responses, at the end of what there is to read.
    package func flush(now: Int64, _ conversations: ConversationTable) {
        while let slot = open.oldest { giveOut(slot, now: now, conversations) }
        requests.removeAll()
    }

    /// Forgets a stream, and gives its responses out first.
    package func forget(stream: UInt64, now: Int64, _ conversations: ConversationTable) {
        forEachOpen(of: stream) { slot, _ in giveOut(slot, now: now, conversations) }
        requests.forget(stream: stream)
        streams[stream] = nil
    }

    func forEachOpen(of stream: UInt64, _ body: (Int, OpenResponse) -> Void) {
        guard streams[stream]?.openCount ?? 0 > 0 else { return }
        var next = open.oldest
        while let slot = next {
            next = open.next(newerThan: slot)
            if let response = open[slot], response.first.stream == stream { body(slot, response) }
        }
    }
}
