// SPDX-License-Identifier: Apache-2.0
internal import Reports
internal import Varlink

/// Does what is called of `io.tocsin.Reports`.
struct ReportsService: Sendable {
    private static let limit = 1000
    private static let leaseSeconds = 600
    private static let longestLeaseSeconds = 7 * 86_400

    private let store: ReportStore
    private let access: ControlAccess
    private let watchers: ReportWatchers

    init(_ store: ReportStore, _ access: ControlAccess, _ watchers: ReportWatchers) {
        self.store = store
        self.access = access
        self.watchers = watchers
    }

    func add(to service: inout VarlinkService) throws {
        try service.add(interface: ReportsInterface.definition)
        handle("Claim", &service, claim)
        handle("Acknowledge", &service, acknowledge)
        handle("Release", &service, release)
        handle("Renew", &service, renew)
        handle("List", &service, list)
        let method = "\(ReportsInterface.name).Watch"
        service.stream(method) {
            (
                call, input: ReportsInterface.Watch,
                stream: VarlinkReplyStream<ReportsInterface.Watched>
            ) in
            try access.require(.responder, for: call)
            try Self.translating { try watchers.add(stream, after: input.after) }
        }
    }

    private func handle<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        _ name: String, _ service: inout VarlinkService,
        _ body: @escaping @Sendable (Input) throws -> Output
    ) {
        service.handle("\(ReportsInterface.name).\(name)") { (call, input: Input) in
            try access.require(.responder, for: call)
            return try Self.translating { try body(input) }
        }
    }

    private func claim(_ input: ReportsInterface.Claim) throws -> ReportsInterface.Reports {
        guard !input.consumer.isEmpty, input.consumer.utf8.count <= 256 else {
            throw VarlinkError.invalidParameter("consumer")
        }
        return ReportsInterface.Reports(
            reports: try store.claim(
                consumer: input.consumer, leaseSeconds: try lease(input.leaseSeconds),
                limit: try limit(input.limit, usual: 1)))
    }

    private func acknowledge(
        _ input: ReportsInterface.Acknowledge
    ) throws -> ReportsInterface.Identifiers {
        guard (input.note?.utf8.count ?? 0) <= 4096 else {
            throw VarlinkError.invalidParameter("note")
        }
        return ReportsInterface.Identifiers(
            ids: try store.acknowledge(
                ids: input.ids, consumer: input.consumer, verdict: input.verdict, note: input.note))
    }

    private func release(_ input: ReportsInterface.Release) throws -> ReportsInterface.Identifiers {
        ReportsInterface.Identifiers(
            ids: try store.release(ids: input.ids, consumer: input.consumer))
    }

    private func renew(_ input: ReportsInterface.Renew) throws -> ReportsInterface.Identifiers {
        ReportsInterface.Identifiers(
            ids: try store.renew(
                ids: input.ids, consumer: input.consumer,
                leaseSeconds: try lease(input.leaseSeconds)))
    }

    private func list(_ input: ReportsInterface.List) throws -> ReportsInterface.Reports {
        let limit = try limit(input.limit, usual: Self.limit)
        let states = Set(input.states ?? [.ready, .claimed, .dead])
        guard let after = input.after else {
            return ReportsInterface.Reports(reports: try store.list(states: states, limit: limit))
        }
        return ReportsInterface.Reports(
            reports: try store.reports(after: after, states: states, limit: limit))
    }

    private func limit(_ given: Int?, usual: Int) throws -> Int {
        guard (1...Self.limit).contains(given ?? 1) else {
            throw VarlinkError.invalidParameter("limit")
        }
        return given ?? usual
    }

    private func lease(_ given: Int?) throws -> Int {
        let seconds = given ?? Self.leaseSeconds
        guard (1...Self.longestLeaseSeconds).contains(seconds) else {
            throw VarlinkError.invalidParameter("lease_seconds")
        }
        return seconds
    }

    /// Gives the store's errors the names that the interface declares.
    private static func translating<Result>(_ body: () throws -> Result) throws -> Result {
        func error(_ name: String, id: String? = nil, _ message: String) -> VarlinkError {
            var parameters: [String: JSONValue] = ["message": .string(message)]
            parameters["id"] = id.map { .string($0) }
            return VarlinkError("\(ReportsInterface.name).\(name)", parameters)
        }
        do {
            return try body()
        } catch let fault as StoreError {
            throw error("StoreFailed", fault.description)
        } catch let fault as QueueError {
            switch fault {
            case .notAnID(let id), .unknown(let id), .ambiguous(let id):
                throw error("NoSuchReport", id: id, fault.description)
            case .alreadyAcknowledged(let id), .claimed(let id, _), .notClaimed(let id):
                throw error("WrongState", id: id, fault.description)
            case .store(let fault): throw error("StoreFailed", fault.description)
            }
        }
    }
}
