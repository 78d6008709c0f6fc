// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Decompression
internal import Foundation
internal import LogTail

/// Reads labelled corpora: JSON lines, plain, gzip or zstd.
package struct CorpusReader {
    private let paths: [String]

    package init(paths: [String]) { self.paths = paths }

    /// The bytes of all files, for progress.
    package var totalBytes: Int {
        paths.reduce(0) { sum, path in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return sum + (attributes?[.size] as? Int ?? 0)
        }
    }

    /// Hands on each row in the order of the files.
    ///
    /// - Parameter progress: Called with the bytes read of all files.
    /// - Throws: ``CorpusError`` at the first file or line that cannot be read.
    package func forEach(
        progress: (Int) -> Void, _ body: (LabelledRow) throws -> Void
    ) throws {
        let pool = BlockPool()
        var finishedBytes = 0
        for path in paths {
            try withoutActuallyEscaping(body) { body in
                let events = CorpusEvents(path: path, pool: pool, body)
                let scan = FileScan(path: path, inflater: .isal, pool: pool, events: events)
                var readBytes = 0
                let isWhole = scan.run { bytes in
                    readBytes = bytes
                    progress(finishedBytes + bytes)
                }
                if let failure = events.failure { throw failure }
                guard isWhole else { throw CorpusError("\(path): cannot be read") }
                finishedBytes += readBytes
            }
        }
    }

    /// All rows at once.
    package func rows(progress: (Int) -> Void) throws -> [LabelledRow] {
        var rows: [LabelledRow] = []
        try forEach(progress: progress) { rows.append($0) }
        guard !rows.isEmpty else {
            throw CorpusError("\(paths.joined(separator: ", ")): holds no row")
        }
        return rows
    }
}

/// A corpus cannot be used: which file and line, and why.
package struct CorpusError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Takes the lines of one corpus file apart into rows, up to the first that is wrong.
private final class CorpusEvents: TailEvents {
    private let path: String
    private let pool: BlockPool
    private let body: (LabelledRow) throws -> Void
    private(set) var failure: (any Error)?

    init(path: String, pool: BlockPool, _ body: @escaping (LabelledRow) throws -> Void) {
        self.path = path
        self.pool = pool
        self.body = body
    }

    func lines(_ batch: LineBatch) -> Bool {
        defer { pool.giveBack(batch.block) }
        guard case .lines = batch.block.content else {
            return fail(CorpusError("\(path):\(batch.line): the line is too long for a row"))
        }
        var line = batch.line
        for text in batch.block.bytes.copied().split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        {
            do {
                if !text.allSatisfy(\.isBlank) { try body(LabelledRow(line: Data(text))) }
            } catch let fault as RowFault {
                return fail(CorpusError("\(path):\(line): the row \(fault)"))
            } catch {
                return fail(error)
            }
            line += 1
        }
        return true
    }

    func gap(_ gap: CoverageGap) -> Bool { fail(CorpusError("\(path): \(gap.reason)")) }
    func checkpoint(_ checkpoint: StreamCheckpoint) -> Bool { true }
    func news(_ news: StreamNews) -> Bool { true }
    func restart(of stream: StreamID) -> [UInt8]? { nil }

    func notice(_ notice: TailNotice) {
        if notice.isWarning, failure == nil { failure = CorpusError("\(notice)") }
    }

    private func fail(_ error: any Error) -> Bool {
        if failure == nil { failure = error }
        return false
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == 0x20 || (0x09...0x0d).contains(self) }
}
