// SPDX-License-Identifier: Apache-2.0

/// Walks one parsed record and says which of its strings was said by whom.
///
/// One extension a shape.
struct ShapeReader {
    let tape: Tape

    /// The time that a number means: seconds since 1970, or milliseconds when too large for
    /// seconds (from 1e11, which as seconds is the year 5138).
    func milliseconds(_ value: Double) -> Int64? {
        guard value > 0, value < 1e14 else { return nil }
        return Int64(value < 1e11 ? value * 1000 : value)
    }
}
