// SPDX-License-Identifier: Apache-2.0
import Bytes
import GRDB
import TestSupport
import Testing

@testable import Reports

@Suite("Where streams stand") struct StreamStoreTests {
    private let scratch: Scratch
    private let store: ReportStore

    init() throws {
        scratch = try Scratch()
        store = try ReportStore(directory: scratch.path)
    }

    @Test("the first version's store is brought to this one, its checkpoints kept")
    func firstVersion() throws {
        let scratch = try Scratch()
        let file = scratch.path + "/tocsin.sqlite"
        let old = try DatabaseQueue(path: file)
        try old.writeWithoutTransaction { db in
            try db.execute(sql: StoreSchema.steps[0])
            try db.execute(
                sql: """
                    PRAGMA application_id = \(StoreSchema.applicationID);
                    PRAGMA user_version = 1;
                    INSERT INTO meta VALUES ('store', 'an id');
                    INSERT INTO stream VALUES ('s', 700, 7, 3, x'0102', '/a.gz', 1000);
                    """)
        }
        try old.close()
        let refused = #expect(throws: StoreError.self) {
            try ReportStore(existing: scratch.path)
        }
        #expect(refused?.kind == .olderVersion)
        let store = try ReportStore(directory: scratch.path)
        #expect(store.identifier == "an id")
        let known = try #require(try store.streams().first)
        #expect(known.checkpoint.stream == known.checkpoint.root)
        #expect((known.checkpoint.offset, known.checkpoint.line) == (700, 7))
        #expect(known.checkpoint.guardDigest == [1, 2])
        #expect(known.checkpoint.file.path == "/a.gz")
        try store.commit(CommitBatch(checkpoints: [checkpoint(of: "s", offset: 800)]), now: 2)
        #expect(try store.streams().map(\.checkpoint.offset) == [800])
    }

    @Test("a checkpoint comes back whole") func checkpointComesBack() throws {
        let point = checkpoint(of: "s", offset: 1 << 40)
        try store.commit(CommitBatch(checkpoints: [point]), now: 1)
        #expect(try store.streams() == [KnownStream(point)])
    }

    @Test("a place to resume from stands until there is a newer one") func restart() throws {
        #expect(try store.restart(of: StreamID("s")) == nil)
        for (point, expected) in [
            (checkpoint(of: "s", offset: 1, restart: [1, 2]), [1, 2]),
            (checkpoint(of: "s", offset: 2), [1, 2]),
            (checkpoint(of: "s", offset: 3, restart: [3]), [3]),
        ] as [(StreamCheckpoint, [UInt8])] {
            try store.commit(CommitBatch(checkpoints: [point]), now: 1)
            #expect(try store.restart(of: StreamID("s")) == expected)
        }
    }

    @Test("records are added up, gaps once each") func counts() throws {
        let stream = StreamID("s")
        let gap = PendingReport(
            report: gapSample(), turnDigest: [], isHistory: false, gapStream: stream)
        for round in 1...3 {
            let batch = CommitBatch(
                reports: [gap], checkpoints: [checkpoint(of: "s", offset: round)],
                counts: [stream: RecordCounts(records: 10, malformed: 1)])
            try store.commit(batch, now: round)
        }
        let status = try #require(try store.streamStatus().first)
        #expect(status.counts == RecordCounts(records: 30, malformed: 3))
        #expect(status.gaps == 1)
        #expect(status.lostBytes == gapSample().gap?.bytes)
        #expect(status.updatedAt == Timestamp(milliseconds: 3))
    }

    @Test("a stream is gone, found, gone again, and forgotten") func news() throws {
        let stream = StreamID("s")
        try store.commit(CommitBatch(checkpoints: [checkpoint(of: "s", offset: 1)]), now: 1)
        func goneSince(after news: StreamNews...) throws -> [Int?] {
            try store.commit(CommitBatch(news: news), now: 2)
            return try store.streams().map(\.goneSince)
        }
        #expect(try goneSince(after: .gone(stream, since: 50)) == [50])
        #expect(try goneSince(after: .found(stream)) == [nil])
        #expect(try goneSince(after: .gone(stream, since: 60)) == [60])
        #expect(try goneSince(after: .forgotten(stream)) == [])
        // A checkpoint in the batch that forgets it is a new one.
        let again = checkpoint(of: "s", offset: 9)
        try store.commit(CommitBatch(checkpoints: [again], news: [.forgotten(stream)]), now: 3)
        #expect(try store.streams() == [KnownStream(again)])
    }
}
