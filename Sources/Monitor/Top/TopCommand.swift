// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Reports

/// `tocsin top`: how the monitor is doing, shown anew every second, over restarts of the daemon.
package struct TopCommand {
    /// What makes it draw, or end.
    private enum Event: Sendable {
        case status(MonitorStatus)
        case gone
        case resized
        case quit
        /// The daemon refuses.
        case failed(ControlError)
    }

    /// Without word for so long the daemon is said to be silent.
    private static let silentMilliseconds = 5_000
    private static let pauseSeconds = 1.0

    private let socket: String

    /// - Throws: ``ControlError`` when no daemon answers at the socket.
    package init(socket: String) throws {
        self.socket = socket
        _ = try ControlClient(socket: socket)
    }

    /// Shows it until q, Ctrl-C or a signal.
    ///
    /// - Throws: ``SettingsError`` without a terminal, ``ControlError`` when the daemon refuses.
    package func run() throws {
        let screen = try TerminalScreen()
        let events = HandOver<Event>(capacity: 64)
        let signals = ScreenSignals()
        screen.take()
        defer { screen.giveBack() }
        // They end with the process.
        _ = WorkerThread("signals") {
            while events.give(signals.next() == SIGWINCH ? .resized : .quit) {}
        }
        _ = WorkerThread("keys") { Self.readKeys(events) }
        follow(events)
        try draw(events, screen)
    }

    private func draw(_ events: HandOver<Event>, _ screen: TerminalScreen) throws {
        var frame: TopFrame?
        var rates = StreamRates()
        var heardAt = Timestamp.now
        var isGone = false
        while true {
            switch events.take(until: Date() + Self.pauseSeconds) {
            case .element(.status(let status)):
                heardAt = .now
                isGone = false
                rates.add(status, at: heardAt)
                frame = TopFrame(status: status, rates: rates, now: heardAt)
            case .element(.gone): isGone = true
            case .element(.failed(let error)): throw error
            case .element(.quit), .ended: return
            case .element(.resized), .timedOut: break
            }
            guard var frame else {
                screen.show([TerminalLine("waiting for the daemon")])
                continue
            }
            frame.now = .now
            let silence = Timestamp.now.milliseconds - heardAt.milliseconds
            if isGone {
                frame.notice = "the daemon has gone; waiting for it to come back"
            } else if silence > Self.silentMilliseconds {
                frame.notice = "the daemon has said nothing for \(silence / 1000) s"
            }
            screen.show(frame.lines(for: screen.size))
        }
    }

    /// Hands on each status, from one daemon after another; what is not drawn in time is left out.
    private func follow(_ events: HandOver<Event>) {
        let socket = socket
        _ = WorkerThread("follow") {
            while true {
                do throws(ControlError) {
                    try Self.handOn(socket, events)
                } catch {
                    guard error.isConnectionLost else {
                        _ = events.give(.failed(error))
                        return
                    }
                }
                guard events.give(.gone) else { return }
                Thread.sleep(forTimeInterval: Self.pauseSeconds)
            }
        }
    }

    private static func handOn(
        _ socket: String, _ events: HandOver<Event>
    ) throws(ControlError) {
        let replies = try ControlClient(socket: socket).follow(
            "\(MonitorInterface.name).Follow", MonitorInterface.Nothing(),
            returning: MonitorInterface.StatusReply.self)
        while let reply = try replies.next() { events.giveIfRoom(.status(reply.status)) }
    }

    private static func readKeys(_ events: HandOver<Event>) {
        let (interrupt, endOfFile) = (UInt8(3), UInt8(4))
        var key: UInt8 = 0
        while true {
            let count = unsafe read(STDIN_FILENO, &key, 1)
            if count < 0, errno == EINTR { continue }
            // Without keys there is no terminal any more.
            guard count == 1, ![interrupt, endOfFile, UInt8(ascii: "q")].contains(key) else {
                _ = events.give(.quit)
                return
            }
        }
    }
}

/// The signals that a screen is to know of, waited for instead of handled.
private struct ScreenSignals: Sendable {
    private var signals = sigset_t()

    /// Keeps them from the threads that begin after this.
    init() {
        unsafe sigemptyset(&signals)
        for signal in [SIGWINCH, SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&signals, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// The next one.
    func next() -> Int32 {
        var signals = signals
        var received: Int32 = 0
        _ = unsafe sigwait(&signals, &received)
        return received
    }
}
