// SPDX-License-Identifier: Apache-2.0

/// Responses that were put together from many records, as interactions like others.
extension InteractionDecoder {
    /// Makes a response the current interaction: one turn, with the request that it answers
    /// where that is known. It has no record, so no paths; the line's next interaction comes as
    /// if nothing had been between.
    package func adopt(_ response: OpenResponse) {
        interaction.reset()
        rawText.clear()
        line.record = nil
        interaction.beginTurn(index: 0)
        response.request?.gathered.write(into: &interaction, copyingTo: rawText)
        response.gathered.write(into: &interaction, copyingTo: rawText)
        interaction.endConversation(firstTurn: 0)
    }

    /// The texts that a request asks in, when the current interaction is a request whose
    /// response is to come in pieces; else nil.
    ///
    /// - Complexity: A record that has its response, as most have, is told by its texts alone.
    var streamedRequest: Range<Int>? {
        guard interaction.fragment == nil, !interaction.isMalformed,
            interaction[.recordID] != nil, let turn = interaction.turns.last, !turn.isHistory,
            !turn.texts.isEmpty,
            turn.texts.allSatisfy({
                interaction.texts[$0].choice == TurnText.sharedByAllChoices
            })
        else { return nil }
        return Self.streamPlaces.contains { boolean(at: $0) == true } ? turn.texts : nil
    }

    /// Where a request says that its response is to be streamed.
    private static let streamPlaces = ["/stream", "/request/stream", "/request/body/stream"]
        .compactMap { JSONPointer($0) }
}
