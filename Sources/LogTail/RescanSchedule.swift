// SPDX-License-Identifier: Apache-2.0

/// When to look at all files again.
struct RescanSchedule {
    private(set) var next = TailInstant.now
    private var earliest = TailInstant.now
    /// Looking takes one part in so many of the time at most: regularly, and when hastened.
    private static let regularShare = 1000
    private static let hastenedShare = 10

    func isDue(_ now: TailInstant) -> Bool { now >= next }

    mutating func done(began: TailInstant, ended: TailInstant, interval: Duration) {
        let took = ended - began
        next = ended + max(interval, took * Self.regularShare)
        earliest = ended + took * Self.hastenedShare
    }

    /// Something came, went or was missed.
    mutating func hasten() { next = min(next, earliest) }
}
