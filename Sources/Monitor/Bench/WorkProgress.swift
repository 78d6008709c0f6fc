// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// Shows on standard error how far long work is: a bar on a terminal, elsewhere a line with the
/// rate every ten seconds.
final class WorkProgress: @unchecked Sendable {
    /// What the work is counted in.
    enum Unit: Sendable {
        case bytes
        /// Things done, with the word for them.
        case items(String)
    }

    private static let lineSeconds = 10.0
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
    @Sendable func show(_ done: Int) {
        lock.withLock {
            if isTerminal { showBar(done) } else { showLine(done) }
        }
    }

    private func showBar(_ done: Int) {
        let percent = min(100, done * 100 / total)
        guard percent != shownPercent else { return }
        shownPercent = percent
        let bar = String(repeating: "#", count: percent / 2).padded(to: 50)
        write("\r[\(bar)] \(percent)%")
    }

    private func showLine(_ done: Int) {
        let seconds = -start.timeIntervalSinceNow
        guard seconds >= (linesShown + 1) * Self.lineSeconds else { return }
        linesShown = (seconds / Self.lineSeconds).rounded(.down)
        write(Self.line(done, of: total, unit, seconds: seconds))
    }

    static func line(_ done: Int, of total: Int, _ unit: Unit, seconds: Double) -> String {
        let percent = min(100, done * 100 / max(total, 1))
        switch unit {
        case .bytes:
            let (read, all) = (Double(done) / 1e6, Double(total) / 1e6)
            return String(
                format: "%.1f of %.1f MB (%d%%), %.1f MB/s\n", read, all, percent, read / seconds)
        case .items(let word):
            return String(
                format: "%d of %d \(word) (%d%%), %.1f/s\n", done, total, percent,
                Double(done) / seconds)
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
