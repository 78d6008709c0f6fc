// SPDX-License-Identifier: Apache-2.0

/// The parts that a message's content is made of.
extension ShapeReader {
    /// Reads a content: a string, a part, or a list of parts.
    func readContent(_ content: Int, _ speech: Speech, into interaction: inout Interaction) {
        switch tape.kind(content) {
        case .string: add(content, speech, into: &interaction)
        case .array:
            tape.forEachElement(of: content) { readPart($0, speech, into: &interaction) }
        case .object: readPart(content, speech, into: &interaction)
        default: break
        }
    }

    /// Reads one part. Of a part that is no text and no known one every string is read: what is
    /// not known is not to be skipped.
    func readPart(_ part: Int, _ speech: Speech, into interaction: inout Interaction) {
        let type = tape.member(.type, of: part).flatMap(tape.name(at:))
        let isRead =
            switch type {
            case .summaryText?, .reasoningText?:
                readFirst([.text], of: part, speech.as(.reasoning), &interaction)
            case .thinking?, .reasoning?:
                readEach(
                    [.thinking, .content, .text, .summary], of: part, speech.as(.reasoning),
                    &interaction)
            case .refusal?: readFirst([.refusal], of: part, speech, &interaction)
            case .text?: readFirst([.text, .content], of: part, speech, &interaction)
            case .message?: readFirst([.content], of: part, speech, &interaction)
            case let type? where Self.isCall(type):
                readNamedCall(part, speech, into: &interaction)
            case let type? where Self.isResult(type):
                readEach(
                    [.content, .output, .response, .result], of: part, speech.as(.toolResult),
                    &interaction)
            default: readText(of: part, speech, &interaction)
            }
        if !isRead { addAll(below: part, speech, into: &interaction) }
    }

    /// Reads a tool call: its name and arguments are texts, the identifiers beside them not.
    func readCall(_ call: Int, _ speech: Speech, into interaction: inout Interaction) {
        if !readNamedCall(call, speech, into: &interaction) {
            addAll(below: call, speech.as(.toolCall), into: &interaction)
        }
    }

    /// Returns false when the call has neither a name nor arguments.
    @discardableResult
    private func readNamedCall(
        _ call: Int, _ speech: Speech, into interaction: inout Interaction
    ) -> Bool {
        for name: MemberName in [.function, .custom] {
            if let function = tape.member(name, of: call), tape.isObject(function) {
                return readNamedCall(function, speech, into: &interaction)
            }
        }
        var isRead = false
        for name: MemberName in [.name, .arguments, .input] {
            guard let value = tape.member(name, of: call) else { continue }
            isRead = true
            addAll(below: value, speech.as(.toolCall), into: &interaction)
        }
        return isRead
    }

    /// Reads the first of the members that is there; false when none is.
    private func readFirst(
        _ names: [MemberName], of part: Int, _ speech: Speech, _ interaction: inout Interaction
    ) -> Bool {
        for name in names {
            guard let value = tape.member(name, of: part) else { continue }
            readContent(value, speech, into: &interaction)
            return true
        }
        return false
    }

    /// Reads all of the members that are there; false when none is.
    private func readEach(
        _ names: [MemberName], of part: Int, _ speech: Speech, _ interaction: inout Interaction
    ) -> Bool {
        var isRead = false
        for name in names {
            guard let value = tape.member(name, of: part) else { continue }
            readContent(value, speech, into: &interaction)
            isRead = true
        }
        return isRead
    }

    /// Reads the part's `text` when that is a string.
    private func readText(
        of part: Int, _ speech: Speech, _ interaction: inout Interaction
    ) -> Bool {
        guard let text = tape.member(.text, of: part), tape.kind(text) == .string else {
            return false
        }
        add(text, speech, into: &interaction)
        return true
    }

    func add(_ value: Int, _ speech: Speech, into interaction: inout Interaction) {
        guard let text = tape.string(value) else { return }
        interaction.add(speech.field, text, choice: speech.choice, part: speech.part)
    }

    func addAll(below value: Int, _ speech: Speech, into interaction: inout Interaction) {
        tape.forEachStringBelow(value) {
            interaction.add(speech.field, $0, choice: speech.choice, part: speech.part)
        }
    }

    static func isCall(_ type: MemberName) -> Bool {
        switch type {
        case .toolUse, .serverToolUse, .mcpToolUse, .toolCall, .functionCall, .customToolCall,
            .mcpCall:
            true
        default: false
        }
    }

    static func isResult(_ type: MemberName) -> Bool {
        switch type {
        case .toolResult, .toolCallResponse, .functionCallOutput, .customToolCallOutput: true
        default: false
        }
    }
}
