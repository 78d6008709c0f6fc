// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport

/// A log file as the one who wrote it knows it.
final class ModelFile {
    /// What one gzip member holds: the records that have a byte in it, and where it ends.
    struct Member {
        var records: Set<Int> = []
        var end = 0
    }

    private(set) var path: String
    /// All names that the file had.
    private(set) var names: Set<String>
    var isGzip: Bool
    /// The records that begin in the file, in order.
    var records: [Int] = []
    /// Of a gzip file; the last one may not have ended.
    var members = [Member()]
    /// The records in the gzip member of which some bytes were overwritten.
    var damagedRecords: Set<Int> = []
    var isDamaged: Bool { !damagedRecords.isEmpty }

    init(path: String, isGzip: Bool) {
        self.path = path
        names = [path]
        self.isGzip = isGzip
    }

    var ended: [Member] { members.filter { $0.end > 0 } }

    /// Flips some bits in a gzip member that is not the last one; not in the file's first bytes,
    /// which tell that it is gzip.
    func damage(member index: Int, _ random: inout SeededGenerator) throws {
        let start = index == 0 ? 10 : ended[index - 1].end
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = UInt64(Int.random(in: start..<ended[index].end, using: &random))
            try handle.seek(toOffset: place)
            let byte = try handle.read(upToCount: 1)?.first ?? 0
            try handle.seek(toOffset: place)
            try handle.write(contentsOf: [byte ^ UInt8.random(in: 1...255, using: &random)])
        }
        damagedRecords = ended[index].records
    }

    func rename(to new: String) throws {
        guard Glibc.rename(path, new) == 0 else { throw ModelError.call("rename \(path)", errno) }
        path = new
        names.insert(new)
    }

    /// Takes over a plain file's records, in members of some records each; what is to be written.
    func fill(
        from plain: ModelFile, _ random: inout SeededGenerator
    ) throws -> [[UInt8]] {
        let text = try Data(contentsOf: URL(fileURLWithPath: plain.path))
        var lines = text.split(separator: UInt8(ascii: "\n"))[...]
        var pieces: [[UInt8]] = []
        members = []
        records = plain.records
        var rest = plain.records[...]
        while !lines.isEmpty {
            let count = Int.random(in: 1...20, using: &random)
            let bytes = lines.prefix(count).flatMap { $0 + [UInt8(ascii: "\n")] }
            pieces.append(GzipMember.of(bytes))
            let end = (members.last?.end ?? 0) + (pieces.last?.count ?? 0)
            members.append(Member(records: Set(rest.prefix(count)), end: end))
            lines = lines.dropFirst(count)
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    /// The same file with nothing in it.
    func emptied() -> ModelFile {
        let file = ModelFile(path: path, isGzip: isGzip)
        file.names = names
        return file
    }

    /// Another file with the same content.
    func copied(to new: String) throws -> ModelFile {
        try Data(contentsOf: URL(fileURLWithPath: path)).write(to: URL(fileURLWithPath: new))
        let copy = ModelFile(path: new, isGzip: isGzip)
        copy.records = records
        copy.members = members
        copy.damagedRecords = damagedRecords
        return copy
    }
}

/// A log that is being written.
final class ModelLog {
    private(set) var file: ModelFile
    private var writer: Writer
    /// The record that stands half written at the end, and what of it is to come.
    private var begun: (number: Int, rest: ArraySlice<UInt8>)?

    /// Its records differ in length; else most have the same, and the same bytes at their ends.
    private let isUneven: Bool

    private enum Writer {
        case plain(FileHandle)
        case gzip(GzipLog)
    }

    init(path: String, isGzip: Bool, isUneven: Bool) throws {
        self.isUneven = isUneven
        file = ModelFile(path: path, isGzip: isGzip)
        writer = isGzip ? .gzip(try GzipLog(path: path)) : .plain(try .appending(to: path))
    }

    /// Appends these records, the last of them half when `isTorn`.
    func append(_ numbers: Range<Int>, isTorn: Bool, _ random: inout SeededGenerator) throws {
        var bytes = takeBegun()
        for number in numbers {
            var line = Array(Host.record(number, isMarked: true).utf8)
            let padding = isUneven ? Int.random(in: 0...90, using: &random) : 0
            line += [UInt8](repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
            file.records.append(number)
            file.members[file.members.count - 1].records.insert(number)
            guard isTorn, number == numbers.upperBound - 1 else {
                bytes += line
                continue
            }
            let cut = Int.random(in: 1..<line.count, using: &random)
            bytes += line[..<cut]
            begun = (number, line[cut...])
        }
        try write(bytes)
    }

    /// Writes the rest of a record that was left half written.
    func completeRecord() throws { try write(takeBegun()) }

    private func takeBegun() -> [UInt8] {
        guard let record = begun else { return [] }
        begun = nil
        file.members[file.members.count - 1].records.insert(record.number)
        return Array(record.rest)
    }

    private func write(_ bytes: [UInt8]) throws {
        guard !bytes.isEmpty else { return }
        switch writer {
        case .plain(let handle): try handle.write(contentsOf: bytes)
        case .gzip(let log): try log.write(bytes)
        }
    }

    func endMember() throws {
        guard case .gzip(let log) = writer, file.members.last?.records.isEmpty == false else {
            return
        }
        try log.endMember()
        var status = stat()
        guard stat(file.path, &status) == 0 else {
            throw ModelError.call("stat \(file.path)", errno)
        }
        file.members[file.members.count - 1].end = Int(status.st_size)
        file.members.append(ModelFile.Member())
    }

    /// Brings the file into a state in which it could stay.
    func complete() throws {
        try completeRecord()
        try endMember()
    }

    /// Begins a new file of the same name; gives the one until now, which has another.
    func beginAnew(path: String) throws -> ModelFile {
        let old = file
        let next = try ModelLog(path: path, isGzip: file.isGzip, isUneven: isUneven)
        (file, writer) = (next.file, next.writer)
        return old
    }

    /// Copies the file and cuts it, as logrotate's copytruncate does.
    func copyAndCut(to path: String) throws -> ModelFile {
        let copy = try file.copied(to: path)
        guard truncate(file.path, 0) == 0 else {
            throw ModelError.call("truncate \(file.path)", errno)
        }
        file = file.emptied()
        return copy
    }

    /// Removes the log and begins a new one of the same name and inode, which is held as `link`
    /// in between; `fill` writes to it before the name is there again.
    func reuseInode(link held: String, _ fill: (ModelLog) throws -> Void) throws {
        let path = file.path
        guard link(path, held) == 0 else { throw ModelError.call("link \(path)", errno) }
        guard unlink(path) == 0, truncate(held, 0) == 0 else {
            throw ModelError.call("unlink \(path)", errno)
        }
        let next = try ModelLog(path: held, isGzip: file.isGzip, isUneven: isUneven)
        try fill(next)
        guard link(held, path) == 0, unlink(held) == 0 else {
            throw ModelError.call("link \(held)", errno)
        }
        let new = file.emptied()
        new.records = next.file.records
        new.members = next.file.members
        (file, writer, begun) = (new, next.writer, next.begun)
    }
}

/// Why a model program could not go on.
enum ModelError: Error {
    /// A system call, and its errno.
    case call(String, Int32)
    case ended(String)
}
