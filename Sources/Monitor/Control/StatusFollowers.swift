// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Synchronization
internal import Varlink

/// Sends the status once a second to those who follow it.
final class StatusFollowers: Sendable {
    typealias Stream = VarlinkReplyStream<MonitorInterface.StatusReply>

    private static let periodSeconds = 1.0

    private let reader: StatusReader
    private let streams = Mutex<[Stream]>([])
    private let bell = HandOver<Void>(capacity: 1)

    init(_ reader: StatusReader) { self.reader = reader }

    /// Sends until ``stop()``: a thread's work. Sleeps while nobody follows.
    func run() {
        while true {
            let isFollowed = streams.withLock { !$0.isEmpty }
            let deadline = isFollowed ? Date() + Self.periodSeconds : nil
            if case .ended = bell.take(until: deadline) { break }
            // A store that cannot be read now may be read a second later.
            guard let status = try? reader.status() else { continue }
            let reply = MonitorInterface.StatusReply(status: status)
            let current = streams.withLock { $0 }
            // Whoever is behind misses a second's figures and gets the next.
            let gone = current.filter { (try? $0.send(reply)) == .gone }
            streams.withLock { all in
                all.removeAll { stream in gone.contains { $0 === stream } }
            }
        }
        streams.withLock { $0.removeAll() }
    }

    func add(_ stream: Stream) {
        streams.withLock { $0.append(stream) }
        bell.giveIfRoom(())
    }

    func stop() { bell.close() }
}
