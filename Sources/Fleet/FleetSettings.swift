// SPDX-License-Identifier: Apache-2.0
package import JetStream
internal import Reports

/// Where the fleet's streams are, and how long is waited for what.
package struct FleetSettings: Sendable {
    package var nats: NatsSettings
    /// The stream of the reports; those of the findings and of the fleet's own state are named
    /// after it.
    package var stream: String
    /// What all subjects begin with.
    package var subject: String
    /// How much later than others a finding may come and still be correlated in its order.
    package var latenessSeconds: Int
    /// How long an instance may say nothing before others take its partitions over.
    package var leaseSeconds: Int

    package init(
        _ nats: NatsSettings, stream: String, subject: String, latenessSeconds: Int,
        leaseSeconds: Int
    ) {
        self.nats = nats
        self.stream = stream
        self.subject = subject
        self.latenessSeconds = latenessSeconds
        self.leaseSeconds = leaseSeconds
    }

    /// What holds the state of each partition and who works it.
    var stateStream: StreamConfiguration {
        .ofLast(name: "\(stream)-fleet", subject: "\(subject).fleet.>")
    }
    var findingStream: StreamConfiguration {
        FindingLoop.configuration(stream: stream, subject: subject)
    }
    var reportStream: StreamConfiguration {
        StreamSink.configuration(stream: stream, subject: subject)
    }

    func findingSubject(_ partition: Int) -> String { "\(subject).finding.\(partition)" }
    /// The last part of the subject of a mark in a partition's findings.
    static let markPrefix = "mark-"

    func reportSubject(_ partition: Int) -> String { "\(subject).report.fleet-\(partition)" }
    func stateSubject(_ partition: Int) -> String { "\(subject).fleet.partition.\(partition)" }
    var memberSubject: String { "\(subject).fleet.member" }
}

/// What operators are told of; each change once.
package enum FleetEvent: Sendable, Equatable {
    case disconnected(reason: String)
    case connected
    /// The partitions that this instance works from now on.
    case works([Int])
    /// Reports are not taken; nothing more is worked until they are.
    case reportsWait(reason: String)
    case reportsGo
    /// Another instance took a partition over: this one had been silent for too long.
    case lost(partition: Int)
    /// A message under the findings' subjects is none of this version; it is left out.
    case unreadable(subject: String)
    /// Findings came later than they may, so that what they belong to may have been missed.
    case late(partition: Int)
    /// There is more in a partition than is held of it, and the oldest is given up.
    case dropped(partition: Int)
    /// The stream forgets findings sooner than the longest correlation does.
    case forgets(keptSeconds: Int, neededSeconds: Int)
}
