// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Interactions

/// What the fields of rules hold in a turn and its record.
extension RuleField {
    /// Calls `body` with each text that one of the record's own fields holds.
    func forEachText(of decoder: InteractionDecoder, _ body: (Span<UInt8>) -> Void) {
        switch self {
        case .metadata(let field):
            if let slice = decoder.interaction[field] { body(decoder.bytes(of: slice)) }
        case .path(let path):
            decoder.forEachValue(at: path) { value in
                if case .text(let slice) = value { body(decoder.bytes(of: slice)) }
                return true
            }
        case .text, .number, .malformed, .turnIndex, .conversation, .score: break
        }
    }

    /// Whether some text of the field passes `test`.
    func anyText(
        of turn: EvaluatedTurn, _ decoder: InteractionDecoder, _ test: (Span<UInt8>) -> Bool
    ) -> Bool {
        var isFound = false
        switch self {
        case .text(let field):
            for index in turn.turn.texts where !isFound {
                let text = decoder.interaction.texts[index]
                guard text.field == field || text.field == nil else { continue }
                isFound = test(decoder.bytes(of: text.slice))
            }
        case .conversation:
            let id = Array(turn.conversationID(decoder).utf8)
            isFound = test(id.span)
        default: forEachText(of: decoder) { isFound = isFound || test($0) }
        }
        return isFound
    }

    /// Whether some number of the field passes `test`; a text that is a number counts as one
    /// where `readsTexts`.
    func anyNumber(
        of turn: EvaluatedTurn, _ decoder: InteractionDecoder, readsTexts: Bool = true,
        _ test: (Double) -> Bool
    ) -> Bool {
        switch self {
        case .turnIndex: return test(Double(turn.place.index))
        case .number(let field): return decoder.interaction[number: field].map(test) ?? false
        case .score(let field):
            return turn.scores.value(field, of: turn, decoder).map(test) ?? false
        case .path(let path):
            var isFound = false
            decoder.forEachValue(at: path) { value in
                switch value {
                case .number(let number): isFound = test(number)
                case .text(let slice) where readsTexts:
                    isFound = Double(text: decoder.bytes(of: slice)).map(test) ?? false
                default: break
                }
                return !isFound
            }
            return isFound
        case .text, .metadata, .malformed, .conversation:
            guard readsTexts else { return false }
            return anyText(of: turn, decoder) { Double(text: $0).map(test) ?? false }
        }
    }

    func boolean(of decoder: InteractionDecoder) -> Bool? {
        switch self {
        case .malformed: decoder.interaction.isMalformed
        case .path(let path): decoder.boolean(at: path)
        case .text, .metadata, .number, .turnIndex, .conversation, .score: nil
        }
    }

    /// Whether the field holds something other than null.
    func hasValue(of turn: EvaluatedTurn, _ decoder: InteractionDecoder) -> Bool {
        switch self {
        case .text(let field):
            turn.turn.texts.contains { index in
                let found = decoder.interaction.texts[index].field
                return found == field || found == nil
            }
        case .metadata(let field): decoder.interaction[field] != nil
        case .number(let field): decoder.interaction[number: field] != nil
        case .malformed, .turnIndex, .conversation: true
        case .score(let field): turn.scores.value(field, of: turn, decoder) != nil
        case .path(let path): decoder.hasValue(at: path)
        }
    }

    /// Whether the field is there at all, null included.
    func exists(of turn: EvaluatedTurn, _ decoder: InteractionDecoder) -> Bool {
        if case .path(let path) = self { return decoder.exists(at: path) }
        return hasValue(of: turn, decoder)
    }
}

extension EvaluatedTurn {
    /// The log's own id of the conversation, or the one that its place gives.
    func conversationID(_ decoder: InteractionDecoder) -> String {
        guard let slice = decoder.interaction[.conversation] else {
            return place.conversation.text
        }
        return decoder.identifier(slice)
    }
}

extension InteractionDecoder {
    /// A short text as a string, cut where no honest log goes: an identifier is not a text.
    func identifier(_ slice: TextSlice) -> String {
        String(decoding: bytes(of: slice).extracting(first: 512).copied(), as: UTF8.self)
    }
}

extension Double {
    /// The number that a short text is, as JSON writes numbers; nil when it is none.
    fileprivate init?(text: Span<UInt8>) {
        let trimmed = text.trimmed
        guard trimmed.count > 0, trimmed.count <= 40 else { return nil }
        self.init(String(decoding: trimmed.copied(), as: UTF8.self))
        guard isFinite else { return nil }
    }
}
