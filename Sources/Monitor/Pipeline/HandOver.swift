// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// A bounded queue between two threads of the pipeline.
///
/// A full queue makes the giver wait, which is how a slow disk reaches the reader; a closed
/// one lets the taker finish what is in it.
final class HandOver<Element>: @unchecked Sendable {
    private let condition = NSCondition()
    private var elements: [(element: Element, weight: Int)] = []
    private var weight = 0
    private let capacity: Int
    private let weigh: (Element) -> Int
    private var isClosed = false
    /// Of the threads at either end: waiting here they are alive.
    let giver: Heartbeat?
    let taker: Heartbeat?

    /// - Parameters:
    ///   - capacity: The weight from which on there is no room for another element.
    ///   - weigh: What an element counts; 1 where nothing is said.
    init(
        capacity: Int, weigh: @escaping (Element) -> Int = { _ in 1 }, giver: Heartbeat? = nil,
        taker: Heartbeat? = nil
    ) {
        precondition(capacity > 0, "a queue for \(capacity) elements")
        self.capacity = capacity
        self.weigh = weigh
        self.giver = giver
        self.taker = taker
    }

    /// Adds an element, waiting for room; false when the queue is closed and it was not added.
    func give(_ element: sending Element) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while weight >= capacity, !isClosed { _ = wait(until: nil, giver) }
        giver?.beat()
        guard !isClosed else { return false }
        append(element)
        return true
    }

    /// Adds an element unless the queue is full or closed; never waits.
    func giveIfRoom(_ element: sending Element) {
        condition.lock()
        defer { condition.unlock() }
        guard weight < capacity, !isClosed else { return }
        append(element)
    }

    private func append(_ element: Element) {
        let added = weigh(element)
        elements.append((element, added))
        weight += added
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
        let first = elements.removeFirst()
        weight -= first.weight
        condition.broadcast()
        return .element(first.element)
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
