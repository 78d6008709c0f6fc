// SPDX-License-Identifier: Apache-2.0

/// A binary heap: the least element first.
struct Heap<Element: Comparable> {
    private var elements: [Element] = []

    var count: Int { elements.count }
    var first: Element? { elements.first }
    /// In no order.
    var unordered: [Element] { elements }

    mutating func insert(_ element: Element) {
        elements.append(element)
        var index = elements.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard elements[index] < elements[parent] else { return }
            elements.swapAt(index, parent)
            index = parent
        }
    }

    mutating func popFirst() -> Element? {
        guard let least = elements.first else { return nil }
        let last = elements.removeLast()
        if !elements.isEmpty {
            elements[0] = last
            sink()
        }
        return least
    }

    private mutating func sink() {
        var index = 0
        while true {
            var least = index
            for child in (2 * index + 1)...(2 * index + 2)
            where child < elements.count && elements[child] < elements[least] {
                least = child
            }
            guard least != index else { return }
            elements.swapAt(index, least)
            index = least
        }
    }
}

extension Heap: Sendable where Element: Sendable {}

/// An element with the time at which it is due; of one time, the first put in is the first out.
struct Timed<Element>: Comparable {
    let time: Int64
    let sequence: Int
    let element: Element

    static func < (left: Timed, right: Timed) -> Bool {
        (left.time, left.sequence) < (right.time, right.sequence)
    }

    static func == (left: Timed, right: Timed) -> Bool {
        (left.time, left.sequence) == (right.time, right.sequence)
    }
}

extension Timed: Sendable where Element: Sendable {}

/// Elements in the order of the times at which they are due.
struct Schedule<Element> {
    private var heap = Heap<Timed<Element>>()
    private var sequence = 0

    var count: Int { heap.count }
    var nextTime: Int64? { heap.first?.time }

    mutating func insert(_ element: Element, at time: Int64) {
        heap.insert(Timed(time: time, sequence: sequence, element: element))
        sequence += 1
    }

    /// Takes out the next, if it is due.
    mutating func pop(upTo time: Int64) -> Element? {
        guard let next = heap.first, next.time <= time else { return nil }
        return heap.popFirst()?.element
    }

    mutating func popFirst() -> Element? { heap.popFirst()?.element }
}

extension Schedule: Sendable where Element: Sendable {}
