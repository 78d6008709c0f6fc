// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// The terminal while a command has all of it, and as it was before and after.
@safe
final class TerminalScreen {
    private var before = termios()
    private let hasColours: Bool
    private var isTaken = false

    /// - Throws: ``SettingsError`` when standard input and output are no terminal.
    init() throws(SettingsError) {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1,
            unsafe tcgetattr(STDIN_FILENO, &before) == 0
        else {
            throw SettingsError("this needs a terminal; `tocsin status` prints without one")
        }
        // no-color.org: set, and not to nothing.
        hasColours = (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Takes the terminal: no echo, each key at once, a screen of its own without a cursor.
    func take() {
        var raw = before
        unsafe cfmakeraw(&raw)
        // What is written is still to start at the left.
        raw.c_oflag |= tcflag_t(OPOST | ONLCR)
        unsafe tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        write("\u{1b}[?1049h\u{1b}[?25l")
        isTaken = true
    }

    /// Gives it back as it was; a second call does nothing.
    func giveBack() {
        guard isTaken else { return }
        isTaken = false
        write("\u{1b}[?25h\u{1b}[?1049l")
        unsafe tcsetattr(STDIN_FILENO, TCSANOW, &before)
    }

    /// What it measures now.
    var size: TopFrame.Size {
        var window = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_row > 0,
            window.ws_col > 0
        else { return .usual }
        return TopFrame.Size(rows: Int(window.ws_row), columns: Int(window.ws_col))
    }

    /// Shows the lines in place of what is there, in one write, so that nothing flickers.
    func show(_ lines: [TerminalLine]) {
        let rows = lines.map { line in
            hasColours && line.style != .plain
                ? "\u{1b}[\(line.style.code)m\(line.text)\u{1b}[0m\u{1b}[K" : "\(line.text)\u{1b}[K"
        }
        write("\u{1b}[H" + rows.joined(separator: "\n") + "\u{1b}[J")
    }

    private func write(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}

extension TerminalLine.Style {
    /// ECMA-48's number for it.
    fileprivate var code: String {
        switch self {
        case .plain: "0"
        case .heading: "7"
        case .bad: "1;31"
        case .faint: "2"
        }
    }
}
