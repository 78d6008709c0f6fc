// SPDX-License-Identifier: Apache-2.0

/// A prompt and its response under plain names: `prompt`, and `response`, `completion` or
/// `output`.
extension ShapeReader {
    /// Reads a pair; a prompt that is not answered yet is one too.
    func readPair(_ exchange: Exchange, into interaction: inout Interaction) -> Bool {
        guard exchange.asked(.prompt) != nil else { return false }
        return readExchange(exchange, into: &interaction)
    }
}
