// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// The interface `io.tocsin.Reports` of the control socket: its definition, and the documents that
/// its methods take and give.
enum ReportsInterface {
    static let name = "io.tocsin.Reports"

    /// In Varlink's language (varlink.org/Interface-Definition). What callers see of it is what
    /// calls are checked against.
    static let definition = """
        # The queue of reports. Callers are members of the group of responders, or root.
        interface io.tocsin.Reports

        # ready: nobody works on it. claimed: somebody does, until the lease runs out. dead: too many
        # leases ran out, and it waits for a release.
        type State (ready, claimed, acknowledged, dead)

        type Verdict (true_positive, false_positive, duplicate)

        # A report with its place in the queue. The report is as deploy/schemas/report.schema.json
        # says; times are RFC 3339 in UTC.
        type Queued (
          sequence: int,
          state: State,
          created_at: string,
          claimed_by: ?string,
          lease_until: ?string,
          claims: int,
          expired_leases: int,
          verdict: ?Verdict,
          note: ?string,
          acknowledged_at: ?string,
          report: object
        )

        # Gives ready reports to a consumer, the most urgent first, 1 unless limit says more (1000 at
        # most). Nobody else is given them for lease_seconds (600).
        method Claim(consumer: string, limit: ?int, lease_seconds: ?int) -> (reports: []Queued)

        # Takes reports out of the queue for good: all of them, or none. A report that another
        # consumer holds is refused. ids may be cut to 8 digits or more.
        method Acknowledge(
          ids: []string,
          consumer: ?string,
          verdict: ?Verdict,
          note: ?string
        ) -> (ids: []string)

        # Puts claimed or dead reports back: all of them, or none. Without consumer it overrules
        # whoever holds them.
        method Release(ids: []string, consumer: ?string) -> (ids: []string)

        # Makes leases last lease_seconds (600) from now: all of them, or none.
        method Renew(ids: []string, consumer: string, lease_seconds: ?int) -> (ids: []string)

        # Reports in any of the states (ready, claimed, dead), the most urgent first; with after,
        # those of a higher sequence, in that order. limit is 1000 at most, which is its default.
        method List(states: ?[]State, after: ?int, limit: ?int) -> (reports: []Queued)

        # Reports as they are stored, in the order of their sequence: first those after the sequence
        # given, if one is, then new ones. Called with more; the first reply comes at once.
        method Watch(after: ?int) -> (reports: []Queued, newest: int)

        # The caller is in none of the groups that may do this.
        error PermissionDenied (message: string)

        # No report has this id, several begin so, or it is none.
        error NoSuchReport (id: string, message: string)

        # Another consumer holds the report, or nobody does, or it is acknowledged.
        error WrongState (id: string, message: string)

        # The store cannot do it just now; the message says why.
        error StoreFailed (message: string)
        """

    struct Claim: Codable, Sendable {
        var consumer: String
        var limit: Int?
        var leaseSeconds: Int?

        private enum CodingKeys: String, CodingKey {
            case consumer, limit
            case leaseSeconds = "lease_seconds"
        }
    }

    struct Acknowledge: Codable, Sendable {
        var ids: [String]
        var consumer: String?
        var verdict: Verdict?
        var note: String?
    }

    struct Release: Codable, Sendable {
        var ids: [String]
        var consumer: String?
    }

    struct Renew: Codable, Sendable {
        var ids: [String]
        var consumer: String
        var leaseSeconds: Int?

        private enum CodingKeys: String, CodingKey {
            case ids, consumer
            case leaseSeconds = "lease_seconds"
        }
    }

    struct List: Codable, Sendable {
        var states: [QueueState]?
        var after: Int?
        var limit: Int?
    }

    struct Watch: Codable, Sendable {
        var after: Int?
    }

    struct Reports: Codable, Sendable {
        var reports: [QueuedReport]
    }

    struct Watched: Codable, Sendable {
        var reports: [QueuedReport]
        var newest: Int
    }

    struct Identifiers: Codable, Sendable {
        var ids: [String]
    }

    /// The parameters of this interface's errors.
    struct Refusal: Codable, Sendable {
        var id: String?
        var message: String
    }
}
