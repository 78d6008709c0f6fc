// SPDX-License-Identifier: Apache-2.0
import Bytes
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Reports

private let noNamespaces = geteuid() == 0 ? nil : "needs root, for a file system of its own"

@Suite("Opening a store") struct StoreOpeningTests {
    private func mode(_ path: String) -> UInt32 {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test("creates a directory and a database that only their owner may read") func creates() throws
    {
        let scratch = try Scratch()
        let directory = scratch.path + "/state"
        let store = try ReportStore(directory: directory)
        #expect(store.identifier.count == 32)
        #expect(mode(directory) == 0o700)
        for name in ["tocsin.sqlite", "tocsin.sqlite-wal", "tocsin.sqlite-shm", "tocsin.lock"] {
            #expect(mode("\(directory)/\(name)") == 0o600, "\(name)")
        }
    }

    @Test("keeps its identifier and content") func reopens() throws {
        let scratch = try Scratch()
        let identifier: String
        do {
            let store = try ReportStore(directory: scratch.path)
            try store.commit(batch(3), now: 1)
            identifier = store.identifier
            try store.close()
        }
        let again = try ReportStore(directory: scratch.path)
        #expect(again.identifier == identifier)
        #expect(try again.list(limit: 9, now: 1).map(\.sequence) == [1, 2, 3])
        let other = try Scratch()
        #expect(try ReportStore(directory: other.path).identifier != identifier)
    }

    @Test("is for one daemon at a time, and the error says which") func lock() throws {
        let scratch = try Scratch()
        let store = try ReportStore(directory: scratch.path)
        let error = #expect(throws: StoreError.self) { try ReportStore(directory: scratch.path) }
        #expect(error?.kind == .owned(by: Int(getpid())))
        #expect(
            error?.description
                == "\(scratch.path): process \(getpid()) already works with this state directory; stop it or choose another directory"
        )
        // The queue's tools need no lock.
        try store.commit(batch(1), now: 1)
        #expect(try ReportStore(existing: scratch.path).list(limit: 9, now: 1).count == 1)
    }

    @Test("for the queue's tools creates nothing") func readOnly() throws {
        let scratch = try Scratch()
        let error = #expect(throws: StoreError.self) { try ReportStore(existing: scratch.path) }
        #expect(error?.kind == .missing)
        #expect(
            error?.description
                == "\(scratch.path): there is no Tocsin state here; name the daemon's state directory"
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == [])
        let absent = #expect(throws: StoreError.self) {
            try ReportStore(existing: scratch.path + "/none")
        }
        #expect(absent?.kind == .missing)
    }

    @Test("refuses a newer version and another program's database") func strangers() throws {
        let scratch = try Scratch()
        try ReportStore(directory: scratch.path).close()
        let file = scratch.path + "/tocsin.sqlite"
        func execute(_ sql: String) throws {
            let queue = try DatabaseQueue(path: file)
            try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
            try queue.close()
        }
        try execute("PRAGMA user_version = 99")
        for isDaemon in [true, false] {
            let error = #expect(throws: StoreError.self) {
                if isDaemon {
                    _ = try ReportStore(directory: scratch.path)
                } else {
                    _ = try ReportStore(existing: scratch.path)
                }
            }
            #expect(error?.kind == .newerVersion)
            #expect(
                error?.description
                    == "\(file): a newer Tocsin wrote this (version 99, this program knows \(StoreSchema.version)); use that one"
            )
        }
        try execute("PRAGMA user_version = 1; PRAGMA application_id = 7")
        let error = #expect(throws: StoreError.self) { try ReportStore(directory: scratch.path) }
        #expect(error?.description.contains("another program's database") == true)
    }

    @Test("refuses a damaged database") func damaged() throws {
        let scratch = try Scratch()
        let file = scratch.path + "/tocsin.sqlite"
        try String(repeating: "not a database ", count: 500)
            .write(toFile: file, atomically: false, encoding: .utf8)
        let error = #expect(throws: StoreError.self) { try ReportStore(directory: scratch.path) }
        #expect(error?.kind == .damaged)
        #expect(error?.description.hasPrefix(file + ": the database is damaged") == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test("names what is no directory and what cannot be created") func places() throws {
        let scratch = try Scratch()
        let plain = scratch.path + "/file"
        try "x".write(toFile: plain, atomically: false, encoding: .utf8)
        let file = #expect(throws: StoreError.self) { try ReportStore(directory: plain) }
        #expect(file?.kind == .notADirectory)
        let below = #expect(throws: StoreError.self) { try ReportStore(directory: plain + "/a") }
        #expect(below?.kind == .notADirectory)
        let deep = #expect(throws: StoreError.self) {
            try ReportStore(directory: scratch.path + "/a/b")
        }
        #expect(deep?.kind == .missing)
        #expect(deep?.description.contains("create the directory above it") == true)
    }

    @Test("names a directory without write access") func unwritable() throws {
        let scratch = try Scratch()
        let directory = scratch.path
        unsafe chmod(directory, 0o555)
        defer { unsafe chmod(directory, 0o755) }
        let error = #expect(throws: StoreError.self) {
            try SeparateThread.withoutFileRights { _ = try ReportStore(directory: directory) }
        }
        #expect(error?.kind == .notPermitted)
        #expect(error?.description.hasPrefix(directory + "/tocsin.lock: ") == true)
    }

    @Test(
        "on a full disk, commits fail as such, keep nothing by halves, and work again with space",
        .enabled(if: noNamespaces == nil, Comment(rawValue: noNamespaces ?? "")))
    func diskFull() throws {
        let scratch = try Scratch()
        let directory = scratch.path
        try SeparateThread.withVolume(at: directory, bytes: 2 << 20) {
            let store = try ReportStore(directory: directory)
            let ballast = directory + "/ballast"
            let point = checkpoint(of: "s", offset: 7)
            try Data(count: 1 << 20).write(to: URL(fileURLWithPath: ballast))
            var committed = 0
            var failure: StoreError?
            while failure == nil, committed < 1_000_000 {
                do {
                    var next = batch(50, from: committed)
                    next.checkpoints = [point]
                    next.checkpoints[0].offset = committed + 50
                    committed += try store.commit(next, now: 1)
                } catch let error as StoreError {
                    failure = error
                }
            }
            #expect(failure?.isDiskFull == true, "\(String(describing: failure))")
            #expect(failure?.isTransient == true)
            #expect(try store.streams().map(\.checkpoint.offset) == [committed])
            let again = #expect(throws: StoreError.self) {
                try store.commit(batch(50, from: committed), now: 1)
            }
            #expect(again?.isDiskFull == true)

            try FileManager.default.removeItem(atPath: ballast)
            #expect(try store.commit(batch(50, from: committed), now: 1) == 50)
            #expect(try store.queueCounts(now: 1).ready == committed + 50)
        }
    }

    @Test(
        "on a disk already full fails as such",
        .enabled(if: noNamespaces == nil, Comment(rawValue: noNamespaces ?? "")))
    func fullFromTheStart() throws {
        let scratch = try Scratch()
        let directory = scratch.path
        try SeparateThread.withVolume(at: directory, bytes: 64 << 10) {
            let ballast = directory + "/ballast"
            try? Data(count: 60 << 10).write(to: URL(fileURLWithPath: ballast))
            let error = #expect(throws: StoreError.self) {
                try ReportStore(directory: directory)
            }
            #expect(error?.isDiskFull == true, "\(String(describing: error))")
        }
    }

    @Test("fails without any text of the report") func discretion() throws {
        let scratch = try Scratch()
        let store = try ReportStore(directory: scratch.path)
        try store.commit(CommitBatch(reports: [pending(sample())]), now: 1)
        let other = try DatabaseQueue(path: scratch.path + "/tocsin.sqlite")
        try other.write {
            try $0.execute(sql: "UPDATE report SET document = replace(document, '{', '')")
        }
        let error = #expect(throws: StoreError.self) { try store.list(limit: 1, now: 1) }
        #expect(error?.kind == .damaged)
        #expect(error?.description.contains("hello") == false)
        try other.write { try $0.execute(sql: "DROP TABLE delivery") }
        let failed = #expect(throws: StoreError.self) { try store.commit(batch(2), now: 1) }
        #expect(failed?.description.contains("t-1") == false)
    }
}
