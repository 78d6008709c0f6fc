// SPDX-License-Identifier: Apache-2.0
internal import Sigma

/// What is counted over the entries of a window, kept up as they come and go.
struct WindowTally {
    /// Different events.
    private(set) var events = 0
    /// Entries of each of the correlation's rules; only where rules are asked for.
    private var slots: [Int32] = []
    private var occurringSlots = 0
    /// Entries with each value; only for counting values.
    private var values: [CapturedValue: Int32] = [:]
    private var numberCount = 0
    private var sum = ExactSum()
    /// In order; only for percentiles.
    private var sorted: [Double] = []

    init(_ correlation: CompiledCorrelation) {
        switch correlation.kind {
        case .temporal, .temporalOrdered:
            slots = Array(repeating: 0, count: correlation.slotCount)
        case .eventCount, .valueCount, .valueSum, .valueAverage, .valuePercentile: break
        }
    }

    /// - Parameters:
    ///   - isNewEvent: No other entry is of the same event.
    ///   - isNewValue: No other entry is of the same event with the same value.
    mutating func add(
        _ entry: WindowEntry, isNewEvent: Bool, isNewValue: Bool, _ kind: CorrelationRule.Kind
    ) {
        if isNewEvent { events += 1 }
        switch kind {
        case .eventCount: break
        case .temporal, .temporalOrdered:
            if slots[entry.slot] == 0 { occurringSlots += 1 }
            slots[entry.slot] += 1
        case .valueCount:
            if let value = entry.value { values[value, default: 0] += 1 }
        case .valueSum, .valueAverage:
            guard isNewValue, let number = entry.number else { return }
            sum.add(number)
            numberCount += 1
        case .valuePercentile:
            guard isNewValue, let number = entry.number else { return }
            sorted.insert(number, at: place(of: number))
        }
    }

    /// The opposite of `add`.
    mutating func remove(
        _ entry: WindowEntry, isLastOfEvent: Bool, isLastOfValue: Bool,
        _ kind: CorrelationRule.Kind
    ) {
        if isLastOfEvent { events -= 1 }
        switch kind {
        case .eventCount: break
        case .temporal, .temporalOrdered:
            slots[entry.slot] -= 1
            if slots[entry.slot] == 0 { occurringSlots -= 1 }
        case .valueCount:
            guard let value = entry.value, let count = values[value] else { return }
            values[value] = count == 1 ? nil : count - 1
        case .valueSum, .valueAverage:
            guard isLastOfValue, let number = entry.number else { return }
            sum.subtract(number)
            numberCount -= 1
        case .valuePercentile:
            guard isLastOfValue, let number = entry.number else { return }
            sorted.remove(at: place(of: number))
        }
    }

    func occurs(_ slot: Int) -> Bool { slots[slot] > 0 }

    /// What the kind of correlation works out; nil if there is no number to work with.
    func metric(_ kind: CorrelationRule.Kind) -> Double? {
        switch kind {
        case .eventCount: Double(events)
        case .valueCount: Double(values.count)
        case .valueSum: numberCount > 0 ? sum.value : nil
        case .valueAverage: numberCount > 0 ? sum.value / Double(numberCount) : nil
        case .valuePercentile(_, let percent): percentile(percent)
        case .temporal, .temporalOrdered: Double(occurringSlots)
        }
    }

    /// Between the two numbers nearest to the place that so many percent make.
    private func percentile(_ percent: Double) -> Double? {
        guard !sorted.isEmpty else { return nil }
        let position = Double(sorted.count - 1) * (percent / 100)
        let lower = min(max(Int(position), 0), sorted.count - 1)
        let share = position - Double(lower)
        let upper = lower + 1 < sorted.count ? sorted[lower + 1] * share : 0
        return sorted[lower] * (1 - share) + upper
    }

    /// Where the first number stands that is not below one.
    private func place(of number: Double) -> Int {
        sorted.partitioningIndex { $0 >= number }
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first index from which on a claim is true; it must be false of all before.
    func partitioningIndex(where isTrue: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if isTrue(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
