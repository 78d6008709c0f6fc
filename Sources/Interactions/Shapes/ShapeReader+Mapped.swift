// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Records of the operator's own shape.
extension ShapeReader {
    /// Reads what stands at the mapping's places; false when none of its texts is there.
    func readMapped(
        _ record: Int, _ mapping: RecordMapping, into interaction: inout Interaction
    ) -> Bool {
        for (field, place) in mapping.metadata {
            interaction.set(field, string(tape.value(at: place, from: record)))
        }
        for (field, place) in mapping.numbers {
            interaction.set(field, number(tape.value(at: place, from: record)))
        }
        interaction.timeMilliseconds = time(
            mapping.time.flatMap { tape.value(at: $0, from: record) })
        var foundText = false
        if !mapping.texts.isEmpty {
            interaction.beginTurn(index: 0)
            for (field, place) in mapping.texts {
                guard let value = tape.value(at: place, from: record) else { continue }
                tape.forEachStringOrElement(at: value) {
                    foundText = true
                    interaction.add(field, $0)
                }
            }
            interaction.endConversation(firstTurn: 0)
        }
        for place in mapping.dialogues {
            guard let text = string(tape.value(at: place, from: record)) else { continue }
            foundText = true
            readDialogue(text, mapping, into: &interaction)
        }
        return foundText
    }

    /// Splits a dialogue at its markers; what stands before the first one is the prompt's.
    private func readDialogue(
        _ text: TextSlice, _ mapping: RecordMapping, into interaction: inout Interaction
    ) {
        let firstTurn = interaction.turns.count
        interaction.beginTurn(index: 0)
        var field = TextField.prompt
        var start = text.start
        let end = text.start + text.count
        var at = start
        while at < end {
            let isUser = tape.bytes(at: at, before: end, begin: mapping.userMarker)
            guard isUser || tape.bytes(at: at, before: end, begin: mapping.assistantMarker) else {
                at += 1
                continue
            }
            interaction.add(field, TextSlice(start: start, count: at - start))
            if isUser, field == .response {
                interaction.beginTurn(index: interaction.turns.count - firstTurn)
            }
            field = isUser ? .prompt : .response
            at += isUser ? mapping.userMarker.count : mapping.assistantMarker.count
            start = at
        }
        interaction.add(field, TextSlice(start: start, count: end - start))
        interaction.endConversation(firstTurn: firstTurn)
    }
}
