// SPDX-License-Identifier: Apache-2.0
internal import Sigma

extension CorrelationEngine {
    /// Works all that happens at a time: its events, and the windows that close.
    mutating func work(_ time: Int64) {
        while let next = waiting.first, next.item.time == time {
            _ = waiting.popFirst()
            route(next.item)
        }
        while let place = deadlines.pop(upTo: time) { close(place, time) }
        // Those below come first, so that what they find is there for those above.
        while let rank = agenda.popFirst() {
            let correlation = plan.byRank[rank]
            isOnAgenda[correlation] = false
            work(correlation, time)
        }
        frontier = max(frontier, time)
        keepLimits()
    }

    /// Hands a turn to the correlations that look at its rule.
    private mutating func route(_ item: WindowItem) {
        forEachMatch(of: item) { engine, correlation, match in
            engine.inboxes[correlation].append(match)
            engine.putOnAgenda(correlation)
        }
    }

    private mutating func putOnAgenda(_ correlation: Int) {
        guard !isOnAgenda[correlation] else { return }
        isOnAgenda[correlation] = true
        agenda.insert(plan.rank[correlation])
    }

    /// Notes that a window is to be checked at a time.
    private mutating func note(_ window: GroupWindow, _ correlation: Int, _ time: Int64) {
        guard window.notedAt != time else { return }
        window.notedAt = time
        noted[correlation].append(window)
        putOnAgenda(correlation)
    }

    private mutating func work(_ index: Int, _ time: Int64) {
        let matches = inboxes[index]
        inboxes[index].removeAll(keepingCapacity: true)
        for match in matches {
            let window = window(match.key, of: index, at: time)
            if put(match.entry, into: window, of: index) { note(window, index, time) }
        }
        let windows = noted[index]
        noted[index].removeAll(keepingCapacity: true)
        isOnAgenda[index] = false
        for window in windows { check(window, of: index, endingAt: time, looksForward: true) }
    }

    /// Has the window that closes at a time checked, and sees to the next of the group.
    private mutating func close(_ place: GroupPlace, _ time: Int64) {
        guard place.window.nextDeadline == time else { return }
        note(place.window, place.correlation, time)
        let span = plan.correlations[place.correlation].spanMilliseconds
        let next = place.window.firstTime(after: time - span)
        place.window.nextDeadline = next.map { $0 + span }
        if let next { deadlines.insert(place, at: next + span) }
    }

    /// Has the window that opens with an entry closed in time, unless an earlier one is waited
    /// for.
    private mutating func watch(_ place: GroupPlace, openedAt time: Int64) {
        let correlation = plan.correlations[place.correlation]
        let deadline = time + correlation.spanMilliseconds
        guard correlation.looksForward, deadline > frontier,
            place.window.nextDeadline.map({ deadline < $0 }) ?? true
        else { return }
        place.window.nextDeadline = deadline
        deadlines.insert(place, at: deadline)
    }

    /// The group's window; a new one if there is none.
    mutating func window(
        _ key: [CapturedValue], of index: Int, at time: Int64
    ) -> GroupWindow {
        if let window = groups[index][key] { return window }
        let correlation = plan.correlations[index]
        let window = GroupWindow(key: key, correlation)
        groups[index][key] = window
        groupCount += 1
        expiries.insert(
            GroupPlace(correlation: index, window: window),
            at: time + correlation.spanMilliseconds + 1)
        return window
    }

    /// - Returns: Whether the entry is new.
    private mutating func put(
        _ entry: WindowEntry, into window: GroupWindow, of index: Int
    ) -> Bool {
        guard window.insert(entry) else { return false }
        entryCount += 1
        watch(GroupPlace(correlation: index, window: window), openedAt: entry.item.time)
        if let needed = plan.keptEvents[index] {
            let kept = max(needed, limits.evidence)
            while window.tally.events > kept { giveUpOldest(of: window) }
        } else if window.count > limits.entriesPerGroup {
            giveUpOldest(of: window)
            counts.dropped += 1
        }
        return true
    }

    mutating func giveUpOldest(of window: GroupWindow) {
        window.lastGivenUp = window.oldestTime
        window.removeOldest()
        entryCount -= 1
    }

    /// Looks whether a window makes its correlation true, and hands on what follows.
    private mutating func check(
        _ window: GroupWindow, of index: Int, endingAt end: Int64, looksForward: Bool
    ) {
        let correlation = plan.correlations[index]
        let start = end - correlation.spanMilliseconds
        entryCount -= window.removeEntries(before: start)
        let test = WindowTest(
            correlation: correlation, window: window, end: end,
            isAnchored: window.hasMatch(at: end), looksForward: looksForward)
        guard let filter = test.evidence(),
            let value = window.tally.metric(correlation.kind)
        else { return }
        window.lastOccurrence = end
        let occurrence = Occurrence(
            plan: plan, rule: index, window: window, end: end, value: value, filter: filter)
        if !plan.parents[index].isEmpty {
            handOn(occurrence.item(evidenceLimit: limits.evidence), of: index)
        }
        guard plan.isReported[index], !isRestoring else { return }
        // Both ends are in a window: two reports of a group share no event.
        if let last = window.lastReported, end <= last + correlation.spanMilliseconds { return }
        window.lastReported = end
        findings.append(occurrence.finding(evidenceLimit: limits.evidence))
    }

    /// Gives an occurrence to the correlations above.
    private mutating func handOn(_ item: WindowItem, of index: Int) {
        for parent in plan.parents[index] {
            let matches = OccurrenceFields(item).matches(for: parent, plan)
            guard !isWorkingLate else {
                for match in matches { workLate(match, of: parent.correlation) }
                continue
            }
            inboxes[parent.correlation] += matches
            putOnAgenda(parent.correlation)
        }
    }
}

/// Events that came after their time had been worked.
extension CorrelationEngine {
    /// Puts late events into the windows that are still held, and checks those.
    mutating func workLate() {
        let items = late.sorted { $0.precedes($1) }
        late = []
        isWorkingLate = true
        for item in items {
            forEachMatch(of: item) { engine, correlation, match in
                engine.workLate(match, of: correlation)
            }
        }
        isWorkingLate = false
    }

    private mutating func workLate(_ match: Match, of index: Int) {
        let time = match.entry.item.time
        guard time >= frontier - plan.correlations[index].spanMilliseconds else { return }
        let window = window(match.key, of: index, at: time)
        guard put(match.entry, into: window, of: index), let newest = window.newestMatch,
            newest != window.lastOccurrence
        else { return }
        check(window, of: index, endingAt: newest, looksForward: false)
    }
}
