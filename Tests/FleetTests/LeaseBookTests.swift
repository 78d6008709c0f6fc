// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Fleet

@Suite("Leases") struct LeaseBookTests {
    private func state(_ holder: String) -> PartitionState { PartitionState().held(by: holder) }

    @Test("a lease ends when nothing was written for its length by the watcher's clock")
    func ending() {
        var book = LeaseBook(own: "a", leaseSeconds: 10)
        book.see(partition: 0, state("b"), revision: 5, now: 1_000)
        book.see(partition: 1, state("a"), revision: 6, now: 1_000)
        book.see(partition: 2, state(""), revision: 7, now: 1_000)
        // What it holds itself, but may not work after a connection that broke, is among them.
        #expect(book.free(of: 4, now: 11_000).map(\.partition) == [1, 2, 3])
        // Seen again unchanged: the time goes on from when it was seen first.
        book.see(partition: 0, state("b"), revision: 5, now: 9_000)
        #expect(book.free(of: 4, now: 11_001).map(\.partition) == [0, 1, 2, 3])
        #expect(book.free(of: 4, now: 11_001).map(\.revision) == [5, 6, 7, 0])
        book.see(partition: 0, state("b"), revision: 8, now: 11_002)
        #expect(book.free(of: 4, now: 20_000).map(\.partition) == [1, 2, 3])
    }

    @Test("all instances that live have as many partitions, or one less")
    func sharing() {
        var book = LeaseBook(own: "a", leaseSeconds: 10)
        #expect(book.share(of: 16) == 16)
        book.see(member: "a", revision: 1, now: 0)
        book.see(member: "b", revision: 2, now: 0)
        book.see(member: "c", revision: 3, now: 5_000)
        #expect(book.share(of: 16) == 6)
        #expect(book.removeDead(now: 10_001) == [2])
        #expect(book.share(of: 16) == 8)
        // What it wrote itself is no news of others.
        #expect(book.removeDead(now: 10_001) == [])
    }
}
