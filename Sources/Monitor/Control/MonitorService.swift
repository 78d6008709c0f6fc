// SPDX-License-Identifier: Apache-2.0
internal import Reports
internal import Varlink

/// Does what is called of `io.tocsin.Monitor`.
struct MonitorService: Sendable {
    private let reader: StatusReader
    private let access: ControlAccess
    private let followers: StatusFollowers
    private let reloader: RuleReloader

    init(
        _ reader: StatusReader, _ access: ControlAccess, _ followers: StatusFollowers,
        _ reloader: RuleReloader
    ) {
        self.reader = reader
        self.access = access
        self.followers = followers
        self.reloader = reloader
    }

    func add(to service: inout VarlinkService) throws {
        typealias Nothing = MonitorInterface.Nothing
        let name = MonitorInterface.name
        try service.add(interface: MonitorInterface.definition)
        service.handle("\(name).Status") { (call, _: Nothing) in
            try access.require(.responder, .operator, for: call)
            return MonitorInterface.StatusReply(status: try status())
        }
        service.handle("\(name).Metrics") { (call, _: Nothing) in
            try access.require(.responder, .operator, for: call)
            return MonitorInterface.MetricsReply(text: Metrics(try status()).text)
        }
        service.stream("\(name).Follow") { (call, _: Nothing, stream) in
            try access.require(.responder, .operator, for: call)
            followers.add(stream)
        }
        service.handle("\(name).Reload") { (call, _: Nothing) in
            try access.require(.operator, for: call)
            return MonitorInterface.ReloadReply(rules: try reload())
        }
    }

    private func status() throws -> MonitorStatus {
        do {
            return try reader.status()
        } catch {
            throw VarlinkError(
                "\(MonitorInterface.name).StoreFailed", ["message": .string("\(error)")])
        }
    }

    private func reload() throws -> MonitorStatus.Rules {
        do {
            try reloader.reload()
            return MonitorStatus.Rules(reader.board.snapshot)
        } catch {
            throw VarlinkError(
                "\(MonitorInterface.name).ReloadFailed", ["message": .string("\(error)")])
        }
    }
}
