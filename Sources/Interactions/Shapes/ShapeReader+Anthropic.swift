// SPDX-License-Identifier: Apache-2.0

/// Anthropic's messages, and the events of their streams (API reference, "Messages").
extension ShapeReader {
    func readAnthropic(_ exchange: Exchange, into interaction: inout Interaction) -> Bool {
        if let type = exchange.root[.type].flatMap(tape.name(at:)), Self.isAnthropicEvent(type) {
            return readEvent(type, exchange.root, into: &interaction)
        }
        guard isList(exchange.asked(.messages)) || exchange.answered(.content) != nil else {
            return false
        }
        return readExchange(exchange, into: &interaction)
    }

    static func isAnthropicEvent(_ type: MemberName) -> Bool {
        switch type {
        case .messageStart, .messageDelta, .messageStop, .contentBlockStart, .contentBlockDelta,
            .contentBlockStop, .ping, .error:
            true
        default: false
        }
    }

    /// Reads one event; false when it lacks what such an event has.
    private func readEvent(
        _ type: MemberName, _ root: Members, into interaction: inout Interaction
    ) -> Bool {
        var fragment = ResponseFragment(choices: 1)
        let index = position(root[.index])
        let speech = Speech(field: .response, choice: 0, part: 2 * index)
        interaction.beginTurn(index: 0)
        switch type {
        case .messageStart:
            guard let message = root[.message], let members = self.members(message) else {
                return false
            }
            fragment.isFirst = true
            interaction.set(.recordID, string(members[.id]))
            interaction.set(.responseModel, string(members[.model]))
            interaction.set(.model, interaction[.responseModel])
            if let content = members[.content] { readContent(content, speech, into: &interaction) }
            readCommon(members, into: &interaction)
        case .contentBlockStart:
            guard let block = root[.contentBlock] else { return false }
            readBlockStart(block, index, speech, into: &interaction)
        case .contentBlockDelta:
            guard let delta = root[.delta] else { return false }
            readBlockDelta(delta, speech, into: &interaction)
        case .messageDelta:
            guard let delta = root[.delta] else { return false }
            let reason = string(tape.member(.stopReason, of: delta))
            interaction.set(.finishReasons, reason)
            if reason != nil { fragment.mark(finished: 0) }
        case .error:
            // Other logs have records of this type too.
            guard let error = root[.error], tape.isObject(error) else { return false }
            fragment.isLast = true
        case .messageStop: fragment.isLast = true
        case .ping: guard tape.memberCount(of: Tape.root) == 1 else { return false }
        default: break
        }
        interaction.fragment = fragment
        interaction.endConversation(firstTurn: 0)
        readCommon(root, into: &interaction)
        return true
    }

    private func readBlockStart(
        _ block: Int, _ index: Int, _ speech: Speech, into interaction: inout Interaction
    ) {
        if let type = tape.member(.type, of: block).flatMap(tape.name(at:)), Self.isCall(type) {
            readCallPiece(block, index, speech, into: &interaction)
        } else {
            readPart(block, speech, into: &interaction)
        }
    }

    private func readBlockDelta(
        _ delta: Int, _ speech: Speech, into interaction: inout Interaction
    ) {
        tape.forEachMember(of: delta) { key, value in
            switch tape.name(of: key) {
            case .type: break
            case .text: add(value, speech, into: &interaction)
            case .thinking: add(value, speech.as(.reasoning), into: &interaction)
            case .partialJson:
                add(value, speech.as(.toolCall).part(speech.part + 1), into: &interaction)
            default:
                // A signature proves a thought and says nothing.
                guard !tape.equals(key, "signature") else { break }
                addAll(below: value, speech.part(speech.part + 1), into: &interaction)
            }
        }
    }
}
