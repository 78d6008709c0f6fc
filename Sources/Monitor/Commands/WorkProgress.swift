// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// Shows on standard error how far long work is: a bar on a terminal, elsewhere a line now and then.
final class WorkProgress: @unchecked Sendable {
    /// What the work is counted in, and so what a line says of it.
    enum Unit: Sendable {
        case bytes
        /// Things done, with the word for them.
        case items(String)
        /// Steps, each named as it is shown; with the rate of something where it has one.
        case steps(rateOf: String?)

        fileprivate var lineSeconds: Double {
            switch self {
            case .bytes, .items: 10
            case .steps: 5
            }
        }
    }

    private let total: Int
    private let unit: Unit
    private let isTerminal: Bool
    private let start = Date()
    private let lock = NSLock()
    private var shownPercent = -1
    private var linesShown = 0.0

    init(total: Int, unit: Unit) {
        self.total = max(total, 1)
        self.unit = unit
        isTerminal = isatty(STDERR_FILENO) == 1
    }

    /// May be called from any thread.
    @Sendable func show(_ done: Int) { show(done, of: "") }

    /// - Parameter step: What is being done, in a few words.
    func show(_ done: Int, of step: String) {
        lock.withLock {
            if isTerminal { showBar(done, step) } else { showLine(done, step) }
        }
    }

    private func showBar(_ done: Int, _ step: String) {
        let percent = min(100, done * 100 / total)
        guard percent != shownPercent else { return }
        shownPercent = percent
        let bar = String(repeating: "#", count: percent / 2).padded(to: 50)
        write("\r\u{1b}[K[\(bar)] \(percent)%\(step.isEmpty ? "" : " \(step)")")
    }

    private func showLine(_ done: Int, _ step: String) {
        let seconds = -start.timeIntervalSinceNow
        guard seconds >= (linesShown + 1) * unit.lineSeconds else { return }
        linesShown = (seconds / unit.lineSeconds).rounded(.down)
        write(Self.line(done, of: total, unit, step, seconds: seconds))
    }

    private static func line(
        _ done: Int, of total: Int, _ unit: Unit, _ step: String, seconds: Double
    ) -> String {
        let percent = min(100, done * 100 / total)
        switch unit {
        case .bytes:
            let (read, all) = (Double(done) / 1e6, Double(total) / 1e6)
            return String(
                format: "%.1f of %.1f MB (%d%%), %.1f MB/s\n", read, all, percent, read / seconds)
        case .items(let word):
            return String(
                format: "%d of %d \(word) (%d%%), %.1f/s\n", done, total, percent,
                Double(done) / seconds)
        case .steps(let word):
            let rate = word.map { ", \(Int(Double(done) / seconds)) \($0)/s" } ?? ""
            return "\(percent)% \(step)\(rate)\n"
        }
    }

    /// Takes the bar off the terminal, before something else is printed.
    func clear() {
        guard isTerminal else { return }
        lock.withLock {
            if shownPercent >= 0 { write("\r\u{1b}[K") }
            shownPercent = -1
        }
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
