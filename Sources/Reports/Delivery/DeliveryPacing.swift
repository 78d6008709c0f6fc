// SPDX-License-Identifier: Apache-2.0

/// When a loop of deliveries tries again, and what operators are told of its troubles: each change
/// once.
struct DeliveryPacing {
    private var retryAt: Int?
    private var failures = 0
    private var isUnavailable = false
    private var storeFails = false

    /// Begins a round, unless it is too early: then when it is not.
    mutating func begin(now: Int) -> DeliveryRound? {
        if let retryAt, now < retryAt, retryAt - now <= DeliveryLoop.longestPause {
            return DeliveryRound(nextAt: retryAt)
        }
        retryAt = nil
        return nil
    }

    /// Something failed in this round, so the next comes after a pause.
    var isPausing: Bool { retryAt != nil }

    /// Notes that the sink took what it was given, or with a reason that it did not.
    mutating func noteSink(
        unavailable reason: String?, now: Int, _ tell: (DeliveryEvent) -> Void
    ) {
        if let reason {
            if !isUnavailable { tell(.unavailable(reason: reason)) }
            pause(now: now)
        } else if isUnavailable {
            tell(.available)
        }
        isUnavailable = reason != nil
    }

    /// Ends a round, which failed on the store or did not.
    mutating func end(
        _ round: inout DeliveryRound, storeFault: StoreError?, now: Int,
        _ tell: (DeliveryEvent) -> Void
    ) {
        if let storeFault {
            if !storeFails { tell(.storeFailed(storeFault)) }
            pause(now: now)
        } else if storeFails {
            tell(.storeWorks)
        }
        storeFails = storeFault != nil
        if let retryAt { round.nextAt = retryAt } else { failures = 0 }
    }

    /// Sets the time of the next attempt: 100 ms after the first failure, twice as long after each.
    private mutating func pause(now: Int) {
        retryAt = now + min(100 << min(failures, 10), DeliveryLoop.longestPause)
        failures += 1
    }
}

/// The state of a loop of deliveries that keeps to a pacing.
protocol PacedState {
    var pacing: DeliveryPacing { get set }
}

extension PacedState {
    /// One round: works unless it is too early, and notes whether the store failed.
    ///
    /// - Parameter work: Adds what it did to the round.
    mutating func round(
        now: Int, _ tell: (DeliveryEvent) -> Void,
        _ work: (inout Self, inout DeliveryRound) throws(StoreError) -> Void
    ) -> DeliveryRound {
        if let tooEarly = pacing.begin(now: now) { return tooEarly }
        var result = DeliveryRound()
        var fault: StoreError?
        do throws(StoreError) { try work(&self, &result) } catch { fault = error }
        pacing.end(&result, storeFault: fault, now: now, tell)
        return result
    }
}
