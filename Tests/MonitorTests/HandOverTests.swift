// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Monitor

/// How much waits between two threads.
@Suite struct HandOverTests {
    /// What is taken until nothing is left.
    private func all(of queue: HandOver<Int>) -> [Int] {
        var taken: [Int] = []
        queue.close()
        while case .element(let element) = queue.take() { taken.append(element) }
        return taken
    }

    @Test func elementsAreTakenInTheirOrderAndNoMoreThanFit() {
        let queue = HandOver<Int>(capacity: 3)
        for element in 1...5 { queue.giveIfRoom(element) }
        #expect(all(of: queue) == [1, 2, 3])
    }

    @Test func heavyElementsLeaveRoomForFewer() {
        let queue = HandOver<Int>(capacity: 10, weigh: { $0 })
        for element in [4, 4, 1, 100, 1] { queue.giveIfRoom(element) }
        // One that is too heavy by itself still goes through, and alone.
        #expect(all(of: queue) == [4, 4, 1, 100])
    }

    @Test func whatIsTakenLeavesItsRoom() {
        let queue = HandOver<Int>(capacity: 10, weigh: { $0 })
        queue.giveIfRoom(10)
        queue.giveIfRoom(1)
        guard case .element(10) = queue.take() else { return #expect(Bool(false)) }
        queue.giveIfRoom(7)
        #expect(all(of: queue) == [7])
    }
}
