// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// Rounds that a sink may hold up without limit, and whose thread is then not at fault.
struct WatchedRounds: DeliveryRounds {
    let rounds: any DeliveryRounds
    let heartbeat: Heartbeat

    func round(now: Int) -> DeliveryRound { heartbeat.whileWaiting { rounds.round(now: now) } }
}
