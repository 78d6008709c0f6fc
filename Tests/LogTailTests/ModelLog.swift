// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport

/// A log as its writer and its operator know it.
final class ModelLog {
    enum Format: CaseIterable {
        case plain, gzip, zstd
    }

    /// A file to which nothing is added any more.
    struct RestingFile {
        var path: String
        let lines: [String]
        /// Its members, where it is compressed, with the lines of each.
        let members: [Member]
    }

    /// A gzip member or zstd frame.
    struct Member {
        var bytes = 0
        var lines: [String] = []
    }

    let name: String
    let format: Format
    private(set) var path: String
    private let folder: String
    private var file: FileHandle
    private var gzip: GzipMember?
    private var zstd: ZstdStream?
    private var fileLines: [String] = []
    private var members: [Member] = []
    private var hasOpenMember = false
    private var count = 0
    private var begun = ""
    private var rotations = 0
    private(set) var resting: [RestingFile] = []
    /// What was written, whole lines only.
    private(set) var lines: [String] = []

    init(folder: String, name: String, format: Format) throws {
        self.folder = folder
        self.name = name
        self.format = format
        path = "\(folder)/\(name).jsonl"
        file = try .appending(to: path)
    }

    /// Whether something was written that the reader could know the file by.
    var hasLines: Bool { !fileLines.isEmpty }

    // MARK: The writer

    func append(_ random: inout SeededGenerator, isTorn: Bool = false) throws {
        try completeLine()
        var text = ""
        for _ in 0..<Int.random(in: 1...20, using: &random) { text += nextLine() + "\n" }
        if isTorn {
            begun = "\(name) line \(count + 1) "
            text += begun
        }
        try write(Array(text.utf8))
    }

    private func nextLine() -> String {
        count += 1
        let line = "\(name) line \(count) " + String(repeating: "x", count: count * 37 % 300)
        note(line)
        return line
    }

    private func note(_ line: String) {
        lines.append(line)
        fileLines.append(line)
        if !hasOpenMember { members.append(Member()) }
        hasOpenMember = format != .plain
        members[members.count - 1].lines.append(line)
    }

    /// Ends a line that was left half written.
    func completeLine() throws {
        guard !begun.isEmpty else { return }
        let head = begun.utf8.count
        begun = ""
        try write(Array((nextLine() + "\n").utf8.dropFirst(head)))
    }

    private func write(_ bytes: [UInt8]) throws {
        switch format {
        case .plain: try put(bytes)
        case .gzip:
            let member = gzip ?? GzipMember()
            gzip = member
            try put(member.write(bytes, .sync))
        case .zstd:
            let stream = zstd ?? ZstdStream()
            zstd = stream
            try put(stream.write(bytes, .flush))
        }
    }

    private func put(_ bytes: [UInt8]) throws {
        try file.write(contentsOf: bytes)
        if members.isEmpty { members.append(Member()) }
        hasOpenMember = format != .plain
        members[members.count - 1].bytes += bytes.count
    }

    func endMember() throws {
        try completeLine()
        if let gzip { try put(gzip.write([], .finish)) }
        if let zstd { try put(zstd.write([], .end)) }
        gzip = nil
        zstd = nil
        hasOpenMember = false
    }

    // MARK: The operator

    /// What the file holds now, as a resting file of another name.
    private func restingFile(at path: String) -> RestingFile {
        RestingFile(path: path, lines: fileLines, members: members)
    }

    private func begin() throws {
        fileLines = []
        members = []
        file = try .appending(to: path)
    }

    /// Renames the log and begins a new one, as logrotate does.
    func rotate() throws {
        guard hasLines else { return }
        try endMember()
        rotations += 1
        let kept = "\(folder)/\(name).jsonl.\(rotations)"
        try check(rename(path, kept))
        resting.append(restingFile(at: kept))
        try begin()
    }

    /// Copies the log and cuts it, as logrotate's `copytruncate` does.
    func copyAndTruncate() throws {
        guard hasLines else { return }
        try endMember()
        rotations += 1
        let kept = "\(folder)/\(name).jsonl.\(rotations)"
        try Data(contentsOf: URL(fileURLWithPath: path)).write(to: URL(fileURLWithPath: kept))
        resting.append(restingFile(at: kept))
        try check(Glibc.truncate(path, 0))
        try begin()
    }

    /// Puts another file under the same inode, whatever the file system does with freed ones.
    func replaceInTheSameInode() throws {
        try endMember()
        let held = "\(folder)/held-\(name)"
        try check(link(path, held))
        try check(unlink(path))
        try check(Glibc.truncate(held, 0))
        let writer = file
        fileLines = []
        members = []
        try writer.write(contentsOf: [])
        try check(rename(held, path))
        file = try .appending(to: path)
    }

    /// Exchanges the names of two logs.
    func swap(with other: ModelLog) throws {
        let aside = "\(folder)/aside"
        try check(rename(path, aside))
        try check(rename(other.path, path))
        try check(rename(aside, other.path))
        (path, other.path) = (other.path, path)
    }

    /// Compresses the last rotated file, in pieces, and removes the original.
    func compressRotated(_ random: inout SeededGenerator) throws {
        guard let last = resting.indices.last, format == .plain,
            resting[last].path.hasSuffix(".\(rotations)")
        else { return }
        let path = resting[last].path
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let isZstd = Bool.random(using: &random)
        let target = path + (isZstd ? ".zst" : ".gz")
        let compressed = isZstd ? ZstdStream.frame(of: bytes) : GzipMember.of(bytes)
        let output = try FileHandle.appending(to: target)
        let cut = Int.random(in: 0...compressed.count, using: &random)
        try output.write(contentsOf: compressed[..<cut])
        usleep(UInt32.random(in: 0...5000, using: &random))
        try output.write(contentsOf: compressed[cut...])
        try check(unlink(path))
        resting[last] = RestingFile(
            path: target, lines: resting[last].lines,
            members: [Member(bytes: compressed.count, lines: resting[last].lines)])
    }

    func copyRotated() throws {
        guard let path = resting.last?.path else { return }
        try Data(contentsOf: URL(fileURLWithPath: path)).write(
            to: URL(fileURLWithPath: "\(folder)/copy-of-\(name).jsonl"))
    }

    /// Moves a rotated file into another watched folder.
    func moveRotated(to folder: String) throws {
        guard let last = resting.indices.last else { return }
        let path = resting[last].path
        let target = "\(folder)/" + (path as NSString).lastPathComponent
        if rename(path, target) == 0 { resting[last].path = target }
    }

    /// Overwrites the middle of a member of a rotated file; the lines of that member, and of the
    /// file.
    func corruptRotated(
        _ random: inout SeededGenerator
    ) throws -> (lines: [String], fileLines: [String])? {
        guard let file = resting.last, format != .plain,
            let index = file.members.indices.randomElement(using: &random),
            file.members[index].bytes > 40
        else { return nil }
        let start = file.members[..<index].reduce(0) { $0 + $1.bytes }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file.path))
        try handle.seek(toOffset: UInt64(start + file.members[index].bytes / 2))
        try handle.write(contentsOf: [UInt8](repeating: 0xff, count: 12))
        return (file.members[index].lines, file.lines)
    }

    private func check(_ status: Int32) throws {
        if status != 0 { throw SystemCallError(name: name, code: errno) }
    }
}

private struct SystemCallError: Error {
    let name: String
    let code: Int32
}
