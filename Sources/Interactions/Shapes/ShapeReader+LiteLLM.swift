// SPDX-License-Identifier: Apache-2.0

/// LiteLLM's StandardLoggingPayload (docs.litellm.ai, "proxy/logging_spec").
extension ShapeReader {
    /// Reads a payload; its response may be any provider's, or a plain string.
    func readLiteLLM(_ exchange: Exchange, into interaction: inout Interaction) -> Bool {
        let root = exchange.root
        guard root[.messages] ?? root[.response] != nil else { return false }
        interaction.set(.provider, string(root[.customLlmProvider]))
        interaction.set(.operation, string(root[.callType]))
        if let failure = root[.errorInformation] {
            interaction.set(.errorType, nonEmpty(tape.member(.errorClass, of: failure)))
        }
        interaction.timeMilliseconds = time(root[.startTime])
        if !readExchange(exchange, into: &interaction) {
            readMetadata(of: exchange, hasResponse: false, into: &interaction)
        }
        if let parameters = root[.modelParameters].flatMap(members) {
            readCommon(parameters, into: &interaction)
        }
        // A session, where one is given, counts before the trace of one request.
        interaction.set(.conversation, string(root[.traceID]))
        return true
    }

    private func nonEmpty(_ value: Int?) -> TextSlice? {
        string(value).flatMap { $0.count > 0 ? $0 : nil }
    }
}
