// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// A sink that may hold its thread up without limit, and whose thread is then not at fault.
struct WatchedSink: ReportSink {
    let sink: any ReportSink
    let heartbeat: Heartbeat

    var name: String { sink.name }

    func send(_ deliveries: [PendingDelivery]) -> SendOutcome {
        heartbeat.whileWaiting { sink.send(deliveries) }
    }

    func confirm(_ ids: [String], patience: Int) -> ConfirmOutcome {
        heartbeat.whileWaiting { sink.confirm(ids, patience: patience) }
    }
}
