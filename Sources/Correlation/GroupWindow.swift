// SPDX-License-Identifier: Apache-2.0
internal import Sigma

/// An event as windows hold it: a turn that a rule has found, or a correlation's occurrence.
final class WindowItem: Sendable {
    let time: Int64
    let identity: String
    let fields: [CapturedField]
    /// The base rule's index; -1 for a turn as such and for occurrences.
    let rule: Int
    /// The turns that an occurrence is made of, the last ones; none for a turn.
    let evidence: [WindowItem]
    /// How many turns the occurrence is made of in all.
    let evidenceCount: Int

    init(
        time: Int64, identity: String, fields: [CapturedField], rule: Int = -1,
        evidence: [WindowItem] = [], evidenceCount: Int = 1
    ) {
        self.time = time
        self.identity = identity
        self.fields = fields
        self.rule = rule
        self.evidence = evidence
        self.evidenceCount = evidenceCount
    }

    /// The order in which events are worked and held.
    func precedes(_ other: WindowItem) -> Bool {
        (time, identity, rule) < (other.time, other.identity, other.rule)
    }
}

/// An event's place in a window: the same event has one for each rule, and each value.
struct WindowEntry {
    let item: WindowItem
    /// Which of the correlation's rules; their count stands for a turn as such.
    let slot: Int
    let value: CapturedValue?

    var number: Double? {
        if case .number(let number) = value { number } else { nil }
    }
}

/// What a correlation holds of one group: the window's entries by time, and what they come to.
final class GroupWindow {
    let key: [CapturedValue]
    private let kind: CorrelationRule.Kind
    private let contextSlot: Int
    /// By time and identity; those before `head` are gone.
    private var storage: [WindowEntry] = []
    private var head = 0
    private(set) var tally: WindowTally
    private(set) var slotTimes: [TimeQueue]
    /// The end of the last window that was reported.
    var lastReported: Int64?
    /// The end of the last window that qualified.
    var lastOccurrence: Int64?
    /// The time of the newest entry that was given up though it was still in the window.
    var lastGivenUp: Int64?
    /// When the next of its windows that look forward closes.
    var nextDeadline: Int64?
    /// The time at which it was last noted for checking.
    var notedAt: Int64?

    init(key: [CapturedValue], _ correlation: CompiledCorrelation) {
        self.key = key
        kind = correlation.kind
        contextSlot = correlation.slotCount
        tally = WindowTally(correlation)
        slotTimes =
            correlation.isOrdered ? Array(repeating: TimeQueue(), count: contextSlot) : []
    }

    var entries: ArraySlice<WindowEntry> { storage[head...] }
    var count: Int { storage.count - head }
    var oldestTime: Int64? { entries.first?.item.time }

    /// The time of the first entry that is later than another time.
    func firstTime(after time: Int64) -> Int64? {
        let index = entries.partitioningIndex { $0.item.time > time }
        return index < storage.count ? storage[index].item.time : nil
    }

    /// Whether one of the rules has a match at a time, which is the newest.
    func hasMatch(at time: Int64) -> Bool {
        for entry in entries.reversed() where entry.slot != contextSlot || entry.item.time < time {
            return entry.item.time == time
        }
        return false
    }

    /// The time of the newest match of one of the rules.
    var newestMatch: Int64? { entries.last { $0.slot != contextSlot }?.item.time }

    /// Puts an entry in its place by time.
    ///
    /// - Returns: Whether it was not there yet.
    func insert(_ entry: WindowEntry) -> Bool {
        let item = entry.item
        var index = storage.count
        if let last = storage.last, head < storage.count, Self.isBefore(item, last.item) {
            index = entries.partitioningIndex { Self.isBefore(item, $0.item) }
        }
        var isNewEvent = true
        var isNewValue = true
        var other = index
        while other > head, Self.isSame(storage[other - 1].item, item) {
            other -= 1
            let present = storage[other]
            // A turn as such is none of the events that are counted.
            guard (present.slot == contextSlot) == (entry.slot == contextSlot) else { continue }
            isNewEvent = false
            if present.value == entry.value {
                if present.slot == entry.slot { return false }
                isNewValue = false
            }
        }
        storage.insert(entry, at: index)
        guard entry.slot != contextSlot else { return true }
        tally.add(entry, isNewEvent: isNewEvent, isNewValue: isNewValue, kind)
        if !slotTimes.isEmpty { slotTimes[entry.slot].insert(item.time) }
        return true
    }

    /// Takes the oldest entry out.
    func removeOldest() {
        guard head < storage.count else { return }
        let entry = storage[head]
        head += 1
        if entry.slot != contextSlot { discount(entry) }
        if head > 32 && head * 2 > storage.count {
            storage.removeSubrange(..<head)
            head = 0
        }
    }

    private func discount(_ entry: WindowEntry) {
        var isLastOfEvent = true
        var isLastOfValue = true
        var next = head
        while next < storage.count, Self.isSame(storage[next].item, entry.item) {
            if storage[next].slot != contextSlot {
                isLastOfEvent = false
                if storage[next].value == entry.value { isLastOfValue = false }
            }
            next += 1
        }
        tally.remove(entry, isLastOfEvent: isLastOfEvent, isLastOfValue: isLastOfValue, kind)
        if !slotTimes.isEmpty { slotTimes[entry.slot].removeFirst() }
    }

    /// Takes out what is older than a time.
    ///
    /// - Returns: How many entries went.
    func removeEntries(before time: Int64) -> Int {
        let before = count
        while let oldest = oldestTime, oldest < time { removeOldest() }
        return before - count
    }

    private static func isBefore(_ left: WindowItem, _ right: WindowItem) -> Bool {
        (left.time, left.identity) < (right.time, right.identity)
    }

    private static func isSame(_ left: WindowItem, _ right: WindowItem) -> Bool {
        left === right || left.time == right.time && left.identity == right.identity
    }
}

/// The times of a rule's matches in a window, in order.
struct TimeQueue {
    private var times: [Int64] = []
    private var head = 0

    mutating func insert(_ time: Int64) {
        times.insert(time, at: times[head...].partitioningIndex { $0 > time })
    }

    mutating func removeFirst() {
        head += 1
        if head > 32 && head * 2 > times.count {
            times.removeSubrange(..<head)
            head = 0
        }
    }

    /// The first time after another, or the first at all.
    func first(after time: Int64?) -> Int64? {
        let held = times[head...]
        guard let time else { return held.first }
        let index = held.partitioningIndex { $0 > time }
        return index < held.endIndex ? held[index] : nil
    }
}
