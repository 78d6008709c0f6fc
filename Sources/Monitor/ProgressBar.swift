// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// How far long work is: a bar on a terminal, otherwise nothing or lines now and then.
final class ProgressBar: @unchecked Sendable {
    private let total: Int
    private let style: Style
    private let lock = NSLock()
    private let start = Date()
    private var shownPercent = -1
    private var lineDue = Date()

    /// What is shown where there is no terminal.
    enum Style {
        case bar
        case nothing
        /// A line at most every so many seconds, with the rate where it is of something.
        case lines(unit: String?, everySeconds: Double)
    }

    init(total: Int, elsewhere: Style) {
        self.total = max(total, 1)
        style = isatty(STDERR_FILENO) == 1 ? .bar : elsewhere
        if case .lines(_, let seconds) = style { lineDue += seconds }
    }

    @Sendable func show(_ done: Int) { show(done, of: "") }

    /// - Parameter step: What is being done, in a few words.
    @Sendable func show(_ done: Int, of step: String) {
        lock.withLock {
            let percent = min(100, done * 100 / total)
            switch style {
            case .nothing: break
            case .bar:
                guard percent != shownPercent else { return }
                shownPercent = percent
                let bar = String(repeating: "#", count: percent / 2).padded(to: 50)
                write("\r\u{1b}[K[\(bar)] \(percent)% \(step)")
            case .lines(let unit, let seconds):
                guard Date() >= lineDue else { return }
                lineDue = Date() + seconds
                let seconds = max(Date().timeIntervalSince(start), 0.001)
                let rate = unit.map { ", \(Int(Double(done) / seconds)) \($0)/s" } ?? ""
                write("\(percent)% \(step)\(rate)\n")
            }
        }
    }

    func clear() {
        guard case .bar = style else { return }
        lock.withLock {
            if shownPercent >= 0 { write("\r\u{1b}[K") }
            shownPercent = -1
        }
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
