// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// What reports two rule sets give differently of the same logs.
///
/// Both look at each piece of the logs in turn, so most reports find their counterpart at once
/// and are forgotten; what is left over at the end is gained or lost.
struct ReportDiff {
    enum Kind: String, Encodable {
        case gained, lost, changed
    }

    /// One report that only one of the rule sets gives, or each another one.
    struct Difference {
        let kind: Kind
        let rule: String
        /// The new one, or the old one where it was lost.
        let report: Report
        /// What changed, as in `level: medium → high`.
        let changes: [String]
    }

    /// What came of one rule's reports.
    struct Count {
        var same = 0
        var gained = 0
        var lost = 0
        var changed = 0
    }

    private(set) var counts: [String: Count] = [:]
    private(set) var titles: [String: String] = [:]
    private(set) var differences: [Difference] = []
    /// Reports that wait for their counterpart, in the order in which they came.
    private var waiting: [[String: (order: Int, report: Report)]] = [[:], [:]]
    private var order = 0

    /// Takes a report of the old (0) or the new (1) rule set.
    mutating func add(_ report: Report, by set: Int) {
        guard let rule = report.rule else { return }
        titles[rule.id] = rule.title
        guard let other = waiting[1 - set].removeValue(forKey: report.id)?.report else {
            order += 1
            waiting[set][report.id] = (order, report)
            return
        }
        let (old, new) = set == 1 ? (other, report) : (report, other)
        let changes = Self.changes(from: old, to: new)
        if changes.isEmpty {
            counts[rule.id, default: Count()].same += 1
        } else {
            counts[rule.id, default: Count()].changed += 1
            differences.append(
                Difference(kind: .changed, rule: rule.id, report: new, changes: changes))
        }
    }

    /// Counts what has no counterpart; nothing is added afterwards.
    mutating func finish() {
        for (set, kind) in [(0, Kind.lost), (1, Kind.gained)] {
            for (_, report) in waiting[set].values.sorted(by: { $0.order < $1.order }) {
                guard let rule = report.rule else { continue }
                if kind == .lost {
                    counts[rule.id, default: Count()].lost += 1
                } else {
                    counts[rule.id, default: Count()].gained += 1
                }
                differences.append(
                    Difference(kind: kind, rule: rule.id, report: report, changes: []))
            }
            waiting[set] = [:]
        }
    }

    var total: Count {
        counts.values.reduce(into: Count()) {
            $0.same += $1.same
            $0.gained += $1.gained
            $0.lost += $1.lost
            $0.changed += $1.changed
        }
    }

    private static func changes(from old: Report, to new: Report) -> [String] {
        func change(_ name: String, _ old: String?, _ new: String?) -> String? {
            old == new ? nil : "\(name): \(old ?? "none") → \(new ?? "none")"
        }
        func count(_ report: Report) -> Int? { report.correlation?.count ?? report.repeats?.count }
        let isElsewhere =
            old.field == new.field && old.view == new.view
            && old.excerpt != new.excerpt
        return [
            change("level", old.level.rawValue, new.level.rawValue),
            change("field", old.field, new.field), change("view", old.view, new.view),
            isElsewhere ? "excerpt: another place" : nil,
            change("events", count(old).map { "\($0)" }, count(new).map { "\($0)" }),
        ].compactMap(\.self)
    }
}
