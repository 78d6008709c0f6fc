// SPDX-License-Identifier: Apache-2.0

/// Messages and what they are made of, as all chat formats write them.
///
/// OpenAI's messages and response items, Anthropic's content blocks and OpenTelemetry's parts
/// have so much in common that one reader takes them all, also mixed, as proxies log them.
extension ShapeReader {
    /// What decides how a message is read.
    private struct MessageHead {
        var hasRole = false
        var role: MemberName?
        var type: MemberName?
        /// Its `content` or `parts`.
        var content: Int?
        /// Something beside the content may hold a text.
        var hasMore = false
    }

    /// Reads the messages of a request, oldest first.
    ///
    /// What follows an assistant's message begins a new turn; the answer that the record gives
    /// belongs to the last one.
    func readMessages(_ messages: Int, into interaction: inout Interaction) {
        var isAnswered = false
        tape.forEachElement(of: messages) {
            readMessage($0, &isAnswered, into: &interaction)
        }
        // The request asks for an answer to nothing new: what is answered is its own turn.
        if isAnswered { interaction.beginTurn(index: interaction.turns.count) }
    }

    /// Reads one message, or another item of a conversation.
    ///
    /// - Parameter isAnswered: Whether the assistant has spoken in the turn at hand.
    /// - Parameter speaker: Who speaks when the message does not say.
    func readMessage(
        _ message: Int, speaker: TextField = .prompt, _ isAnswered: inout Bool,
        into interaction: inout Interaction
    ) {
        let head = head(of: message)
        let field = head.hasRole ? Self.field(ofRole: head.role) : itemField(head, speaker)
        if isAnswered, field == .prompt || field == .toolResult {
            interaction.beginTurn(index: interaction.turns.count)
            isAnswered = false
        }
        if field == .response { isAnswered = true }
        read(message, head, Speech(field: field), into: &interaction)
    }

    /// Reads what a model said: its text, its reasoning, the tools that it called.
    func readAnswer(_ message: Int, choice: Int, into interaction: inout Interaction) {
        let speech = Speech(field: .response, choice: choice)
        read(message, head(of: message), speech, into: &interaction)
    }

    private func read(
        _ message: Int, _ head: MessageHead, _ speech: Speech,
        into interaction: inout Interaction
    ) {
        guard tape.isObject(message) else {
            return readContent(message, speech, into: &interaction)
        }
        if !head.hasRole, head.content == nil || head.type != nil, head.type != .message,
            !head.hasMore
        {
            // An item that is no message, such as a call or its output.
            return readPart(message, speech, into: &interaction)
        }
        if let content = head.content { readContent(content, speech, into: &interaction) }
        if head.hasMore {
            readMore(message, head, speech, into: &interaction)
        } else if head.content == nil {
            readOther(message, speech, into: &interaction)
        }
    }

    /// Reads every string of a message that has none of the known members, but who speaks.
    private func readOther(
        _ message: Int, _ speech: Speech, into interaction: inout Interaction
    ) {
        tape.forEachMember(of: message) { key, value in
            switch tape.name(of: key) {
            case .role, .type, .id, .status: break
            default: addAll(below: value, speech, into: &interaction)
            }
        }
    }

    private func head(of message: Int) -> MessageHead {
        var head = MessageHead()
        tape.forEachMember(of: message) { key, value in
            switch tape.name(of: key) {
            case .role:
                head.hasRole = true
                head.role = tape.name(at: value)
            case .content, .parts:
                if head.content == nil { head.content = value } else { head.hasMore = true }
            case .type: head.type = tape.name(at: value)
            case .refusal, .reasoningContent, .reasoning, .reasoningDetails, .thinking,
                .toolCalls, .functionCall, .audio:
                if tape.kind(value) != .null { head.hasMore = true }
            default: break
            }
        }
        return head
    }

    /// Who speaks in a message; a role that is unknown counts as the person asking.
    static func field(ofRole role: MemberName?) -> TextField {
        switch role {
        case .assistant: .response
        case .system, .developer: .system
        case .tool, .function: .toolResult
        default: .prompt
        }
    }

    /// Whose an item without a role is.
    private func itemField(_ head: MessageHead, _ speaker: TextField) -> TextField {
        guard let type = head.type else { return speaker }
        if Self.isCall(type) || type == .reasoning || type == .thinking { return .response }
        return Self.isResult(type) ? .toolResult : speaker
    }

    /// Reads the members of a message that stand beside its content.
    private func readMore(
        _ message: Int, _ head: MessageHead, _ speech: Speech,
        into interaction: inout Interaction
    ) {
        tape.forEachMember(of: message) { key, value in
            switch tape.name(of: key) {
            case .content, .parts:
                if value != head.content { readContent(value, speech, into: &interaction) }
            case .refusal: readContent(value, speech, into: &interaction)
            case .reasoningContent, .reasoning, .reasoningDetails, .thinking:
                readContent(value, speech.as(.reasoning), into: &interaction)
            case .toolCalls:
                tape.forEachElement(of: value) { readCall($0, speech, into: &interaction) }
            case .functionCall: readCall(value, speech, into: &interaction)
            case .audio:
                if let transcript = tape.member(.transcript, of: value) {
                    readContent(transcript, speech, into: &interaction)
                }
            default: break
            }
        }
    }

    /// Reads the alternative answers to one prompt.
    func readChoices(_ choices: Int, into interaction: inout Interaction) {
        var number = 0
        tape.forEachElement(of: choices) { choice in
            tape.forEachMember(of: choice) { key, value in
                switch tape.name(of: key) {
                case .message, .delta: readAnswer(value, choice: number, into: &interaction)
                case .text:
                    // The older completions form of the same answer.
                    let speech = Speech(field: .response, choice: number)
                    readContent(value, speech, into: &interaction)
                case .finishReason: interaction.set(.finishReasons, tape.string(value))
                default: break
                }
            }
            number += 1
        }
    }
}
