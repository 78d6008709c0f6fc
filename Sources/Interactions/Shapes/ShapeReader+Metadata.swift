// SPDX-License-Identifier: Apache-2.0

/// What records say of themselves, under the names that several shapes share.
extension ShapeReader {
    /// Reads what an exchange says of itself; the response's own word counts first.
    func readMetadata(
        of exchange: Exchange, hasResponse: Bool, into interaction: inout Interaction
    ) {
        if exchange.response != nil {
            interaction.set(.recordID, string(exchange.response?[.id]))
            interaction.set(.responseModel, string(exchange.response?[.model]))
        } else if hasResponse {
            interaction.set(.responseModel, string(exchange.root[.model]))
        }
        interaction.set(.recordID, string(exchange.root[.id]))
        interaction.set(.model, string(exchange.asked(.model)))
        interaction.set(.model, interaction[.responseModel])
        if let response = exchange.response { readCommon(response, into: &interaction) }
        if let request = exchange.request { readCommon(request, into: &interaction) }
        readCommon(exchange.root, into: &interaction)
    }

    /// Reads the names that mean the same wherever they stand; of several for one thing, the
    /// first that has a value counts.
    func readCommon(_ members: Members, into interaction: inout Interaction) {
        members.forEach { name, value in
            switch name {
            case .user, .safetyIdentifier, .userID, .endUser, .userApiKeyUserID:
                interaction.set(.actor, tape.string(value))
            case .conversationID, .sessionID:
                interaction.set(.conversation, tape.string(value))
            case .conversation:
                let id = tape.string(value) ?? string(tape.member(.id, of: value))
                interaction.set(.conversation, id)
            case .previousResponseID:
                interaction.previousRecordID = interaction.previousRecordID ?? tape.string(value)
            case .clientIp, .requesterIpAddress:
                interaction.set(.clientAddress, tape.string(value))
            case .created, .createdAt, .timestamp, .time, .ts, .atTimestamp, .startTime:
                interaction.timeMilliseconds = interaction.timeMilliseconds ?? time(value)
            case .stopReason: interaction.set(.finishReasons, tape.string(value))
            case .incompleteDetails:
                interaction.set(.finishReasons, string(tape.member(.reason, of: value)))
            case .error: readError(value, into: &interaction)
            case .maxTokens, .maxCompletionTokens, .maxOutputTokens:
                interaction.set(.maxTokens, number(value))
            case .temperature: interaction.set(.temperature, number(value))
            case .topP: interaction.set(.topP, number(value))
            case .topK: interaction.set(.topK, number(value))
            case .n: interaction.set(.choiceCount, number(value))
            case .usage: readUsage(value, into: &interaction)
            case .promptTokens: interaction.set(.inputTokens, number(value))
            case .completionTokens: interaction.set(.outputTokens, number(value))
            default: break
            }
        }
        readInnerMetadata(members, into: &interaction)
    }

    /// Reads who asked from the object `metadata`, where the record itself does not say.
    private func readInnerMetadata(_ members: Members, into interaction: inout Interaction) {
        guard let metadata = members[.metadata] else { return }
        tape.forEachMember(of: metadata) { key, value in
            switch tape.name(of: key) {
            case .user, .userID, .userApiKeyUserID: interaction.set(.actor, tape.string(value))
            case .conversationID, .sessionID:
                interaction.set(.conversation, tape.string(value))
            case .requesterIpAddress: interaction.set(.clientAddress, tape.string(value))
            default: break
            }
        }
    }

    private func readError(_ error: Int, into interaction: inout Interaction) {
        let type = tape.member(.type, of: error) ?? tape.member(.code, of: error)
        interaction.set(.errorType, tape.string(error) ?? string(type))
    }

    private func readUsage(_ usage: Int, into interaction: inout Interaction) {
        tape.forEachMember(of: usage) { key, value in
            switch tape.name(of: key) {
            case .promptTokens, .inputTokens: interaction.set(.inputTokens, tape.number(value))
            case .completionTokens, .outputTokens:
                interaction.set(.outputTokens, tape.number(value))
            default: break
            }
        }
    }
}
