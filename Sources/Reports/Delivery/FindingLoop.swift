// SPDX-License-Identifier: Apache-2.0
package import JetStream
internal import Synchronization

/// Carries bare findings from the store to a stream, each once for as long as the stream holds it.
///
/// They need no order: who correlates them does it by their own times.
package final class FindingLoop: DeliveryRounds {
    /// Findings that are under way at a time.
    package static let batch = 512

    private let store: ReportStore
    private let subject: String
    private let tell: @Sendable (DeliveryEvent) -> Void
    private let state: Mutex<State>

    private struct State: PacedState {
        var publisher: StreamPublisher
        var pacing = DeliveryPacing()
    }

    /// - Parameter subject: What the subjects of all messages begin with.
    package init(
        store: ReportStore, _ settings: NatsSettings, stream: String, subject: String,
        tell: @escaping @Sendable (DeliveryEvent) -> Void
    ) {
        self.store = store
        self.subject = subject
        self.tell = tell
        state = Mutex(
            State(
                publisher: StreamPublisher(
                    settings, stream: Self.configuration(stream: stream, subject: subject))))
    }

    /// How long a stream that Tocsin makes holds findings: the longest timespan that correlations
    /// over many hosts can have, less what a host may be away.
    private static let ageMaxSeconds = 7 * 86_400

    /// The stream that holds findings: one of its own, so that they leave the reports their room.
    package static func configuration(stream: String, subject: String) -> StreamConfiguration {
        .ofOnce(
            name: "\(stream)-findings", subject: "\(subject).finding.>",
            ageMaxSeconds: ageMaxSeconds)
    }

    /// The subject of a finding.
    package static func subject(_ prefix: String, _ finding: PublishedFinding) -> String {
        "\(prefix).finding.\(finding.partition).\(finding.id)"
    }

    /// Publishes a batch at most, and forgets what is acknowledged.
    package func round(now: Int) -> DeliveryRound {
        state.withLock { state in
            state.round(now: now, tell) { (state, result) throws(StoreError) in
                try run(&state, &result, now: now)
            }
        }
    }

    private func run(
        _ state: inout State, _ result: inout DeliveryRound, now: Int
    ) throws(StoreError) {
        let pending = try store.pendingFindings(limit: Self.batch)
        guard !pending.isEmpty else { return }
        let published = state.publisher.publish(pending.map { message($0.finding) })
        let held = zip(pending, published.isHeld).filter(\.1).map(\.0.sequence)
        result.sent = pending.count
        result.confirmed = held.count
        if !held.isEmpty { try store.removeFindings(held) }
        let trouble = published.trouble?.description
        state.pacing.noteSink(unavailable: trouble, now: now, tell)
        if trouble == nil, pending.count == Self.batch { result.nextAt = now }
    }

    private func message(_ finding: PublishedFinding) -> StreamMessage {
        StreamMessage(
            subject: Self.subject(subject, finding), headers: ["Nats-Msg-Id": finding.id],
            body: Array(finding.json.utf8))
    }
}
