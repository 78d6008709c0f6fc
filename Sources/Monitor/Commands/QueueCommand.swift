// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// `tocsin queue`: consumers' access to the daemon's reports.
package struct QueueCommand {
    private let client: ControlClient
    private let format: ReportFormat

    /// - Throws: ``ControlError`` when no daemon answers at the socket.
    package init(socket: String, format: ReportFormat) throws {
        client = try ControlClient(socket: socket)
        self.format = format
    }

    package func list(all: Bool, limit: Int) throws {
        let states = all ? QueueState.allCases : [.ready, .claimed, .dead]
        let reply = try call(
            "List", ReportsInterface.List(states: states, limit: limit),
            returning: ReportsInterface.Reports.self)
        show(reply.reports)
    }

    package func claim(consumer: String, leaseSeconds: Int, limit: Int) throws {
        let reply = try call(
            "Claim",
            ReportsInterface.Claim(consumer: consumer, limit: limit, leaseSeconds: leaseSeconds),
            returning: ReportsInterface.Reports.self)
        show(reply.reports)
    }

    /// - Parameter verdict: A verdict's name, with hyphens.
    package func acknowledge(
        _ ids: [String], consumer: String?, verdict: String?, note: String?
    ) throws {
        let reply = try call(
            "Acknowledge",
            ReportsInterface.Acknowledge(
                ids: ids, consumer: consumer, verdict: try verdict.map(Verdict.init(option:)),
                note: note),
            returning: ReportsInterface.Identifiers.self)
        for id in reply.ids { print("\(id) acknowledged") }
    }

    package func release(_ ids: [String], consumer: String?) throws {
        let reply = try call(
            "Release", ReportsInterface.Release(ids: ids, consumer: consumer),
            returning: ReportsInterface.Identifiers.self)
        for id in reply.ids { print("\(id) released") }
    }

    private func call<Reply: Decodable>(
        _ method: String, _ parameters: some Encodable, returning: Reply.Type
    ) throws -> Reply {
        try client.call("\(ReportsInterface.name).\(method)", parameters)
    }

    private func show(_ reports: [QueuedReport]) {
        for queued in reports {
            switch format {
            case .json: print(queued.report.json)
            case .text:
                let lines = ReportText(queued.report).lines
                print(lines[0])
                print("              \(queued.report.id.prefix(16)) \(queued.stateText)")
                lines.dropFirst().forEach { print($0) }
            }
        }
    }
}

extension QueuedReport {
    /// Where it stands, and how often it was found again.
    fileprivate var stateText: String {
        guard let repeats = report.repeats, report.kind != .repeats else { return place }
        return "\(place); found \(repeats.count) more times, last \(repeats.last)"
    }

    private var place: String {
        switch state {
        case .ready: "ready"
        case .claimed: "claimed by \(claimedBy ?? "?") until \(leaseUntil?.description ?? "?")"
        case .dead: "dead after \(expiredLeases) leases ran out; release it to have it tried again"
        case .acknowledged: "acknowledged, \(verdict?.option ?? "no verdict")"
        }
    }
}

extension Verdict {
    /// As the command line writes it.
    fileprivate var option: String { rawValue.replacing("_", with: "-") }

    /// - Throws: ``SettingsError`` that names the verdicts there are.
    fileprivate init(option: String) throws {
        guard let verdict = Self.allCases.first(where: { $0.option == option }) else {
            let names = Self.allCases.map(\.option).joined(separator: ", ")
            throw SettingsError("\(option): no such verdict; give one of \(names)")
        }
        self = verdict
    }
}
