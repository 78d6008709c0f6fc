// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// Raised once, when the process is to end; whoever waits on it wakes.
final class StopFlag: @unchecked Sendable {
    private let condition = NSCondition()
    private var isRaised = false

    func raise() {
        condition.lock()
        isRaised = true
        condition.broadcast()
        condition.unlock()
    }

    /// Waits for the flag, `seconds` at most; whether it is raised.
    func wait(seconds: Double) -> Bool {
        let deadline = Date() + seconds
        condition.lock()
        defer { condition.unlock() }
        while !isRaised, condition.wait(until: deadline) {}
        return isRaised
    }
}
