// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// `tocsin queue`: consumers' access to the reports of a state folder.
package struct QueueCommand {
    private let store: ReportStore
    private let format: ReportFormat

    /// - Throws: `StoreError` when there is no Tocsin state in the folder.
    package init(state: String, format: ReportFormat) throws {
        store = try ReportStore(existing: state)
        self.format = format
    }

    package func list(all: Bool, limit: Int) throws {
        let states: Set<QueueState> = all ? Set(QueueState.allCases) : [.ready, .claimed]
        show(try store.list(states: states, limit: limit))
    }

    package func claim(consumer: String, leaseSeconds: Int, limit: Int) throws {
        show(try store.claim(consumer: consumer, leaseSeconds: leaseSeconds, limit: limit))
    }

    package func acknowledge(
        _ id: String, consumer: String?, verdict: String?, note: String?
    ) throws {
        var known: Verdict?
        if let verdict {
            known = Verdict(rawValue: verdict)
            if known == nil {
                let names = Verdict.allCases.map(\.rawValue).joined(separator: ", ")
                throw SettingsError("\(verdict): no such verdict; give one of \(names)")
            }
        }
        let full = try store.acknowledge(id: id, consumer: consumer, verdict: known, note: note)
        print("\(full) acknowledged")
    }

    private func show(_ reports: [QueuedReport]) {
        for queued in reports {
            switch format {
            case .json: print(queued.currentJSON)
            case .text:
                let lines = ReportText(queued.report).lines
                print(lines[0])
                print("              \(queued.report.id.prefix(16)) \(stateText(queued))")
                lines.dropFirst().forEach { print($0) }
            }
        }
    }

    private func stateText(_ queued: QueuedReport) -> String {
        let state = state(queued)
        guard queued.repeats > 0 else { return state }
        let last = queued.lastRepeatAt.map { ", last \($0)" } ?? ""
        return "\(state); found \(queued.repeats) more times\(last)"
    }

    private func state(_ queued: QueuedReport) -> String {
        switch queued.state {
        case .ready: "ready"
        case .claimed:
            "claimed by \(queued.claimedBy ?? "?") until \(queued.leaseUntil?.description ?? "?")"
        case .acknowledged: "acknowledged, \(queued.verdict?.rawValue ?? "no verdict")"
        }
    }
}
