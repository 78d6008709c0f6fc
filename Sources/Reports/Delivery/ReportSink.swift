// SPDX-License-Identifier: Apache-2.0

/// Where reports are told: takes them, and can be asked what it holds.
///
/// One thread at a time calls; both calls may block.
package protocol ReportSink: Sendable {
    /// The name under which the store keeps what the sink is owed.
    var name: String { get }

    /// Hands over the reports in their order.
    func send(_ deliveries: [PendingDelivery]) -> SendOutcome

    /// Looks which of the reports the sink holds.
    ///
    /// - Parameter patience: The most milliseconds to wait for reports that were just sent.
    func confirm(_ ids: [String], patience: Int) -> ConfirmOutcome
}

/// What became of a sending.
package enum SendOutcome: Sendable, Equatable {
    /// All were taken, which is not yet proof that they are held.
    case sent
    /// Only the first `sent` were taken; the others are to be sent later.
    case unavailable(sent: Int, reason: String)
}

/// What a sink was seen to hold.
package enum ConfirmOutcome: Sendable, Equatable {
    case found(Set<String>)
    /// The sink cannot be read, so nothing is known.
    case unreadable(reason: String)
}
