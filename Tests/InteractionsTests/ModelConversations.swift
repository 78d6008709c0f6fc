// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

@testable import Interactions

/// One exchange as a record has it.
struct ModelTurn: Equatable {
    var prompt: String
    /// More than one only where the turn is new; any of them may become history.
    var answers: [String]
}

/// One record: what it repeats, and what is new.
struct ModelRecord {
    var actor: String
    var id: String?
    var history: [ModelTurn]
    var own: ModelTurn

    var line: [UInt8] {
        get throws {
            var messages: [[String: String]] = []
            for turn in history {
                messages.append(["role": "user", "content": turn.prompt])
                messages.append(["role": "assistant", "content": turn.answers[0]])
            }
            messages.append(["role": "user", "content": own.prompt])
            var record: [String: Any] = ["user": actor, "messages": messages]
            record["conversation_id"] = id
            record["choices"] = own.answers.map { ["message": ["content": $0]] }
            return Array(try JSONSerialization.data(withJSONObject: record))
        }
    }

    func key(_ turn: ModelTurn, answer: Int = 0) -> String {
        "\(actor)|\(turn.prompt)|\(turn.answers[answer])"
    }
}

/// Conversations that go on at random: logged whole, cut off at the start or without what was
/// said before; with and without ids; answered again; forked.
struct ModelConversations {
    private struct Conversation {
        let actor: String
        let id: String?
        /// How many turns its records repeat at most.
        let repeated: Int
        var turns: [ModelTurn] = []
    }

    private var conversations: [Conversation] = []

    init(_ random: inout SeededGenerator) {
        for number in 0..<Int.random(in: 1...6, using: &random) {
            conversations.append(
                Conversation(
                    actor: "actor \(number % 3)",
                    id: Bool.random(using: &random) ? "conversation \(number)" : nil,
                    repeated: [0, 1, 2, 3, 100].randomElement(using: &random) ?? 0))
        }
    }

    mutating func next(_ random: inout SeededGenerator) -> ModelRecord {
        let which = Int.random(in: 0..<conversations.count, using: &random)
        if Int.random(in: 0..<6, using: &random) == 0 {
            // Another continuation of an earlier place, or the last turn said again.
            let kept = Int.random(in: 0...conversations[which].turns.count, using: &random)
            conversations[which].turns.removeSubrange(kept...)
        }
        let conversation = conversations[which]
        let word = Int.random(in: 0..<(Bool.random(using: &random) ? 3 : 1000), using: &random)
        let answers = (0..<[1, 1, 1, 3, 18][Int.random(in: 0..<5, using: &random)]).map {
            "answer \($0) to \(word)"
        }
        let own = ModelTurn(prompt: "question \(word)", answers: answers)
        let chosen = answers.randomElement(using: &random) ?? answers[0]
        conversations[which].turns.append(ModelTurn(prompt: own.prompt, answers: [chosen]))
        return ModelRecord(
            actor: conversation.actor, id: conversation.id,
            history: conversation.turns.suffix(conversation.repeated), own: own)
    }
}

/// What a conversation table does, done the simplest way.
struct ModelTable {
    struct Place: Equatable {
        var conversation: String
        var index: Int
        var wasEvaluated: Bool
    }

    private struct Remembered {
        var key: String
        var conversation: String
        var index: Int
        var time: Int
    }

    private struct Next {
        var conversation: String
        var index: Int
        var time: Int
    }

    let limits: ConversationLimits
    private var turns: [Remembered] = []
    private var nexts: [Next] = []
    private var clock = 0

    init(_ limits: ConversationLimits) { self.limits = limits }

    mutating func place(_ record: ModelRecord, nowSeconds: Int) -> [Place] {
        clock = max(clock, nowSeconds)
        turns.removeAll { clock - $0.time > limits.ageSeconds }
        nexts.removeAll { clock - $0.time > limits.ageSeconds }
        let all = record.history + [record.own]
        let known = all.map { turn in turns.first { $0.key == record.key(turn) } }
        let (conversation, first) = start(record, known)
        var places: [Place] = []
        for (number, turn) in all.enumerated() {
            let isHistory = number < record.history.count
            let key = record.key(turn)
            let index = max(0, first + number)
            let wasEvaluated =
                isHistory && (known[number] != nil || turns.contains { $0.key == key })
            places.append(
                Place(conversation: conversation, index: index, wasEvaluated: wasEvaluated))
            if wasEvaluated { continue }
            remember(key, conversation, index)
            if !isHistory { rememberNew(record, conversation, index) }
        }
        return places
    }

    private func start(_ record: ModelRecord, _ known: [Remembered?]) -> (String, Int) {
        let id = record.id.map { "id \($0)" }
        for (number, turn) in known.dropLast().enumerated().reversed() {
            guard let turn, id == nil || turn.conversation == id else { continue }
            return (
                turn.conversation, id == nil ? turn.index - number : max(0, turn.index - number)
            )
        }
        guard let id else { return ("turn " + record.key((record.history + [record.own])[0]), 0) }
        guard record.history.isEmpty else { return (id, 0) }
        if let turn = known[0], turn.conversation == id { return (id, turn.index) }
        return (id, nexts.first { $0.conversation == id }?.index ?? 0)
    }

    private mutating func rememberNew(_ record: ModelRecord, _ conversation: String, _ index: Int) {
        if record.id != nil {
            let before = nexts.first { $0.conversation == conversation }?.index ?? 0
            nexts.removeAll { $0.conversation == conversation }
            if nexts.count == limits.conversations { nexts.removeFirst() }
            nexts.append(
                Next(conversation: conversation, index: max(before, index + 1), time: clock))
        }
        for answer in 1..<max(1, min(record.own.answers.count, 16)) {
            remember(record.key(record.own, answer: answer), conversation, index)
        }
    }

    private mutating func remember(_ key: String, _ conversation: String, _ index: Int) {
        if let at = turns.firstIndex(where: { $0.key == key }) {
            turns[at].conversation = conversation
            turns[at].index = index
            return
        }
        if turns.count == limits.turns { turns.removeFirst() }
        turns.append(
            Remembered(key: key, conversation: conversation, index: index, time: clock))
    }
}
