// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Reports

/// What `tocsin top` shows at a time, as the lines of a screen.
///
///     head, and what is the matter ─── always, from the top
///     logs ─────────────────────────── those with most to read first, as many as fit
///     last alerts ──────────────────── a third of what is left, at most
struct TopFrame {
    /// A terminal's rows and columns.
    struct Size: Equatable, Sendable {
        var rows: Int
        var columns: Int

        static let usual = Size(rows: 24, columns: 80)
    }

    let status: MonitorStatus
    let rates: StreamRates
    var now: Timestamp
    /// What is to be said of the connection, if anything.
    var notice: String?

    private static let troublesMax = 4
    private static let columns = ["STATE", "LAG", "READ", "RECORDS", "REC/S", "MALF", "GAPS"]

    /// As many lines as the screen has rows at most, none wider than it.
    func lines(for size: Size) -> [TerminalLine] {
        var lines = head
        let alerts = status.recent.map {
            TerminalLine(
                "\($0.at.description.prefix(19)) \($0.summary)", Self.style(of: $0.level))
        }
        let room = size.rows - lines.count
        // A heading and a blank line go with the alerts.
        let alertRows = min(alerts.count, max(1, room / 3 - 2))
        let belowRows = alerts.isEmpty ? 0 : alertRows + 2
        lines += table(rows: room - belowRows)
        if !alerts.isEmpty {
            lines += [TerminalLine(""), TerminalLine("LAST REPORTS", .heading)]
            lines += alerts.prefix(alertRows)
        }
        return lines.prefix(size.rows).map {
            TerminalLine($0.text.fitted(to: size.columns), $0.style)
        }
    }

    private var head: [TerminalLine] {
        let work = status.work
        let queue = status.queue
        let rules = status.rules
        let open = queue.levels.counts
            .map { "\($0.count) \($0.level.rawValue)" }.joined(separator: ", ")
        var lines = [
            TerminalLine(
                "Tocsin \(status.tocsin) on \(status.host), up \(uptime)  \(now)  (q quits)",
                .heading)
        ]
        if let notice { lines.append(TerminalLine(notice, .bad)) }
        lines += status.troubles.prefix(Self.troublesMax).map {
            TerminalLine("TROUBLE  \($0.about): \($0.message)", .bad)
        }
        lines += [
            TerminalLine("rules    \(rules.summary), loaded \(rules.loadedAt)"),
            TerminalLine(
                "work     \(Self.number(work.recordsPerSecond)) records/s, "
                    + "\(StatusText.size(Int(work.bytesPerSecond)))/s; \(work.records) records, "
                    + "\(work.malformed) malformed, \(work.reports) reports"),
            TerminalLine(
                "queue    \(queue.ready) ready, \(queue.claimed) claimed, \(queue.dead) dead; "
                    + "\(StatusText.size(queue.usedBytes)) of "
                    + StatusText.size(queue.limitBytes)),
            TerminalLine("open     \(open)"),
        ]
        for delivery in status.deliveries {
            lines.append(
                TerminalLine(
                    "\(delivery.sink.padded(to: 8)) \(delivery.pending) to send, "
                        + "\(delivery.sent) sent and not yet seen there"))
        }
        if let canary = status.canary {
            lines.append(
                TerminalLine(
                    "canary   \(StatusText.text(canary))", canary.isMissed ? .bad : .plain))
        }
        return lines + [TerminalLine("")]
    }

    /// A heading and a line a log; those that do not fit are counted.
    private func table(rows: Int) -> [TerminalLine] {
        guard rows > 1 else { return [] }
        let present = status.streams.filter { $0.state != .gone }.sorted {
            ($0.lagBytes, $0.updatedAt.milliseconds, $1.file)
                > ($1.lagBytes, $1.updatedAt.milliseconds, $0.file)
        }
        guard !present.isEmpty else { return [TerminalLine("no log is read yet", .faint)] }
        let isCut = present.count > rows - 1
        let shown = present.prefix(isCut ? rows - 2 : rows - 1)
        let cells = [Self.columns + ["FILE"]] + shown.map(row)
        let widths = Self.columns.indices.map { column in
            cells.map { $0[column].count }.max() ?? 0
        }
        var lines = cells.map { row in
            // Numbers stand under each other from the right, the name from the left.
            let padded = zip(row, widths).enumerated().map { index, cell in
                index == 0
                    ? cell.0.padded(to: cell.1)
                    : String(repeating: " ", count: cell.1 - cell.0.count) + cell.0
            }
            return TerminalLine((padded + [row[row.count - 1]]).joined(separator: "  "))
        }
        lines[0].style = .heading
        if isCut {
            lines.append(TerminalLine("and \(present.count - shown.count) more", .faint))
        }
        return lines
    }

    private func row(_ stream: MonitorStatus.Stream) -> [String] {
        [
            stream.state.rawValue, StatusText.size(stream.lagBytes),
            StatusText.size(stream.compressedBytes), "\(stream.records)",
            Self.number(rates.perSecond(stream.stream)), "\(stream.malformed)", "\(stream.gaps)",
            stream.file,
        ]
    }

    private var uptime: String {
        let seconds = max(0, (now.milliseconds - status.startedAt.milliseconds) / 1000)
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let clock = String(
            format: "%02d:%02d:%02d", rest / 3600, rest / 60 % 60, rest % 60)
        return days > 0 ? "\(days) d \(clock)" : clock
    }

    private static func number(_ value: Double) -> String {
        value > 0 && value < 10 ? String(format: "%.1f", value) : "\(Int(value.rounded()))"
    }

    private static func style(of level: String) -> TerminalLine.Style {
        switch Report.Level(rawValue: level) {
        case .critical, .high: .bad
        case .informational: .faint
        default: .plain
        }
    }
}
