// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import Interactions

extension ConversationTable {
    /// Places a record given as a line.
    fileprivate func place(_ line: [UInt8], nowSeconds: Int = 0) -> [TurnPlace] {
        place(DecodedLine(bytes: line).decoder, nowMilliseconds: Int64(nowSeconds) * 1000)
        return places
    }

    fileprivate func place(_ line: String) -> [TurnPlace] { place(Array(line.utf8)) }
}

@Suite struct ConversationModelTests {
    /// The table, one that is rebuilt at random from its journals, and the model.
    private struct Comparison {
        let limits: ConversationLimits
        let table: ConversationTable
        var restarted: ConversationTable
        var model: ModelTable
        var journals: [[UInt8]] = []
        /// The keys of the model's conversations, and back.
        var keys: [String: ConversationKey] = [:]
        var names: [ConversationKey: String] = [:]

        init(_ limits: ConversationLimits) {
            self.limits = limits
            table = ConversationTable(secret: 3, limits: limits, keepsJournal: true)
            restarted = ConversationTable(secret: 3, limits: limits, keepsJournal: true)
            model = ModelTable(limits)
        }

        mutating func place(_ record: ModelRecord, nowSeconds: Int) throws -> [String] {
            let line = try record.line
            let expected = model.place(record, nowSeconds: nowSeconds)
            let places = table.place(line, nowSeconds: nowSeconds)
            var faults: [String] = []
            for (place, wanted) in zip(places, expected) {
                let key = keys[wanted.conversation] ?? place.conversation
                let name = names[place.conversation] ?? wanted.conversation
                keys[wanted.conversation] = key
                names[place.conversation] = name
                if place.index != wanted.index || place.wasEvaluated != wanted.wasEvaluated
                    || key != place.conversation || name != wanted.conversation
                {
                    faults.append("\(record): \(wanted) became \(place) of \(name)")
                }
            }
            if places.count != expected.count { faults.append("\(places) for \(expected)") }
            if restarted.place(line, nowSeconds: nowSeconds) != places {
                faults.append("\(record): a restart changes \(places) to \(restarted.places)")
            }
            return faults
        }

        mutating func restart(_ random: inout SeededGenerator) throws {
            journals.append(restarted.takeJournal())
            journals.removeAll(where: \.isEmpty)
            if Bool.random(using: &random) { journals = restarted.compacted() }
            restarted = ConversationTable(secret: 3, limits: limits, keepsJournal: true)
            for journal in journals { try restarted.restore(journal: journal) }
        }
    }

    @Test func turnsAreWhereTheModelHasThemAlsoAfterRestarts() {
        let faults = ModelSeeds(usualSeconds: 5).run("conversations", atATime: 1) { seed in
            var random = SeededGenerator(seed: seed)
            var conversations = ModelConversations(&random)
            var limits = ConversationLimits()
            limits.turns = [5, 23, 1000].randomElement(using: &random) ?? 5
            limits.conversations = [1, 3, 100].randomElement(using: &random) ?? 1
            limits.ageSeconds = [10, 1000].randomElement(using: &random) ?? 10
            var comparison = Comparison(limits)
            var now = 1000
            for _ in 0..<60 {
                // The clock may stand still, or go back.
                now += Int.random(in: -1...3, using: &random)
                if Int.random(in: 0..<4, using: &random) == 0 {
                    try comparison.restart(&random)
                }
                let record = conversations.next(&random)
                let faults = try comparison.place(record, nowSeconds: now)
                if !faults.isEmpty { return faults }
            }
            return []
        }
        #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
    }
}

@Suite struct ConversationTests {
    @Test func aLaterRecordWithTheWholeHistoryIsTheSameConversationThoughAllWasForgotten() {
        let first =
            #"{"user":"u","messages":[{"role":"user","content":"Q1"}],"choices":[{"message":{"content":"A1"}},{"message":{"content":"B1"}}]}"#
        let later =
            #"{"user":"u","messages":[{"role":"user","content":"Q1"},{"role":"assistant","content":"A1"},{"role":"user","content":"Q2"},{"role":"assistant","content":"A2"},{"role":"user","content":"Q3"}]}"#
        let before = ConversationTable(secret: 1, keepsJournal: false).place(first)
        let after = ConversationTable(secret: 1, keepsJournal: false).place(later)
        #expect(Set(after.map(\.conversation)) == [before[0].conversation])
        #expect(after.map(\.index) == [0, 1, 2])
    }

    @Test func aConversationWithoutAnIDIsCalledByItsKey() {
        #expect(ConversationKey(rawValue: 0x0123_4567_89ab_cdef).text == "0123456789abcdef")
        #expect(ConversationKey(rawValue: 1).text == "0000000000000001")
    }

    @Test("keys are stored, so they are the same in every version") func keysAreStable() {
        let table = ConversationTable(secret: 42, keepsJournal: false)
        let own = table.place(
            #"{"user":"u","messages":[{"role":"user","content":"a question of some length, so that both lanes count"}],"choices":[{"message":{"content":"A"}}]}"#
        )
        let named = table.place(
            #"{"conversation_id":"c","messages":[{"role":"user","content":"Q"}]}"#)
        #expect((own + named).map(\.conversation.text) == ["aef0fd6424d7bc02", "126197b3cafe0d03"])
    }

    @Test func damagedJournalsAreRefusedAndChangeNothing() throws {
        let table = ConversationTable(secret: 1, keepsJournal: true)
        let lines = (0..<3).map { #"{"messages":[{"role":"user","content":"Q\#($0)"}]}"# }
        for line in lines { _ = table.place(line) }
        let journal = table.takeJournal()
        #expect(journal.count == 4 + 3 * 24 + 8)
        #expect(table.takeJournal().isEmpty)
        let other = ConversationTable(secret: 1, keepsJournal: true)
        let damaged = ConversationJournalError.damaged(bytes: journal.count)
        for at in journal.indices {
            var changed = journal
            changed[at] ^= 0x41
            let expected = at == 3 ? .unknownVersion(0x40) : damaged
            #expect(throws: expected) { try other.restore(journal: changed) }
        }
        for count in 0..<journal.count {
            #expect(throws: ConversationJournalError.damaged(bytes: count)) {
                try other.restore(journal: Array(journal.prefix(count)))
            }
        }
        let stranger = ConversationTable(secret: 2, keepsJournal: true)
        #expect(throws: damaged) { try stranger.restore(journal: journal) }
        let empty = ConversationTable(secret: 1, keepsJournal: true)
        #expect(other.compacted() == empty.compacted())
        try other.restore(journal: journal)
        #expect(other.compacted() == table.compacted())
        #expect(other.takeJournal().isEmpty)
    }

    @Test func theWholeIsStoredInPartsThatAreSmall() throws {
        let table = ConversationTable(secret: 1, keepsJournal: true)
        for number in 0..<10_000 {
            _ = table.place(#"{"messages":[{"role":"user","content":"Q\#(number)"}]}"#)
        }
        let parts = table.compacted()
        #expect(parts.count == 2)
        #expect(parts.allSatisfy { $0.count <= 4 + 8192 * 24 + 8 })
        let other = ConversationTable(secret: 1, keepsJournal: true)
        for part in parts { try other.restore(journal: part) }
        #expect(other.compacted() == parts)
    }

    @Test func anErrorSaysWhatIsLost() {
        #expect(
            "\(ConversationJournalError.damaged(bytes: 12))"
                == "cannot restore conversations from 12 stored bytes: they are damaged or were"
                + " written under another secret; without them turns that are repeated are"
                + " evaluated again")
        #expect(
            "\(ConversationJournalError.unknownVersion(9))"
                == "cannot restore conversations: their format version is 9, this build reads 1;"
                + " without them turns that are repeated are evaluated again")
    }
}

@Suite struct ConversationTurnsTests {
    @Test("remembering is bounded by count and age, the oldest going first")
    func agreesWithAList() {
        let faults = ModelSeeds(usualSeconds: 1).run("turns", atATime: 1) { seed in
            var random = SeededGenerator(seed: seed)
            let capacity = Int.random(in: 1...70, using: &random)
            var turns = ConversationTurns(capacity: capacity)
            var list: [(key: UInt64, index: UInt32, time: UInt32)] = []
            var clock: UInt32 = 0
            for number in 0..<500 as Range<UInt32> {
                // Keys that begin at few places, and key 0.
                let high = UInt64.random(in: 0..<4, using: &random) << 62
                let key = high | UInt64.random(in: 0..<40, using: &random) * 2
                let turn = ConversationTurns.Turn(owner: key, index: number)
                turns.put(key, turn, time: clock)
                if let at = list.firstIndex(where: { $0.key == key }) {
                    list[at].index = number
                } else {
                    if list.count == capacity { list.removeFirst() }
                    list.append((key, number, clock))
                }
                if Int.random(in: 0..<10, using: &random) == 0 {
                    clock += UInt32.random(in: 0...9, using: &random)
                    turns.expire(at: clock, ageSeconds: 20)
                    list.removeAll { clock - $0.time > 20 }
                }
                let probe = list.randomElement(using: &random)
                guard turns.count == list.count,
                    turns.find(probe?.key ?? key)?.index == probe?.index,
                    list.contains(where: { $0.key == key + 2 }) == (turns.find(key + 2) != nil)
                else { return ["they differ after \(number) turns"] }
            }
            var order: [UInt64] = []
            turns.forEach { key, _, _ in order.append(key) }
            return order == list.map { max($0.key, 1) } ? [] : ["the order differs"]
        }
        #expect(faults.isEmpty, "\(faults)")
    }
}
