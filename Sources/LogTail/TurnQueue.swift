// SPDX-License-Identifier: Apache-2.0

/// The files that have something to read, each in turn.
struct TurnQueue {
    private var order: [FileIdentity] = []
    private var members: Set<FileIdentity> = []

    var isEmpty: Bool { members.isEmpty }

    /// Puts a file at the end, unless it waits already.
    mutating func add(_ file: FileIdentity) {
        if members.insert(file).inserted { order.append(file) }
    }

    /// Puts a file before the others, unless it waits already: there is news in it, while they
    /// have more of what they had.
    mutating func addFirst(_ file: FileIdentity) {
        if members.insert(file).inserted { order.insert(file, at: 0) }
    }

    /// Takes all that wait, in their order: one round.
    mutating func takeRound() -> [FileIdentity] {
        defer {
            order.removeAll(keepingCapacity: true)
            members.removeAll(keepingCapacity: true)
        }
        return order
    }
}
