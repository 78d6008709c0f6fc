// SPDX-License-Identifier: Apache-2.0

/// What the shapes of a request and its response share.
extension ShapeReader {
    /// Reads whatever of a request and a response the record has; false when it has neither.
    func readExchange(_ exchange: Exchange, into interaction: inout Interaction) -> Bool {
        interaction.beginTurn(index: 0)
        let hasRequest = readRequest(exchange, into: &interaction)
        var hasResponse = readResponse(exchange, into: &interaction)
        if !hasResponse, let response = exchange.root[.response], tape.kind(response) != .null {
            // A plain text, or an object without any name that is known.
            readContent(response, Speech(field: .response, choice: 0), into: &interaction)
            hasResponse = true
        }
        interaction.endConversation(firstTurn: 0)
        guard hasRequest || hasResponse else { return false }
        readMetadata(of: exchange, hasResponse: hasResponse, into: &interaction)
        return true
    }

    private func readRequest(_ exchange: Exchange, into interaction: inout Interaction) -> Bool {
        for name: MemberName in [.system, .instructions] {
            guard let value = exchange.asked(name) else { continue }
            readContent(value, Speech(field: .system), into: &interaction)
        }
        var isFound = false
        for name: MemberName in [.messages, .input, .prompt] {
            guard let value = exchange.asked(name) else { continue }
            isFound = true
            if isList(value) {
                readMessages(value, into: &interaction)
            } else {
                readContent(value, Speech(field: .prompt), into: &interaction)
            }
        }
        return isFound
    }

    private func readResponse(_ exchange: Exchange, into interaction: inout Interaction) -> Bool {
        var isFound = false
        if let choices = exchange.answered(.choices), isList(choices) {
            readChoices(choices, into: &interaction)
            isFound = true
        }
        if let output = exchange.answered(.output) {
            readOutput(output, into: &interaction)
            isFound = true
        }
        for name: MemberName in [.content, .completion] {
            guard let value = exchange.answered(name) else { continue }
            readContent(value, Speech(field: .response, choice: 0), into: &interaction)
            isFound = true
        }
        return isFound
    }

    /// Reads the items that a model put out, as one answer.
    func readOutput(_ output: Int, into interaction: inout Interaction) {
        guard isList(output) else {
            return readContent(output, Speech(field: .response, choice: 0), into: &interaction)
        }
        tape.forEachElement(of: output) { readAnswer($0, choice: 0, into: &interaction) }
    }
}
