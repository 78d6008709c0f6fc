// SPDX-License-Identifier: Apache-2.0
internal import Interactions
internal import Reports

/// Keeps what is known of conversations for the next start: changes as they come, and now and then
/// the whole in place of them.
struct ConversationMemory {
    private let table: ConversationTable
    /// Of the whole, and of the changes that were given since.
    private var storedBytes = 0
    private var storedParts = 0

    /// When the changes are more than this, the whole (of at most some 10 MB) replaces them, so that
    /// what is stored stays bounded and is read quickly.
    private static let storedBytesLimit = 16 << 20
    private static let storedPartsLimit = 8192

    init(_ table: ConversationTable) { self.table = table }

    /// Takes a stored part in; false when it is damaged.
    mutating func restore(_ changes: [UInt8]) -> Bool {
        storedBytes += changes.count
        storedParts += 1
        return (try? table.restore(journal: changes)) != nil
    }

    /// Adds what has changed since the last call.
    mutating func takeChanges(into memory: inout EvaluationMemory) {
        let changes = table.takeJournal()
        guard !changes.isEmpty else { return }
        memory.conversations = [changes]
        if storedBytes > Self.storedBytesLimit || storedParts > Self.storedPartsLimit {
            memory.conversations = table.compacted()
            memory.replacesConversations = true
            storedBytes = 0
            storedParts = 0
        }
        storedBytes += memory.conversations.reduce(0) { $0 + $1.count }
        storedParts += memory.conversations.count
    }
}
