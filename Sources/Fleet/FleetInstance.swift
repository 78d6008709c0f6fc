// SPDX-License-Identifier: Apache-2.0
package import Correlation
internal import Foundation
internal import JetStream
package import Reports

/// One of the instances that together work the findings of all hosts.
///
/// Nothing of it is kept on this machine: what is worked, and by whom, is in a stream.
package struct FleetInstance {
    private let settings: FleetSettings
    private let plan: CorrelationPlan
    private let makeReport: (FleetFinding) -> Report?
    private let tell: (FleetEvent) -> Void
    /// Another at each start: what an earlier process held is taken over like any other's.
    private let name = UUID().uuidString.lowercased()

    private static let longestPauseSeconds = 5.0
    /// What breaks off sooner is the same trouble as before.
    private static let soundSeconds = 30.0

    /// - Parameters:
    ///   - makeReport: The report of a finding; nil where the rule only serves others.
    ///   - tell: Called on the thread that runs.
    package init(
        _ settings: FleetSettings, _ plan: CorrelationPlan, tell: @escaping (FleetEvent) -> Void,
        makeReport: @escaping (FleetFinding) -> Report?
    ) {
        self.settings = settings
        self.plan = plan
        self.tell = tell
        self.makeReport = makeReport
    }

    /// Works until it is told to stop; through all troubles of streams and servers.
    ///
    /// - Parameter wait: Waits for the seconds at most; whether it is to stop.
    package func run(wait: (Double) -> Bool) {
        var lastReason: String?
        var pauseSeconds = 0.1
        while !wait(0) {
            let start = ProcessInfo.processInfo.systemUptime
            do throws(StreamError) {
                let session = try FleetSession(
                    settings, plan, own: name, tell: tell, makeReport: makeReport)
                try session.run { wait(0) }
            } catch {
                if ProcessInfo.processInfo.systemUptime - start > Self.soundSeconds {
                    lastReason = nil
                    pauseSeconds = 0.1
                }
                if lastReason != error.description {
                    tell(.disconnected(reason: error.description))
                }
                lastReason = error.description
                if wait(pauseSeconds) { return }
                pauseSeconds = min(2 * pauseSeconds, Self.longestPauseSeconds)
            }
        }
    }
}
