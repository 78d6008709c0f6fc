// SPDX-License-Identifier: Apache-2.0

/// Tells which built-in shape a record has, from its own members only.
///
/// What the records before it were plays no part: the same record is read the same way
/// wherever it stands, also after a restart.
extension ShapeReader {
    /// The record's shape, or nil when it has none of them. The most telling names come first.
    func recognise(_ exchange: Exchange) -> BuiltInShape? {
        let root = exchange.root
        if isOpenTelemetry(root) { return .openTelemetry }
        if root[.callType] != nil, root[.startTime] != nil { return .liteLLM }
        if root[.customID] != nil, root[.response] ?? root[.body] != nil { return .openAIBatch }
        if let type = root[.type] {
            if isResponsesEvent(type, root) { return .openAIResponses }
            if tape.name(at: type).map(Self.isAnthropicEvent) ?? false { return .anthropic }
        }
        return recogniseExchange(exchange)
    }

    private func recogniseExchange(_ exchange: Exchange) -> BuiltInShape? {
        if exchange.answered(.object).flatMap(tape.name(at:)) == .response {
            return .openAIResponses
        }
        if isMessage(exchange.answered(.type)), exchange.answered(.content) != nil {
            return .anthropic
        }
        if isList(exchange.asked(.messages)) {
            let isAnthropic =
                exchange.asked(.system) != nil || isList(exchange.response?[.content])
            return isAnthropic ? .anthropic : .openAIChat
        }
        if isList(exchange.answered(.choices)) { return .openAIChat }
        if isListOfObjects(exchange.answered(.output)) || isListOfObjects(exchange.asked(.input)) {
            return .openAIResponses
        }
        if exchange.asked(.input) != nil, exchange.asked(.instructions) != nil {
            return .openAIResponses
        }
        return exchange.asked(.prompt) != nil ? .pairs : nil
    }

    /// Whether the record, or what stands under its attributes, has a name of OpenTelemetry's.
    func isOpenTelemetry(_ root: Members) -> Bool {
        if root.hasGenAI { return true }
        for name: MemberName in [.attributes, .capitalAttributes] {
            let used = indexes.used
            defer { indexes.release(to: used) }
            if let attributes = root[name], members(attributes)?.hasGenAI == true { return true }
        }
        return eventName(root).map { tape.begins($0, "gen_ai.") } ?? false
    }

    private func isMessage(_ value: Int?) -> Bool { value.flatMap(tape.name(at:)) == .message }

    private func isListOfObjects(_ value: Int?) -> Bool {
        guard let value, isList(value) else { return false }
        return tape.isObject(value + 1)
    }
}
