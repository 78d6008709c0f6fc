// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// A bounded queue between two threads of the pipeline.
///
/// A full queue makes the giver wait, which is how a slow disk reaches the reader; a closed
/// one lets the taker finish what is in it.
final class HandOver<Element>: @unchecked Sendable {
    private let condition = NSCondition()
    private var elements: [Element] = []
    private let capacity: Int
    private var isClosed = false
    /// Of the threads at either end: waiting here they are alive.
    let giver: Heartbeat?
    let taker: Heartbeat?

    init(capacity: Int, giver: Heartbeat? = nil, taker: Heartbeat? = nil) {
        precondition(capacity > 0, "a queue for \(capacity) elements")
        self.capacity = capacity
        self.giver = giver
        self.taker = taker
    }

    /// Adds an element, waiting for room; false when the queue is closed and it was not added.
    func give(_ element: sending Element) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while elements.count >= capacity, !isClosed { _ = wait(until: nil, giver) }
        giver?.beat()
        guard !isClosed else { return false }
        elements.append(element)
        condition.broadcast()
        return true
    }

    /// Adds an element unless the queue is full or closed; never waits.
    func giveIfRoom(_ element: sending Element) {
        condition.lock()
        defer { condition.unlock() }
        guard elements.count < capacity, !isClosed else { return }
        elements.append(element)
        condition.broadcast()
    }

    /// What came of waiting for an element.
    enum Taken {
        case element(Element)
        case timedOut
        /// The queue is closed and empty.
        case ended
    }

    /// Takes the oldest element, waiting for one: for ever, or until `deadline` at most.
    func take(until deadline: Date? = nil) -> Taken {
        condition.lock()
        defer { condition.unlock() }
        while elements.isEmpty, !isClosed, wait(until: deadline, taker) {}
        taker?.beat()
        guard !elements.isEmpty else { return isClosed ? .ended : .timedOut }
        let element = elements.removeFirst()
        condition.broadcast()
        return .element(element)
    }

    /// Waits for a change with the lock held; false when `deadline` has come.
    private func wait(until deadline: Date?, _ heartbeat: Heartbeat?) -> Bool {
        heartbeat?.beat()
        let nextBeat = heartbeat?.pauseSeconds.map { Date() + $0 }
        guard let wakeUp = [deadline, nextBeat].compactMap({ $0 }).min() else {
            condition.wait()
            return true
        }
        let isChanged = condition.wait(until: wakeUp)
        return isChanged || wakeUp != deadline
    }

    /// Closed and empty: nothing will be taken any more.
    var isFinished: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isClosed && elements.isEmpty
    }

    /// No more will be given; who waits is woken.
    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }
}
