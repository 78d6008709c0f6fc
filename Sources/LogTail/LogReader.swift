// SPDX-License-Identifier: Apache-2.0
package import Bytes
package import Decompression
internal import Glibc

/// Follows all files that the patterns name, and hands on their lines in order.
///
/// One thread runs it. Each file has its turn, of bounded length, while it has something to
/// read; when none has, the reader sleeps until inotify tells of a change or it is time to look
/// at all files again.
package final class LogReader: @unchecked Sendable {
    private let discovery: LogDiscovery
    private let context: TailContext
    private let watch: FolderWatch
    private let wallClock: @Sendable () -> Int
    private var table: StreamTable
    private var followers: [FileIdentity: FileFollower] = [:]
    private var identities: [String: FileIdentity] = [:]
    private var openFiles: OpenFiles
    /// Files with something to do, and those that have it later.
    private var ready = TurnQueue()
    private var deadlines: [FileIdentity: TailInstant] = [:]
    private var schedule = RescanSchedule()
    private var nextReview: TailInstant
    /// What was told of, so that a fault is told once and again only after it was mended.
    private var told: Set<String> = []

    /// - Parameters:
    ///   - known: The streams of the store.
    ///   - isPolling: Ask no file system to tell of changes.
    ///   - wallClock: Milliseconds since 1970.
    package init(
        patterns: [String], inflater: Inflater, timing: TailTiming, known: [KnownStream],
        pool: BlockPool, events: any TailEvents, isPolling: Bool = false,
        openFilesLimit: Int = OpenFiles.usualLimit,
        wallClock: @escaping @Sendable () -> Int = LogReader.systemTime
    ) {
        discovery = LogDiscovery(patterns: patterns)
        context = TailContext(inflater: inflater, timing: timing, pool: pool, events: events)
        watch = FolderWatch(isPolling: isPolling)
        openFiles = OpenFiles(limit: openFilesLimit)
        table = StreamTable(known)
        nextReview = .now + timing.grace
        self.wallClock = wallClock
    }

    /// Milliseconds since 1970.
    package static let systemTime: @Sendable () -> Int = {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    /// Makes ``run()`` return soon; from any thread.
    package func stop() { watch.stop() }

    /// Reads until ``stop()`` is called or the receiver wants no more.
    package func run() {
        do { while try readOn() {} } catch {}
    }

    /// Gives each file that is ready its turn and waits for what comes next; false at the end.
    private func readOn() throws(TailStopped) -> Bool {
        let now = TailInstant.now
        if schedule.isDue(now) {
            rescan(now)
            schedule.done(
                began: now, ended: .now,
                interval: watch.isBlind ? context.timing.poll : context.timing.rescan)
        }
        for (identity, deadline) in deadlines where deadline <= now {
            ready.add(identity)
            deadlines[identity] = nil
        }
        try takeTurns(now)
        try settle(now)
        context.events.alive()
        let pause = min(nextWakeUp - .now, context.timing.alive)
        let changes = watch.wait(ready.isEmpty ? max(.zero, pause) : .zero)
        if changes.needsRescan { schedule.hasten() }
        for path in changes.paths {
            if let identity = identities[path] { ready.addFirst(identity) }
        }
        return !changes.isStopped
    }

    private var nextWakeUp: TailInstant {
        let next = min(schedule.next, nextReview, table.nextOverdue ?? nextReview)
        return deadlines.values.reduce(next, min)
    }

    /// Gives each file that is ready one turn.
    private func takeTurns(_ now: TailInstant) throws(TailStopped) {
        for identity in ready.takeRound() {
            context.events.alive()
            guard let follower = followers[identity] else { continue }
            do {
                switch try follower.turn(&table, now: now) {
                case .more: ready.add(identity)
                case .idle(let deadline): deadlines[identity] = deadline
                case .moved:
                    deadlines[identity] = now + context.timing.rescan
                    schedule.hasten()
                case .finished:
                    followers[identity] = nil
                    table.letGo(identity)
                }
            } catch let stopped as TailStopped {
                throw stopped
            } catch {
                deadlines[identity] = now + context.timing.rescan
                tell(Self.notice(of: error, path: follower.path), once: follower.path)
            }
            openFiles.used(identity, isOpen: followers[identity]?.file != nil)
            try openFiles.closeSome(followers)
            for orphan in table.takeOrphans() { ready.add(orphan) }
        }
    }

    private static func notice(of error: any Error, path: String) -> TailNotice {
        if let failure = error as? DecodedFile.OpenFailure { return failure.notice(of: path) }
        return .cannotRead(path: path, reason: (error as? SystemError)?.text ?? "\(error)")
    }

    /// Tells what has become certain with time: bytes that are lost, streams that are gone.
    private func settle(_ now: TailInstant) throws(TailStopped) {
        // While there is more to read it may be a copy that has what was lost.
        guard ready.isEmpty else { return }
        for tail in table.overdueTails(now) {
            if let line = tail.begunLine, !context.events.lines(line) { throw .byReceiver }
            if let gap = tail.gap, !context.events.gap(gap) { throw .byReceiver }
        }
        guard now >= nextReview else { return }
        nextReview = now + context.timing.review
        for news in table.review(now: wallClock(), forget: context.timing.forget) {
            guard context.events.news(news) else { throw .byReceiver }
        }
    }

    /// Looks at all files: finds the new, the renamed, the vanished, and what changed unseen.
    private func rescan(_ now: TailInstant) {
        let look = discovery.look()
        watch.watch(look.folders)
        var seen: Set<FileIdentity> = []
        identities.removeAll(keepingCapacity: true)
        for match in look.matches.sorted(by: { $0.stamp.isOlder(than: $1.stamp) }) {
            identities[match.path] = match.identity
            guard seen.insert(match.identity).inserted, let follower = follower(of: match, now)
            else { continue }
            follower.path = match.path
            follower.vanishedAt = nil
            if follower.seen(match.stamp) { ready.add(match.identity) }
        }
        for (identity, follower) in followers where !seen.contains(identity) {
            guard follower.vanishedAt == nil else { continue }
            follower.vanishedAt = now
            ready.add(identity)
        }
        tellFaults(look)
    }

    /// The follower of a file that was found, made when it is new; nil for what is no log.
    private func follower(of match: LogDiscovery.Match, _ now: TailInstant) -> FileFollower? {
        if let known = followers[match.identity] { return known }
        guard match.isRegular else {
            let failure: DecodedFile.OpenFailure = match.isFolder ? .directory : .notRegular
            tell(failure.notice(of: match.path), once: match.path)
            return nil
        }
        let made = FileFollower(
            path: match.path, identity: match.identity, context: context, now: now)
        followers[match.identity] = made
        return made
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
        if told.insert(key).inserted { context.events.notice(notice) }
    }
}
