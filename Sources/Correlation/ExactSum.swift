// SPDX-License-Identifier: Apache-2.0

/// A sum of numbers that come and go, without rounding until it is asked for.
///
/// So a window's sum does not depend on what was in the window before, and is the same after a
/// restart. The sum is held as parts that do not overlap, smallest first.
///
/// - Source: J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic", 1997; the rounding
///   of the last step is that of Python's `math.fsum`.
struct ExactSum {
    private var parts: [Double] = []

    /// - Parameter number: Below 2^1000 in magnitude, so that no window's sum overflows.
    mutating func add(_ number: Double) {
        var carried = number
        var kept = 0
        for index in parts.indices {
            var other = parts[index]
            if carried.magnitude < other.magnitude { swap(&carried, &other) }
            let high = carried + other
            let low = other - (high - carried)
            if low != 0 {
                parts[kept] = low
                kept += 1
            }
            carried = high
        }
        parts.removeSubrange(kept...)
        if carried != 0 { parts.append(carried) }
    }

    mutating func subtract(_ number: Double) { add(-number) }

    /// The sum, rounded once.
    var value: Double {
        guard var high = parts.last else { return 0 }
        var low = 0.0
        var index = parts.count - 1
        while index > 0 {
            index -= 1
            let sum = high + parts[index]
            low = parts[index] - (sum - high)
            high = sum
            if low != 0 { break }
        }
        // Half-way cases: what lies below decides in which direction to round.
        if index > 0, (low < 0 && parts[index - 1] < 0) || (low > 0 && parts[index - 1] > 0) {
            let doubled = low * 2
            let sum = high + doubled
            if doubled == sum - high { high = sum }
        }
        return high
    }
}
