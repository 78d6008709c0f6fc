// SPDX-License-Identifier: Apache-2.0
internal import Logging
internal import Reports

/// What each commit owes to others than the store.
struct Debts: Sendable {
    /// To whom each new report is owed.
    let sinks: [String]
    /// Under whose name new findings are owed to the stream; nil: they are not.
    let findingsOf: String?
}

/// The threads that tell the sinks what is committed: one for the journal and, where a stream
/// is configured, one for reports to it and one for findings.
struct Deliveries {
    let debts: Debts
    private let threads: [DeliveryThread]

    /// An acknowledgement takes a way to the server and back, so more are under way at a time.
    private static let streamBatch = 256

    /// Starts them. A server that is away is told and tried again, and holds up nothing else.
    ///
    /// - Parameter signs: Are told what the journal was seen to hold.
    init(
        from store: ReportStore, to stream: StreamSettings?, host: String, board: StatusBoard,
        signs: CanarySigns?, watchdog: Watchdog, logger: Logger
    ) {
        func thread(_ rounds: any DeliveryRounds, _ heartbeat: Heartbeat) -> DeliveryThread {
            DeliveryThread(
                WatchedRounds(rounds: rounds, heartbeat: heartbeat),
                aliveSeconds: heartbeat.pauseSeconds
            ) { heartbeat.beat() }
        }
        func tell(_ sink: DeliveryEvent.Sink) -> @Sendable (DeliveryEvent) -> Void {
            { event in
                let text = event.text(of: sink)
                logger.log(level: event.isTrouble ? .warning : .notice, "\(text)")
                board.note(sink.trouble, event.isTrouble ? text : nil)
            }
        }
        let journal = JournalSink(store: store.identifier)
        var sinks: [any ReportSink] = [journal]
        var threads = [
            thread(
                DeliveryLoop(
                    store: store, sink: journal, seen: { signs?.delivered($0) },
                    tell: tell(.journal)),
                watchdog.heartbeat("deliver"))
        ]
        if let stream {
            let sink = StreamSink(
                stream.nats, stream: stream.stream, subject: stream.subject, host: host)
            sinks.append(sink)
            threads.append(
                thread(
                    DeliveryLoop(
                        store: store, sink: sink, batch: Self.streamBatch,
                        tell: tell(.stream("reports"))), watchdog.heartbeat("publish")))
            if stream.publishesFindings {
                threads.append(
                    thread(
                        FindingLoop(
                            store: store, stream.nats, stream: stream.stream,
                            subject: stream.subject, tell: tell(.stream("findings"))),
                        watchdog.heartbeat("publish-findings")))
            }
        }
        self.threads = threads
        debts = Debts(
            sinks: sinks.map(\.name), findingsOf: stream?.publishesFindings == true ? host : nil)
    }

    /// Has the outbox looked at soon; for any thread, never blocks.
    func waker() -> @Sendable () -> Void {
        { [threads] in for thread in threads { thread.wake() } }
    }

    /// Ends the threads, each after what it is doing.
    func stop() { for thread in threads { thread.stop() } }
}

extension DeliveryEvent.Sink {
    fileprivate var trouble: StatusBoard.Trouble {
        switch self {
        case .journal: .journal
        case .stream: .stream
        }
    }
}
