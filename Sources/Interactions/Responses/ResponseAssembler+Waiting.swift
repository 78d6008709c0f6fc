// SPDX-License-Identifier: Apache-2.0

/// What waits for more of its stream: where to read it again from, and requests.
extension ResponseAssembler {
    /// Where the first line begins that a stream has to be read again from after a restart: of
    /// its oldest response that is not finished, or of a request that waits. Nil when nothing
    /// does.
    package func heldOffset(ofStream stream: UInt64) -> Int? {
        let request = requests.heldOffset(ofStream: stream)
        guard var state = streams[stream], state.openCount > 0 else { return request }
        if state.heldOffset == nil {
            var held = Int.max
            forEachOpen(of: stream) { held = min(held, $1.heldOffset) }
            state.heldOffset = held
            streams[stream] = state
        }
        return [state.heldOffset, request].compactMap(\.self).min()
    }

    /// Keeps the texts of a request whose response is to come in pieces with the same id, so that
    /// both are one turn then; of other interactions nothing.
    ///
    /// - Parameters:
    ///   - turn: The place of the request's turn.
    ///   - firedRules: What the request alone made true.
    package func expectResponse(
        to decoder: InteractionDecoder, at place: RecordPlace, turn: TurnPlace,
        firedRules: @autoclosure () -> [Int32], _ conversations: ConversationTable
    ) {
        guard let texts = decoder.streamedRequest, let id = decoder.interaction[.recordID] else {
            return
        }
        let key = key(ofStream: place.stream, id: decoder.bytes(of: id))
        // It is read again, and was answered.
        if let givenOut = conversations.givenOut(key), place.position <= givenOut { return }
        let request = WaitingRequest(place, turn: turn, firedRules: firedRules())
        request.gathered.append(texts, arePieces: false, of: decoder)
        request.gathered.takeMetadata(of: decoder)
        requests.add(request, key: key)
    }

    /// Other rules are evaluated from now on: none of them fired for a request that waits.
    package func forgetFired() {
        requests.forgetFired()
        var next = open.oldest
        while let slot = next {
            open[slot]?.request?.firedRules = []
            next = open.next(newerThan: slot)
        }
    }
}
