// SPDX-License-Identifier: Apache-2.0

/// The member names of all shapes, and those string values that decide how a member is read.
///
/// One table for all, so that a name costs one look-up wherever it stands.
enum MemberName: UInt8, CaseIterable {
    // Names of members.
    case messages, choices, request, response, object, type, input, output, instructions,
        system, content, parts, prompt, completion, body, capitalBody, attributes,
        capitalAttributes, resource, scope, resourceLogs, resourceSpans, scopeLogs, scopeSpans,
        logRecords, spans, events, key, value, callType, startTime, customID, error,
        message, delta, item, role, text, toolCalls, functionCall, function, custom,
        name, arguments, refusal, reasoningContent, reasoning, reasoningDetails, audio,
        transcript, finishReason, index, usage, thinking, partialJson, contentBlock, summary,
        code, result, outputIndex, contentIndex, summaryIndex, stopReason, status,
        incompleteDetails, reason, model, id, user, safetyIdentifier, conversationID,
        sessionID, conversation, previousResponseID, created, createdAt, timestamp, time, ts,
        atTimestamp, capitalTimestamp, timeUnixNano, observedTimeUnixNano, startTimeUnixNano,
        userID, metadata, endUser, requesterIpAddress, userApiKeyUserID, clientIp, traceID,
        customLlmProvider, errorInformation, errorClass, modelParameters, promptTokens,
        completionTokens, inputTokens, outputTokens, maxTokens, maxCompletionTokens,
        maxOutputTokens, temperature, topP, topK, n, snakeEventName, eventName,
        capitalEventName, dottedEventName, dottedUserID, dottedEnduserID, dottedClientAddress,
        dottedErrorType, genAIInputMessages, genAIOutputMessages, genAISystemInstructions,
        genAIPrompt, genAICompletion, genAIToolName, genAIToolCallArguments,
        genAIToolCallResult, genAIConversationID, genAIResponseID, genAIRequestModel,
        genAIResponseModel, genAIProviderName, genAISystem, genAIOperationName,
        genAIResponseFinishReasons, genAIUsageInputTokens, genAIUsageOutputTokens,
        genAIUsagePromptTokens, genAIUsageCompletionTokens, genAIRequestMaxTokens,
        genAIRequestTemperature, genAIRequestTopP, genAIRequestTopK, genAIRequestChoiceCount,
        stringValue, intValue, doubleValue, boolValue, arrayValue, kvlistValue, bytesValue,
        values
    // Values of `role`, `type` and `object`, and the names of events.
    case assistant, developer, tool, inputText, outputText, summaryText, reasoningText,
        toolUse, serverToolUse, mcpToolUse, toolCall, customToolCall, mcpCall, toolResult,
        toolCallResponse, functionCallOutput, customToolCallOutput, chatCompletionChunk,
        messageStart, messageDelta, messageStop, contentBlockStart, contentBlockDelta,
        contentBlockStop, ping, responseCreated, responseInProgress, responseCompleted,
        responseIncomplete, responseFailed, responseOutputItemAdded, responseOutputItemDone,
        responseContentPartAdded, responseContentPartDone, responseOutputTextDelta,
        responseOutputTextDone, responseRefusalDelta, responseRefusalDone,
        responseReasoningTextDelta, responseReasoningTextDone,
        responseReasoningSummaryTextDelta, responseReasoningSummaryTextDone,
        responseFunctionCallArgumentsDelta, responseFunctionCallArgumentsDone,
        genAISystemMessage, genAIUserMessage, genAIAssistantMessage, genAIToolMessage,
        genAIChoice

    /// One of OpenTelemetry's GenAI attributes.
    var isGenAI: Bool {
        switch self {
        case .genAIInputMessages, .genAIOutputMessages, .genAISystemInstructions, .genAIPrompt,
            .genAICompletion, .genAIToolName, .genAIToolCallArguments, .genAIToolCallResult,
            .genAIConversationID, .genAIResponseID, .genAIRequestModel, .genAIResponseModel,
            .genAIProviderName, .genAISystem, .genAIOperationName, .genAIResponseFinishReasons,
            .genAIUsageInputTokens, .genAIUsageOutputTokens, .genAIUsagePromptTokens,
            .genAIUsageCompletionTokens, .genAIRequestMaxTokens, .genAIRequestTemperature,
            .genAIRequestTopP, .genAIRequestTopK, .genAIRequestChoiceCount:
            true
        default: false
        }
    }
}
