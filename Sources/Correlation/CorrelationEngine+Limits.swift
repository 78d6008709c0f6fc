// SPDX-License-Identifier: Apache-2.0

/// What is too old, and what is too much.
extension CorrelationEngine {
    /// Lets go of what no window needs any more.
    mutating func expire() {
        log.expire(before: frontier)
        while let place = expiries.pop(upTo: frontier) {
            let span = plan.correlations[place.correlation].spanMilliseconds
            entryCount -= place.window.removeEntries(before: frontier - span)
            watch(place, span)
        }
    }

    /// Sets the time at which a group is to be looked at again; forgets it if there is none.
    private mutating func watch(_ place: GroupPlace, _ span: Int64) {
        let oldest = place.window.oldestTime
        let report = place.window.lastReported.flatMap { $0 + span < frontier ? nil : $0 }
        guard let next = [oldest, report].compactMap({ $0 }).min() else {
            return forget(place)
        }
        expiries.insert(place, at: next + span + 1)
    }

    private mutating func forget(_ place: GroupPlace) {
        groups[place.correlation][place.window.key] = nil
        groupCount -= 1
    }

    /// Gives up what would expire first where there is too much.
    mutating func keepLimits() {
        guard isOverLimit else { return }
        expire()
        while isOverLimit, let place = expiries.popFirst() {
            counts.dropped += 1
            if place.window.count > 0 { giveUpOldest(of: place.window) }
            if place.window.count > 0, groupCount <= limits.groups {
                watch(place, plan.correlations[place.correlation].spanMilliseconds)
            } else {
                entryCount -= place.window.count
                forget(place)
            }
        }
    }

    private var isOverLimit: Bool {
        entryCount > limits.windowEntries || groupCount > limits.groups
    }
}
