// SPDX-License-Identifier: Apache-2.0

/// Who works which partition, as far as one instance can see, and what it should do about it.
///
/// A lease is kept up by writing the partition's state; it has ended when the state has had the same
/// revision for the whole length of a lease by the watcher's own clock. So no two machines' clocks
/// are compared. A lease that ended wrongly does no harm: states are changed only on condition of
/// their revision, so the one that was slow finds out at its next write.
struct LeaseBook {
    private struct Seen<Value> {
        let value: Value
        let revision: Int
        /// When this revision was seen first, in ms of a clock that never goes back.
        let since: Int
    }

    private let own: String
    private let leaseMilliseconds: Int
    private var partitions: [Int: Seen<PartitionState>] = [:]
    private var members: [String: Seen<Void>] = [:]

    init(own: String, leaseSeconds: Int) {
        self.own = own
        leaseMilliseconds = leaseSeconds * 1_000
    }

    mutating func see(partition: Int, _ state: PartitionState, revision: Int, now: Int) {
        guard partitions[partition]?.revision != revision else { return }
        partitions[partition] = Seen(value: state, revision: revision, since: now)
    }

    mutating func see(member: String, revision: Int, now: Int) {
        guard members[member]?.revision != revision else { return }
        members[member] = Seen(value: (), revision: revision, since: now)
    }

    /// Takes instances that have ended out.
    ///
    /// - Returns: The revision of what each wrote last.
    mutating func removeDead(now: Int) -> [Int] {
        let dead = members.filter { $0.key != own && hasEnded($0.value.since, now) }
        for name in dead.keys { members[name] = nil }
        return dead.values.map(\.revision)
    }

    private func hasEnded(_ since: Int, _ now: Int) -> Bool { now - since > leaseMilliseconds }

    /// How many partitions an instance should work, so that all have as many, or one less.
    func share(of count: Int) -> Int {
        let others = members.keys.filter { $0 != own }.count
        return (count + others) / (others + 1)
    }

    /// A partition that nobody works.
    struct Free: Equatable {
        let partition: Int
        let state: PartitionState
        let revision: Int
    }

    /// Partitions that nobody works, or whose worker has ended, of `count`; and all that this
    /// instance holds, of which it knows itself which it works.
    func free(of count: Int, now: Int) -> [Free] {
        (0..<count).compactMap { partition in
            guard let seen = partitions[partition] else {
                return Free(partition: partition, state: PartitionState(), revision: 0)
            }
            let isFree =
                seen.value.holder.isEmpty || seen.value.holder == own
                || hasEnded(seen.since, now)
            guard isFree else { return nil }
            return Free(partition: partition, state: seen.value, revision: seen.revision)
        }
    }
}
