// SPDX-License-Identifier: Apache-2.0

/// OpenAI's responses, and the events of their streams (API reference, "Responses").
extension ShapeReader {
    func readResponses(_ exchange: Exchange, into interaction: inout Interaction) -> Bool {
        if let type = exchange.root[.type], isResponsesEvent(type, exchange.root) {
            return readResponsesEvent(tape.name(at: type), exchange, into: &interaction)
        }
        guard exchange.asked(.input) != nil || exchange.answered(.output) != nil else {
            return false
        }
        return readExchange(exchange, into: &interaction)
    }

    /// Whether the type is an event's: a known one, or a newer one that tells its place.
    func isResponsesEvent(_ type: Int, _ root: Members) -> Bool {
        guard let text = tape.string(type), tape.begins(text, "response.") else { return false }
        return tape.name(of: text) != nil || root[.outputIndex] != nil
    }

    private func readResponsesEvent(
        _ type: MemberName?, _ exchange: Exchange, into interaction: inout Interaction
    ) -> Bool {
        let root = exchange.root
        var fragment = ResponseFragment(choices: 1)
        switch type {
        case .responseCompleted, .responseIncomplete, .responseFailed:
            guard exchange.response != nil else { return false }
            fragment.isLast = true
            fragment.isWhole = true
            fragment.mark(finished: 0)
            interaction.fragment = fragment
            if !readExchange(exchange, into: &interaction) {
                readMetadata(of: exchange, hasResponse: true, into: &interaction)
            }
            return true
        case .responseCreated, .responseInProgress:
            guard exchange.response != nil else { return false }
            fragment.isFirst = type == .responseCreated
            interaction.beginTurn(index: 0)
            readMetadata(of: exchange, hasResponse: true, into: &interaction)
        default:
            interaction.beginTurn(index: 0)
            readPiece(type, root, into: &interaction)
            interaction.endConversation(firstTurn: 0)
            readCommon(root, into: &interaction)
        }
        interaction.fragment = fragment
        return true
    }

    /// Reads what an event adds; those that end a part only repeat what came before.
    private func readPiece(
        _ type: MemberName?, _ root: Members, into interaction: inout Interaction
    ) {
        let item = position(root[.outputIndex])
        let place = max(position(root[.contentIndex]), position(root[.summaryIndex]))
        let part = item * 64 + min(place, 31) * 2
        let speech = Speech(field: .response, choice: 0, part: part)
        if type == .responseOutputItemAdded {
            guard let added = root[.item] else { return }
            let kind = tape.member(.type, of: added).flatMap(tape.name(at:))
            if kind.map(Self.isCall) ?? false {
                readCallPiece(added, item * 32, speech, into: &interaction)
            }
            return
        }
        guard let delta = root[.delta] else { return }
        switch type {
        case .responseReasoningTextDelta, .responseReasoningSummaryTextDelta:
            readContent(delta, speech.as(.reasoning), into: &interaction)
        case .responseFunctionCallArgumentsDelta:
            readContent(delta, speech.as(.toolCall).part(item * 64 + 1), into: &interaction)
        default: readContent(delta, speech, into: &interaction)
        }
    }
}
