// SPDX-License-Identifier: Apache-2.0

/// The interface `io.tocsin.Monitor` of the control socket: its definition, and the documents that
/// its methods take and give.
enum MonitorInterface {
    static let name = "io.tocsin.Monitor"

    static let definition = """
        # How the monitor is doing. Callers are members of the group of responders or of operators,
        # or root; Reload is for operators and root.
        interface io.tocsin.Monitor

        # What of one log has been read. state: live (as far as its file goes), behind (there is
        # more: lag_bytes) or gone (no file holds it). Sizes of files are bytes as they lie there.
        type Stream (
          stream: string,
          file: string,
          state: (live, behind, gone),
          compressed_bytes: int,
          decompressed_bytes: int,
          lag_bytes: int,
          records: int,
          malformed: int,
          gaps: int,
          lost_bytes: int,
          updated_at: string,
          gone_since: ?string
        )

        # digest: of the texts of all rule files, as reports name it.
        type Rules (digest: string, summary: string, loaded_at: string)

        # Reports that nobody has acknowledged.
        type Levels (informational: int, low: int, medium: int, high: int, critical: int)

        # used_bytes and limit_bytes: of the database that holds the queue.
        type Queue (
          ready: int,
          claimed: int,
          dead: int,
          acknowledged: int,
          dropped: int,
          levels: Levels,
          used_bytes: int,
          limit_bytes: int
        )

        # What a sink has yet to be told (pending), and to be seen to hold (sent).
        type Delivery (sink: string, pending: int, sent: int)

        # Since the start, and each second on the mean of the last ten.
        type Work (
          records: int,
          malformed: int,
          decompressed_bytes: int,
          reports: int,
          records_per_second: float,
          bytes_per_second: float
        )

        # last_alert: since the start; recent: the last reports of all, the newest first.
        type Alert (id: string, level: string, summary: string, at: string)

        # The record that the monitor writes to a log of its own every so often. seen_at: when the
        # last that came through was seen in queue and journal, latency_seconds after it was written.
        type Canary (
          every_seconds: int,
          within_seconds: int,
          written_at: ?string,
          seen_at: ?string,
          latency_seconds: ?float,
          missed: bool
        )

        # What cannot be done just now, and why.
        type Trouble (about: (store, rules, journal, stream, canary), message: string)

        type Overview (
          version: int,
          tocsin: string,
          host: string,
          process: int,
          started_at: string,
          rules: Rules,
          streams: []Stream,
          queue: Queue,
          deliveries: []Delivery,
          work: Work,
          last_alert: ?Alert,
          recent: []Alert,
          canary: ?Canary,
          troubles: []Trouble
        )

        method Status() -> (status: Overview)

        # The status once a second, or slower where nothing changes. Called with more.
        method Follow() -> (status: Overview)

        # The same figures in the text format of Prometheus.
        method Metrics() -> (text: string)

        # Loads the rules anew, as SIGHUP does, and replies when they are evaluated.
        method Reload() -> (rules: Rules)

        # The caller is in none of the groups that may do this.
        error PermissionDenied (message: string)

        # The rules are not loaded, and those of before stay: every fault of the files, with its
        # place.
        error ReloadFailed (message: string)

        # The store cannot be read just now; the message says why.
        error StoreFailed (message: string)
        """

    struct StatusReply: Codable, Sendable {
        var status: MonitorStatus
    }

    struct MetricsReply: Codable, Sendable {
        var text: String
    }

    struct ReloadReply: Codable, Sendable {
        var rules: MonitorStatus.Rules
    }

    /// What methods without parameters take.
    struct Nothing: Codable, Sendable {}
}
