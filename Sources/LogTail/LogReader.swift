// SPDX-License-Identifier: Apache-2.0
package import Bytes
package import Decompression

/// Follows all files that the patterns name, and hands on their lines in order.
///
/// One thread runs it. Each file has its turn, of bounded length, while it has something to
/// read; when none has, the reader sleeps until inotify tells of a change or it is time to look
/// at all files again.
package final class LogReader: @unchecked Sendable {
    private let discovery: LogDiscovery
    private let inflater: Inflater
    private let timing: TailTiming
    private let events: any TailEvents
    private let pool: BlockPool
    private let watch = FolderWatch()
    private let buffer = RawBuffer()
    private var table: StreamTable
    private var followers: [FileIdentity: FileFollower] = [:]
    private var identities: [String: FileIdentity] = [:]
    /// Files with something to do, and those that have it later.
    private var ready: Set<FileIdentity> = []
    private var deadlines: [FileIdentity: TailInstant] = [:]
    /// What was told of, so that a fault is told once and again only after it was mended.
    private var told: Set<String> = []

    package init(
        patterns: [String], inflater: Inflater, timing: TailTiming,
        checkpoints: [StreamCheckpoint], pool: BlockPool, events: any TailEvents
    ) {
        discovery = LogDiscovery(patterns: patterns)
        self.inflater = inflater
        self.timing = timing
        self.events = events
        self.pool = pool
        table = StreamTable(checkpoints)
    }

    /// Makes ``run()`` return soon; from any thread.
    package func stop() { watch.stop() }

    /// Reads until ``stop()`` is called or the receiver wants no more.
    package func run() {
        var nextRescan = TailInstant.now
        while true {
            let now = TailInstant.now
            if now >= nextRescan {
                rescan(now)
                nextRescan = now + timing.rescan
            }
            for (identity, deadline) in deadlines where deadline <= now {
                ready.insert(identity)
                deadlines[identity] = nil
            }
            do { try takeTurns(now) } catch { return }
            let wakeUp = deadlines.values.reduce(nextRescan, min)
            let changes = watch.wait(ready.isEmpty ? max(.zero, wakeUp - .now) : .zero)
            if changes.isStopped { return }
            if changes.needsRescan { nextRescan = .now }
            for path in changes.paths {
                if let identity = identities[path] { ready.insert(identity) }
            }
        }
    }

    /// Gives each file that is ready one turn.
    private func takeTurns(_ now: TailInstant) throws(TailStopped) {
        for identity in ready {
            guard let follower = followers[identity] else {
                ready.remove(identity)
                continue
            }
            do {
                switch try follower.turn(&table, now: now) {
                case .more: break
                case .idle(let deadline):
                    ready.remove(identity)
                    deadlines[identity] = deadline
                case .finished:
                    ready.remove(identity)
                    followers[identity] = nil
                }
            } catch let stopped as TailStopped {
                throw stopped
            } catch {
                ready.remove(identity)
                deadlines[identity] = now + timing.rescan
                tell(
                    .cannotRead(path: follower.path, reason: Self.reason(error)),
                    once: follower.path)
            }
        }
    }

    private static func reason(_ error: any Error) -> String {
        (error as? SystemError)?.text ?? "\(error)"
    }

    /// Looks at all files: finds the new, the renamed, the vanished, and what changed unseen.
    private func rescan(_ now: TailInstant) {
        let look = discovery.look()
        watch.watch(look.folders)
        var seen: Set<FileIdentity> = []
        identities.removeAll(keepingCapacity: true)
        for match in look.matches {
            let identity = FileIdentity(match.status)
            identities[match.path] = identity
            guard seen.insert(identity).inserted else { continue }
            if let follower = followers[identity] {
                follower.path = match.path
                follower.vanishedAt = nil
            } else if let follower = open(match.path, now) {
                followers[follower.file.identity] = follower
            }
        }
        for (identity, follower) in followers where !seen.contains(identity) {
            follower.vanishedAt = follower.vanishedAt ?? now
        }
        ready.formUnion(followers.keys)
        tellFaults(look)
    }

    private func open(_ path: String, _ now: TailInstant) -> FileFollower? {
        do throws(DecodedFile.OpenFailure) {
            let file = try DecodedFile(path: path, inflater: inflater, buffer: buffer)
            told.remove(path)
            return FileFollower(
                path: path, file: file, pool: pool, events: events, timing: timing, now: now)
        } catch {
            if case .missing = error { return nil }
            tell(error.notice(of: path), once: path)
            return nil
        }
    }

    private func tellFaults(_ look: LogDiscovery.Look) {
        for (path, error) in look.failures {
            tell(.cannotRead(path: path, reason: error.text), once: path)
        }
        for pattern in look.emptyPatterns {
            tell(.matchesNothing(pattern: pattern), once: pattern)
        }
    }

    private func tell(_ notice: TailNotice, once key: String) {
        if told.insert(key).inserted { events.notice(notice) }
    }
}
