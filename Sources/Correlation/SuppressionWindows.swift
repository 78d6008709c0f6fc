// SPDX-License-Identifier: Apache-2.0

/// The open windows of rules and keys.
struct SuppressionWindows: Sendable {
    private struct Key: Hashable {
        let rule: Int
        let values: [String?]
    }

    private struct Window {
        let first: String
        let firstTime: Int64
        let span: Int64
        var count = 0
        var lastTime: Int64

        /// The last time that is in the window.
        var end: Int64 { firstTime + span }

        func covers(_ time: Int64) -> Bool {
            time >= firstTime - span && time <= end
        }

        mutating func count(_ time: Int64) {
            count += 1
            lastTime = max(lastTime, time)
        }
    }

    /// The windows of one key, by time; mostly there is one.
    private struct Windows: Ending {
        var list: [Window]

        var end: Int64 { list.first?.end ?? .min }

        func index(covering time: Int64) -> Int? {
            list.lastIndex { $0.covers(time) && $0.firstTime <= time }
                ?? list.lastIndex { $0.covers(time) }
        }
    }

    private var windows: ClosingMap<Key, Windows>

    init(limit: Int) { windows = ClosingMap(limit: limit) }

    var forgottenCount: Int { windows.forgottenCount }

    /// Counts a finding with the window that covers it: one that had begun, if there is one.
    ///
    /// - Returns: Whose window it is; nil if there is none.
    mutating func count(_ rule: Int, _ values: [String?], _ time: Int64) -> String? {
        let key = Key(rule: rule, values: values)
        guard var held = windows[key], let index = held.index(covering: time) else { return nil }
        held.list[index].count(time)
        windows.set(held, for: key)
        return held.list[index].first
    }

    /// Opens a window with a report.
    mutating func open(
        _ rule: Int, _ values: [String?], _ identity: String, _ time: Int64, span: Int64
    ) {
        let key = Key(rule: rule, values: values)
        var held = windows[key] ?? Windows(list: [])
        held.list.append(Window(first: identity, firstTime: time, span: span, lastTime: time))
        held.list.sort { $0.firstTime < $1.firstTime }
        windows.set(held, for: key)
    }

    /// Counts a finding with the window that it was counted with before a restart.
    mutating func restoreRepeat(
        _ rule: Int, _ values: [String?], of first: String, _ time: Int64
    ) {
        let key = Key(rule: rule, values: values)
        guard var held = windows[key],
            let index = held.list.lastIndex(where: { $0.first == first })
        else { return }
        held.list[index].count(time)
        windows.set(held, for: key)
    }

    /// Closes the windows that ended before a time.
    ///
    /// - Returns: Those with repeats; those that had to be given up too.
    mutating func close(before time: Int64) -> [Suppressor.Summary] {
        var summaries: [Suppressor.Summary] = []
        var left: [(Key, Windows)] = []
        while let (key, held) = windows.popEnded(before: time) {
            let ended = held.end < time ? held.list.filter { $0.end < time } : held.list
            summaries += ended.filter { $0.count > 0 }.map { window in
                Suppressor.Summary(
                    rule: key.rule, key: key.values, first: window.first, count: window.count,
                    firstTime: window.firstTime, lastTime: window.lastTime)
            }
            let open = held.list.filter { $0.end >= time }
            if held.end < time && !open.isEmpty { left.append((key, Windows(list: open))) }
        }
        for (key, held) in left { windows.set(held, for: key) }
        return summaries
    }
}
