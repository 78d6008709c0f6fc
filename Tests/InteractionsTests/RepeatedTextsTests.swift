// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import Interactions

@Suite struct RepeatedTextsTests {
    @Test func whatWasFoundInATextIsKnownUntilOthersWereAskedForMoreLately() {
        var texts = RepeatedTexts(secret: 1, capacity: 2)
        let keys = ["a", "b", "c"].map { texts.key(of: Array($0.utf8).span) }
        texts.remember(keys[0], found: [1, 2])
        texts.remember(keys[1], found: [])
        #expect(texts.found(keys[0]) == [1, 2])
        texts.remember(keys[2], found: [3])
        #expect(texts.found(keys[0]) == [1, 2])
        #expect(texts.found(keys[1]) == nil)
        #expect(texts.found(keys[2]) == [3])
        texts.remember(keys[2], found: [4])
        #expect(texts.found(keys[2]) == [4])
        texts.remember(keys[2], found: Array(repeating: 1, count: RepeatedTexts.foundLimit + 1))
        #expect(texts.found(keys[2]) == nil)
        texts.removeAll()
        #expect(texts.found(keys[0]) == nil)
    }

    @Test func theTableBeneathAgreesWithAListInTheOrderOfUse() {
        let faults = ModelSeeds(usualSeconds: 1).run("recency", atATime: 1) { seed in
            var random = SeededGenerator(seed: seed)
            var table = RecencyTable<Int>(
                capacity: Int.random(in: 1...50, using: &random), vacant: -1)
            var list: [(key: UInt64, value: Int)] = []
            for number in 0..<500 {
                let key =
                    UInt64.random(in: 0..<8, using: &random)
                    | UInt64.random(in: 0..<12, using: &random) << 32
                if let slot = table.find(key) {
                    guard let at = list.firstIndex(where: { $0.key == key }),
                        list[at].value == table[slot]
                    else { return ["they differ after \(number) steps"] }
                    let entry = list.remove(at: at)
                    if Bool.random(using: &random) {
                        table.touch(slot)
                        list.append(entry)
                    } else {
                        table.remove(slot)
                    }
                } else {
                    if list.contains(where: { $0.key == key }) { return ["one is lost"] }
                    if table.isFull, let oldest = table.oldest {
                        if table.key(of: oldest) != list.removeFirst().key { return ["order"] }
                        table.remove(oldest)
                    }
                    table.insert(key, number)
                    list.append((key, number))
                }
            }
            var order: [UInt64] = []
            var slot = table.oldest
            while let at = slot {
                order.append(table.key(of: at))
                slot = table.next(newerThan: at)
            }
            return order == list.map(\.key) && table.count == list.count ? [] : ["the end differs"]
        }
        #expect(faults.isEmpty, "\(faults)")
    }
}
