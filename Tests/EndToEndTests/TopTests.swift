// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `tocsin top` in a real terminal: tmux, which tells what stands on its screen.
@Suite(
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: Terminal.program)
            || ProcessInfo.processInfo.environment["CI"] == "true",
        "no tmux: run deploy/packages test"))
struct TopTests {
    private let host: Host

    init() throws { host = try Host() }

    private func start() throws {
        try host.start()
        host.wait(for: "the socket") { FileManager.default.fileExists(atPath: host.socket) }
    }

    private func wait(
        for what: String, on terminal: Terminal, sourceLocation: SourceLocation = #_sourceLocation,
        _ fact: (String) -> Bool
    ) {
        var last = ""
        host.wait(for: "\(what) on the screen", sourceLocation: sourceLocation) {
            last = (try? terminal.screen()) ?? ""
            return fact(last)
        }
        #expect(fact(last), "\(last)", sourceLocation: sourceLocation)
    }

    @Test func itDrawsFollowsResizesAndGivesTheTerminalBack() throws {
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        try log.write(contentsOf: Data((Host.record(1, isMarked: true) + "\n").utf8))
        try start()
        let terminal = try Terminal(
            in: host.scratch.path,
            running: "echo BEFORE; stty -g >\(host.scratch.path)/stty; "
                + "\(Tocsin.path) top --socket \(host.socket); echo ENDED $?; "
                + "stty -g | cmp - \(host.scratch.path)/stty && echo SAME; cat")
        defer { terminal.end() }
        wait(for: "the log", on: terminal) { $0.contains("REC/S") && $0.contains("live ") }
        wait(for: "the report", on: terminal) { screen in
            screen.contains("LAST REPORTS") && screen.contains("high: A word that the tests")
        }
        let screen = try terminal.screen()
        #expect(screen.contains("1 ready, 0 claimed, 0 dead"))
        #expect(!screen.contains(Host.marker), "a word of a conversation")
        #expect(!screen.contains("BEFORE"))

        // What is written while it runs shows, and a wider screen is used.
        try log.write(contentsOf: Data((Host.record(2, isMarked: true) + "\n").utf8))
        wait(for: "two reports", on: terminal) { $0.contains("2 ready") }
        try terminal.resize(columns: 300, rows: 40)
        wait(for: "the longer line", on: terminal) {
            $0.contains("model m) in \(host.logs)/a.jsonl line 2")
        }
        try terminal.resize(columns: 50, rows: 10)
        wait(for: "the shorter line", on: terminal) { screen in
            screen.split(separator: "\n").allSatisfy { $0.count <= 50 } && screen.contains("…")
        }
        try terminal.resize(columns: 80, rows: 24)

        #expect(host.end() == 0)
        wait(for: "the word of it", on: terminal) { $0.contains("the daemon has gone; waiting") }
        try start()
        wait(for: "the daemon again", on: terminal) {
            !$0.contains("the daemon has gone") && $0.contains("2 ready")
        }
        try terminal.press("q")
        wait(for: "the screen of before", on: terminal) {
            $0.contains("BEFORE") && $0.contains("ENDED 0") && $0.contains("SAME")
        }
        #expect(try !terminal.screen().contains("LAST REPORTS"))
        #expect(host.end() == 0)
    }

    @Test(
        "Ctrl-C and signals give the terminal back as well",
        arguments: ["C-c", "TERM", "HUP"])
    func ended(how: String) throws {
        try start()
        let terminal = try Terminal(
            in: host.scratch.path,
            running: "stty -g >\(host.scratch.path)/stty; "
                + "NO_COLOR=1 \(Tocsin.path) top --socket \(host.socket) & "
                + "echo $! >\(host.scratch.path)/pid; fg; echo ENDED $?; "
                + "stty -g | cmp - \(host.scratch.path)/stty && echo SAME; cat")
        defer { terminal.end() }
        wait(for: "the screen", on: terminal) { $0.contains("no log is read yet") }
        #expect(try !terminal.screen(withColours: true).contains("\u{1b}["))
        if how == "C-c" {
            try terminal.press(how)
        } else {
            let text = try String(contentsOfFile: host.scratch.path + "/pid", encoding: .utf8)
            let process = try #require(Int32(text.trimmingCharacters(in: .newlines)))
            kill(process, how == "TERM" ? SIGTERM : SIGHUP)
        }
        wait(for: "the end", on: terminal) { $0.contains("ENDED 0") && $0.contains("SAME") }
        #expect(host.end() == 0)
    }

    @Test func withoutATerminalOrADaemonItSaysSo() throws {
        let alone = try Tocsin.run("top", "--socket", host.socket)
        #expect(alone.status == 2)
        #expect(alone.errors.contains("no daemon answers there"))
        try start()
        let piped = try Tocsin.run("top", "--socket", host.socket)
        #expect(piped.status == 2)
        #expect(piped.errors.contains("`tocsin status` prints without one"))
        #expect(piped.output.isEmpty)
        #expect(host.end() == 0)
    }
}

/// A terminal of 24 rows and 80 columns in which a shell runs one line.
private final class Terminal {
    static let program = "/usr/bin/tmux"

    private let socket: String
    private let server = Process()

    init(in folder: String, running line: String) throws {
        socket = folder + "/tmux"
        // `set -m` lets a line bring a job to the front.
        try "set -m\n\(line)\n".write(
            toFile: folder + "/line", atomically: true, encoding: .utf8)
        // As a daemon it would keep what Process waits on open for ever.
        server.executableURL = URL(fileURLWithPath: Self.program)
        server.arguments = ["-S", socket, "-f", "/dev/null", "-D"]
        server.standardInput = FileHandle.nullDevice
        try server.run()
        while !FileManager.default.fileExists(atPath: socket), server.isRunning { sched_yield() }
        try tmux(
            "new-session", "-d", "-x", "80", "-y", "24", "/bin/bash --norc \(folder)/line")
    }

    deinit {
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
    }

    @discardableResult
    private func tmux(_ arguments: String...) throws -> String {
        let result = try Tocsin.run(["-S", socket] + arguments, program: Self.program)
        #expect(result.errors.isEmpty, "\(result.errors)")
        return result.output
    }

    /// What stands on it.
    func screen(withColours: Bool = false) throws -> String {
        withColours ? try tmux("capture-pane", "-p", "-e") : try tmux("capture-pane", "-p")
    }

    func resize(columns: Int, rows: Int) throws {
        try tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
    }

    func press(_ key: String) throws { try tmux("send-keys", key) }

    /// Ends what runs in it.
    func end() { _ = try? tmux("kill-server") }
}
