// SPDX-License-Identifier: Apache-2.0

/// OpenTelemetry's GenAI attributes (semantic conventions, "GenAI").
///
/// They stand at the record's top level, under `attributes`, or in its body, and again in the
/// events of a span. Message lists are JSON, or JSON in a string.
extension ShapeReader {
    /// Where a record's attributes stand.
    private struct Attributes {
        let attributes: Members?
        let body: Members?
        let root: Members?

        subscript(name: MemberName) -> Int? {
            attributes?[name] ?? body?[name] ?? root?[name]
        }
    }

    /// Reads a record with GenAI attributes; one that has no texts is an interaction all the
    /// same, since rules may ask for its metadata.
    func readOpenTelemetry(_ root: Members, into interaction: inout Interaction) -> Bool {
        guard isOpenTelemetry(root) else { return false }
        let attributes = attributes(of: root, withRoot: true)
        var isAnswered = false
        interaction.beginTurn(index: 0)
        readInput(attributes, root, &isAnswered, into: &interaction)
        if let events = root[.events] {
            tape.forEachElement(of: events) { event in
                let used = indexes.used
                defer { indexes.release(to: used) }
                guard let members = self.members(event) else { return }
                let inner = self.attributes(of: members, withRoot: false)
                readInput(inner, members, &isAnswered, into: &interaction)
                readOutput(inner, members, into: &interaction)
                readMetadata(inner, into: &interaction)
            }
        }
        if isAnswered { interaction.beginTurn(index: interaction.turns.count) }
        readOutput(attributes, root, into: &interaction)
        interaction.endConversation(firstTurn: 0)
        readMetadata(attributes, into: &interaction)
        for name: MemberName in [.timeUnixNano, .startTimeUnixNano, .observedTimeUnixNano] {
            if interaction.timeMilliseconds == nil {
                interaction.timeMilliseconds = time(root[name])
            }
        }
        if interaction.timeMilliseconds == nil {
            interaction.timeMilliseconds = time(root[.capitalTimestamp])
        }
        readCommon(root, into: &interaction)
        return true
    }

    private func attributes(of record: Members, withRoot: Bool) -> Attributes {
        let attributes = record[.attributes] ?? record[.capitalAttributes]
        let body = record[.body] ?? record[.capitalBody]
        return Attributes(
            attributes: attributes.flatMap(members),
            body: body.flatMap(members), root: withRoot ? record : nil)
    }

    /// The name of the event that the record logs, wherever it is written.
    func eventName(_ record: Members) -> TextSlice? {
        for name: MemberName in [
            .eventName, .snakeEventName, .capitalEventName, .dottedEventName, .name,
        ] {
            if let text = string(record[name]) { return text }
        }
        guard let attributes = record[.attributes] ?? record[.capitalAttributes] else { return nil }
        return string(tape.member(.dottedEventName, of: attributes))
    }

    /// Reads what was asked: of a request all messages, of an older event its one message.
    private func readInput(
        _ attributes: Attributes, _ record: Members, _ isAnswered: inout Bool,
        into interaction: inout Interaction
    ) {
        if let system = attributes[.genAISystemInstructions] {
            withDocument(at: system) {
                $0.readContent($1, Speech(field: .system), into: &interaction)
            }
        }
        for name: MemberName in [.genAIInputMessages, .genAIPrompt] {
            guard let value = attributes[name] else { continue }
            withDocument(at: value) { reader, value in
                guard reader.isList(value) else {
                    return reader.readMessage(value, &isAnswered, into: &interaction)
                }
                reader.tape.forEachElement(of: value) {
                    reader.readMessage($0, &isAnswered, into: &interaction)
                }
            }
        }
        readNumbered(record, &isAnswered, into: &interaction)
        readOlderEvent(record, &isAnswered, into: &interaction)
        for name: MemberName in [.genAIToolName, .genAIToolCallArguments] {
            guard let value = attributes[name] else { continue }
            addAll(below: value, Speech(field: .toolCall), into: &interaction)
        }
        if let result = attributes[.genAIToolCallResult] {
            addAll(below: result, Speech(field: .toolResult), into: &interaction)
        }
    }

    /// Reads an event that carries one message in its body, such as `gen_ai.user.message`.
    private func readOlderEvent(
        _ record: Members, _ isAnswered: inout Bool, into interaction: inout Interaction
    ) {
        guard let event = eventName(record).flatMap(tape.name(of:)) else { return }
        let body = record[.body] ?? record[.capitalBody]
        guard let body = body ?? record[.attributes] ?? record[.capitalAttributes] else { return }
        let speaker: TextField
        switch event {
        case .genAISystemMessage: speaker = .system
        case .genAIUserMessage: speaker = .prompt
        case .genAIAssistantMessage: speaker = .response
        case .genAIToolMessage: speaker = .toolResult
        case .genAIChoice:
            if isAnswered { interaction.beginTurn(index: interaction.turns.count) }
            isAnswered = false
            return withDocument(at: body) { $0.readChoice($1, into: &interaction) }
        default: return
        }
        withDocument(at: body) { reader, body in
            reader.readMessage(body, speaker: speaker, &isAnswered, into: &interaction)
        }
    }

    private func readChoice(_ body: Int, into interaction: inout Interaction) {
        let choice = position(tape.member(.index, of: body))
        interaction.set(.finishReasons, string(tape.member(.finishReason, of: body)))
        if let message = tape.member(.message, of: body) {
            withDocument(at: message) {
                $0.readAnswer($1, choice: choice, into: &interaction)
            }
        } else {
            readAnswer(body, choice: choice, into: &interaction)
        }
    }

    /// Reads messages under numbered names, as `gen_ai.prompt.0.content` (OpenLLMetry's form).
    private func readNumbered(
        _ record: Members, _ isAnswered: inout Bool, into interaction: inout Interaction
    ) {
        guard let attributes = record[.attributes] ?? record[.capitalAttributes] else { return }
        tape.forEachMember(of: attributes) { key, value in
            guard tape.name(of: key) == nil else { return }
            if tape.begins(key, "gen_ai.prompt."), !tape.ends(key, ".role") {
                addAll(below: value, Speech(field: .prompt), into: &interaction)
            } else if tape.begins(key, "gen_ai.completion."), !tape.ends(key, ".role"),
                !tape.ends(key, ".finish_reason")
            {
                addAll(below: value, Speech(field: .response, choice: 0), into: &interaction)
            }
        }
    }

    /// Reads what was answered: each message of the list is another answer.
    private func readOutput(
        _ attributes: Attributes, _ record: Members, into interaction: inout Interaction
    ) {
        for name: MemberName in [.genAIOutputMessages, .genAICompletion] {
            guard let value = attributes[name] else { continue }
            withDocument(at: value) { reader, value in
                guard reader.isList(value) else {
                    return reader.readAnswer(value, choice: 0, into: &interaction)
                }
                var choice = 0
                reader.tape.forEachElement(of: value) { message in
                    reader.readAnswer(message, choice: choice, into: &interaction)
                    let reason = reader.tape.member(.finishReason, of: message)
                    interaction.set(.finishReasons, reader.string(reason))
                    choice += 1
                }
            }
        }
    }

    private func readMetadata(_ attributes: Attributes, into interaction: inout Interaction) {
        interaction.set(.model, string(attributes[.genAIRequestModel]))
        interaction.set(.responseModel, string(attributes[.genAIResponseModel]))
        interaction.set(.model, interaction[.responseModel])
        interaction.set(.recordID, string(attributes[.genAIResponseID]))
        interaction.set(.conversation, string(attributes[.genAIConversationID]))
        interaction.set(.provider, string(attributes[.genAIProviderName]))
        interaction.set(.provider, string(attributes[.genAISystem]))
        interaction.set(.operation, string(attributes[.genAIOperationName]))
        interaction.set(.actor, string(attributes[.dottedUserID]))
        interaction.set(.actor, string(attributes[.dottedEnduserID]))
        interaction.set(.clientAddress, string(attributes[.dottedClientAddress]))
        interaction.set(.errorType, string(attributes[.dottedErrorType]))
        if let reasons = attributes[.genAIResponseFinishReasons] {
            withDocument(at: reasons) { reader, reasons in
                reader.tape.forEachStringOrElement(at: reasons) {
                    interaction.set(.finishReasons, $0)
                }
            }
        }
        interaction.set(.inputTokens, number(attributes[.genAIUsageInputTokens]))
        interaction.set(.inputTokens, number(attributes[.genAIUsagePromptTokens]))
        interaction.set(.outputTokens, number(attributes[.genAIUsageOutputTokens]))
        interaction.set(.outputTokens, number(attributes[.genAIUsageCompletionTokens]))
        interaction.set(.maxTokens, number(attributes[.genAIRequestMaxTokens]))
        interaction.set(.temperature, number(attributes[.genAIRequestTemperature]))
        interaction.set(.topP, number(attributes[.genAIRequestTopP]))
        interaction.set(.topK, number(attributes[.genAIRequestTopK]))
        interaction.set(.choiceCount, number(attributes[.genAIRequestChoiceCount]))
    }
}
