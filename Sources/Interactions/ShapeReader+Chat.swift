// SPDX-License-Identifier: Apache-2.0

/// OpenAI's chat completions (API reference, "Chat completions").
extension ShapeReader {
    /// Where a chat record keeps its parts; the first one of each name counts.
    private struct ChatParts {
        var messages: Int?
        var choices: Int?
    }

    /// Reads a request and its response from one line.
    ///
    /// The parts stand under `request` and `response`, or bare. What follows an assistant's
    /// message begins a new turn; the answer in `choices` belongs to the last one, and all
    /// turns before it are history. A record without either part is malformed.
    func readChat(into interaction: inout Interaction) {
        var parts = ChatParts()
        // The response first: its `id` is the completion's own.
        for name: StaticString in ["response", "request"] {
            if let inner = tape.member(name, of: Tape.root) {
                readParts(of: inner, into: &parts, &interaction)
            }
        }
        readParts(of: Tape.root, into: &parts, &interaction)
        guard parts.messages != nil || parts.choices != nil else {
            interaction.isMalformed = true
            return
        }
        interaction.beginTurn(index: 0)
        if let messages = parts.messages { readMessages(messages, into: &interaction) }
        if let choices = parts.choices { readChoices(choices, into: &interaction) }
        interaction.endConversation(firstTurn: 0)
    }

    private func readParts(
        of object: Int, into parts: inout ChatParts, _ interaction: inout Interaction
    ) {
        tape.forEachMember(of: object) { key, value in
            if tape.equals(key, "messages") {
                if parts.messages == nil, tape.kind(value) == .array { parts.messages = value }
            } else if tape.equals(key, "choices") {
                if parts.choices == nil, tape.kind(value) == .array { parts.choices = value }
            } else if tape.equals(key, "model") {
                interaction.set(.model, tape.string(value))
            } else if tape.equals(key, "id") {
                interaction.set(.recordID, tape.string(value))
            } else if tape.equals(key, "user") || tape.equals(key, "safety_identifier") {
                interaction.set(.actor, tape.string(value))
            } else if tape.equals(key, "conversation_id") {
                interaction.set(.conversation, tape.string(value))
            } else if tape.equals(key, "created"), interaction.timeMilliseconds == nil {
                interaction.timeMilliseconds = tape.number(value).flatMap(milliseconds)
            }
        }
    }

    private func readMessages(_ messages: Int, into interaction: inout Interaction) {
        var turnIsAnswered = false
        tape.forEachElement(of: messages) { message in
            let field = self.field(ofMessage: message)
            if turnIsAnswered, field == .prompt || field == .toolResult {
                interaction.beginTurn(index: interaction.turns.count)
                turnIsAnswered = false
            }
            guard tape.kind(message) == .object else {
                return tape.forEachStringBelow(message) { interaction.add(field, $0) }
            }
            if field == .response {
                turnIsAnswered = true
                readAnswer(
                    message, choice: TurnText.sharedByAllChoices, into: &interaction)
            } else if let content = tape.member("content", of: message) {
                readContent(content, as: field, choice: TurnText.sharedByAllChoices, &interaction)
            }
        }
        // The request asks for an answer to nothing new: what `choices` holds is its own turn.
        if turnIsAnswered { interaction.beginTurn(index: interaction.turns.count) }
    }

    /// Who speaks in a message; a role that is unknown counts as the person asking.
    private func field(ofMessage message: Int) -> TextField {
        guard let role = tape.member("role", of: message).flatMap(tape.string) else {
            return .prompt
        }
        if tape.equals(role, "assistant") { return .response }
        if tape.equals(role, "system") || tape.equals(role, "developer") { return .system }
        if tape.equals(role, "tool") || tape.equals(role, "function") { return .toolResult }
        return .prompt
    }

    private func readChoices(_ choices: Int, into interaction: inout Interaction) {
        var number = 0
        tape.forEachElement(of: choices) { choice in
            if let message = tape.member("message", of: choice) {
                readAnswer(message, choice: number, into: &interaction)
            } else if let text = tape.member("text", of: choice).flatMap(tape.string) {
                // The older completions form of the same answer.
                interaction.add(.response, text, choice: number)
            }
            number += 1
        }
    }

    /// Reads what a model said: its text, its reasoning, the tools that it called.
    private func readAnswer(_ message: Int, choice: Int, into interaction: inout Interaction) {
        tape.forEachMember(of: message) { key, value in
            if tape.equals(key, "content") || tape.equals(key, "refusal") {
                readContent(value, as: .response, choice: choice, &interaction)
            } else if tape.equals(key, "reasoning_content") || tape.equals(key, "reasoning") {
                readContent(value, as: .reasoning, choice: choice, &interaction)
            } else if tape.equals(key, "tool_calls") {
                tape.forEachElement(of: value) { readCall($0, choice: choice, into: &interaction) }
            } else if tape.equals(key, "function_call") {
                readFunction(value, choice: choice, into: &interaction)
            }
        }
    }

    private func readCall(_ call: Int, choice: Int, into interaction: inout Interaction) {
        for name: StaticString in ["function", "custom"] {
            if let function = tape.member(name, of: call) {
                readFunction(function, choice: choice, into: &interaction)
            }
        }
    }

    /// Reads a call's name and arguments: each is a text, the identifiers beside them are not.
    private func readFunction(_ function: Int, choice: Int, into interaction: inout Interaction) {
        for name: StaticString in ["name", "arguments", "input"] {
            if let text = tape.member(name, of: function).flatMap(tape.string) {
                interaction.add(.toolCall, text, choice: choice)
            }
        }
    }

    /// Reads a content: a string, or a list of parts; of a part that is no text every string
    /// is read, since what is not known is not to be skipped.
    private func readContent(
        _ content: Int, as field: TextField, choice: Int, _ interaction: inout Interaction
    ) {
        if let text = tape.string(content) {
            return interaction.add(field, text, choice: choice)
        }
        tape.forEachElement(of: content) { part in
            if let text = tape.member("text", of: part).flatMap(tape.string) {
                interaction.add(field, text, choice: choice)
            } else {
                tape.forEachStringBelow(part) { interaction.add(field, $0, choice: choice) }
            }
        }
    }
}
