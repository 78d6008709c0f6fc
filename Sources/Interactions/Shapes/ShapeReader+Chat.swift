// SPDX-License-Identifier: Apache-2.0

/// OpenAI's chat completions and their batches (API reference, "Chat", "Batch").
extension ShapeReader {
    /// Reads a request and its response from one line, or a piece of a response.
    ///
    /// A record without `messages` and without `choices` is none.
    func readChat(_ exchange: Exchange, into interaction: inout Interaction) -> Bool {
        let choices = exchange.answered(.choices)
        guard isList(exchange.asked(.messages)) || isList(choices) else { return false }
        let object = exchange.answered(.object).flatMap(tape.name(at:))
        if object == .chatCompletionChunk, let choices, isList(choices) {
            readChunk(exchange, choices, into: &interaction)
            return true
        }
        return readExchange(exchange, into: &interaction)
    }

    /// Reads a line of a batch's output file; one that only tells an error has no texts.
    func readBatch(_ exchange: Exchange, into interaction: inout Interaction) -> Bool {
        guard let request = exchange.root[.customID] else { return false }
        interaction.set(.recordID, string(exchange.response?[.id]) ?? tape.string(request))
        if !readExchange(exchange, into: &interaction) {
            readCommon(exchange.root, into: &interaction)
        }
        return true
    }

    /// Reads one `chat.completion.chunk`.
    private func readChunk(
        _ exchange: Exchange, _ choices: Int, into interaction: inout Interaction
    ) {
        interaction.beginTurn(index: 0)
        var fragment = ResponseFragment()
        tape.forEachElement(of: choices) {
            readChunkChoice($0, &fragment, into: &interaction)
        }
        let usage = exchange.answered(.usage)
        fragment.isLast = fragment.choices == 0 && usage.map { tape.isObject($0) } ?? false
        interaction.fragment = fragment
        interaction.endConversation(firstTurn: 0)
        readMetadata(of: exchange, hasResponse: true, into: &interaction)
    }

    private func readChunkChoice(
        _ choice: Int, _ fragment: inout ResponseFragment, into interaction: inout Interaction
    ) {
        let index = position(tape.member(.index, of: choice))
        let speech = Speech(field: .response, choice: index)
        fragment.mark(choice: index)
        tape.forEachMember(of: choice) { key, value in
            switch tape.name(of: key) {
            case .delta: readDelta(value, speech, into: &interaction)
            case .text: readContent(value, speech, into: &interaction)
            case .finishReason:
                guard let reason = tape.string(value) else { break }
                interaction.set(.finishReasons, reason)
                fragment.mark(finished: index)
            default: break
            }
        }
    }

    private func readDelta(
        _ delta: Int, _ speech: Speech, into interaction: inout Interaction
    ) {
        tape.forEachMember(of: delta) { key, value in
            switch tape.name(of: key) {
            case .content: readContent(value, speech, into: &interaction)
            case .refusal: readContent(value, speech.part(1), into: &interaction)
            case .reasoningContent, .reasoning, .reasoningDetails:
                readContent(value, speech.as(.reasoning), into: &interaction)
            case .toolCalls:
                tape.forEachElement(of: value) {
                    let index = position(tape.member(.index, of: $0))
                    readCallPiece($0, index, speech, into: &interaction)
                }
            case .functionCall: readCallPiece(value, 0, speech, into: &interaction)
            default: break
            }
        }
    }

    /// Reads a piece of a call: its name is an even part, its arguments are the next odd one.
    func readCallPiece(
        _ call: Int, _ index: Int, _ speech: Speech, into interaction: inout Interaction
    ) {
        let function = tape.member(.function, of: call) ?? tape.member(.custom, of: call) ?? call
        let name = speech.as(.toolCall).part(2 * index)
        tape.forEachMember(of: function) { key, value in
            switch tape.name(of: key) {
            case .name: add(value, name, into: &interaction)
            case .arguments, .input:
                addAll(below: value, name.part(2 * index + 1), into: &interaction)
            default: break
            }
        }
    }

    /// A small index that a record gives; 0 for what is none.
    func position(_ value: Int?) -> Int {
        guard let number = value.flatMap(tape.number), number >= 0 else { return 0 }
        return Int(min(number, 65_535))
    }
}
