// SPDX-License-Identifier: Apache-2.0
import Bytes
import Decompression
import Foundation
import TestSupport
import Testing

@testable import LogTail

/// A reader on a thread of its own, with short waits.
final class RunningReader {
    private let reader: LogReader
    private let ended = DispatchSemaphore(value: 0)

    /// What a test may want otherwise.
    struct Setup {
        var patterns = ["*.jsonl*"]
        var inflater = Inflater.isal
        var isPolling = false
        var openFilesLimit = 256
        var known: [KnownStream] = []
        var timing = Setup.shortTiming
        var wallClock = LogReader.systemTime

        static var shortTiming: TailTiming {
            var timing = TailTiming()
            timing.settle = .milliseconds(200)
            timing.grace = .milliseconds(200)
            timing.rescan = .milliseconds(50)
            timing.poll = .milliseconds(50)
            timing.review = .milliseconds(50)
            return timing
        }
    }

    init(_ folder: String, _ collector: Collector, _ setup: Setup = Setup()) {
        let reader = LogReader(
            patterns: setup.patterns.map { "\(folder)/\($0)" }, inflater: setup.inflater,
            timing: setup.timing, known: setup.known, pool: BlockPool(), events: collector,
            isPolling: setup.isPolling, openFilesLimit: setup.openFilesLimit,
            wallClock: setup.wallClock)
        self.reader = reader
        Thread { [ended] in
            reader.run()
            ended.signal()
        }.start()
    }

    func stop() {
        reader.stop()
        ended.wait()
    }
}

/// Keeps what a reader hands on, as a store would.
final class Collector: TailEvents, @unchecked Sendable {
    private let lock = NSCondition()
    private var seen: [String: Set<String>] = [:]
    private var paths: [String: Set<String>] = [:]
    private var states: [[StreamID: StreamCheckpoint]] = [[:]]
    private var foundGaps: [CoverageGap] = []
    private var told: [TailNotice] = []
    private var heard: [StreamNews] = []
    /// Called with each batch before it is taken, on the reader's thread.
    private let onLines: @Sendable (LineBatch) -> Void

    init(onLines: @escaping @Sendable (LineBatch) -> Void = { _ in }) { self.onLines = onLines }

    /// Each line with the places at which it was read.
    var texts: [String: Set<String>] { lock.withLock { seen } }
    var gaps: [CoverageGap] { lock.withLock { foundGaps } }
    var notices: [TailNotice] { lock.withLock { told } }
    var news: [StreamNews] { lock.withLock { heard } }

    /// The names of the files in which a line was read.
    func paths(of text: String) -> Set<String> { lock.withLock { paths[text] ?? [] } }

    /// All states that the store may have been in.
    var allStates: [[KnownStream]] {
        lock.withLock { states.map { $0.values.map { KnownStream($0) } } }
    }

    /// The last of them.
    var known: [KnownStream] { allStates.last ?? [] }

    /// Goes back to a state that the store may have been in when it was last killed: one of
    /// the last few.
    func lose(_ random: inout SeededGenerator) -> [KnownStream] {
        lock.withLock {
            let state = states.suffix(5).randomElement(using: &random) ?? [:]
            states = [state]
            return state.values.map { KnownStream($0) }
        }
    }

    func lines(_ batch: LineBatch) -> Bool {
        onLines(batch)
        lock.withLock {
            var offset = batch.offset
            for line in batch.block.bytes.copied().split(
                separator: 10, omittingEmptySubsequences: false)
            {
                if !line.isEmpty {
                    let text = String(decoding: line, as: UTF8.self)
                    seen[text, default: []].insert("\(batch.root.text.prefix(8)) \(offset)")
                    paths[text, default: []].insert(batch.path)
                }
                offset += line.count + 1
            }
            if let checkpoint = batch.checkpoint { store(checkpoint) }
            lock.broadcast()
        }
        return true
    }

    func checkpoint(_ checkpoint: StreamCheckpoint) -> Bool {
        lock.withLock {
            store(checkpoint)
            lock.broadcast()
        }
        return true
    }

    /// With the lock held.
    private func store(_ checkpoint: StreamCheckpoint) {
        var state = states.last ?? [:]
        var kept = checkpoint
        kept.restart = checkpoint.restart ?? state[checkpoint.stream]?.restart
        state[checkpoint.stream] = kept
        states.append(state)
        if states.count > 2000 { states.removeFirst(1000) }
    }

    func gap(_ gap: CoverageGap) -> Bool {
        lock.withLock {
            foundGaps.append(gap)
            lock.broadcast()
        }
        return true
    }

    func news(_ news: StreamNews) -> Bool {
        lock.withLock {
            heard.append(news)
            lock.broadcast()
        }
        return true
    }

    func notice(_ notice: TailNotice) { lock.withLock { told.append(notice) } }

    func restart(of stream: StreamID) -> [UInt8]? {
        lock.withLock { states.last?[stream]?.restart }
    }

    /// Waits until `fact` holds of what was seen; false when it does not within two minutes.
    func sees(_ fact: (Collector) -> Bool) -> Bool {
        let deadline = Date() + 120
        while true {
            if fact(self) { return true }
            lock.lock()
            let isInTime = lock.wait(until: min(deadline, Date() + 0.05)) || Date() < deadline
            lock.unlock()
            if !isInTime { return false }
        }
    }

    /// Waits until the lines seen satisfy `fact`; fails the test when they do not.
    func wait(sourceLocation: SourceLocation = #_sourceLocation, _ fact: (Set<String>) -> Bool) {
        if !sees({ fact(Set($0.texts.keys)) }) {
            Issue.record("waited in vain; \(texts.count) lines", sourceLocation: sourceLocation)
        }
    }
}
