// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import LogTail

/// Numbers for streams, small enough for the per-record path and the same after a restart, and
/// where their findings lie.
struct StreamNumbers {
    /// What a report says of the log that a finding is from.
    struct Source {
        /// The stream's first name.
        var root: String
        var path: String
        /// It is the monitor's own.
        var isCanary: Bool
    }

    /// The folder of the monitor's own log.
    private let canaryFolder: String?

    private var sources: [UInt64: Source] = [:]

    init(canaryFolder: String?) { self.canaryFolder = canaryFolder }

    /// A file is one that the monitor writes itself.
    func isCanary(_ path: String) -> Bool {
        CanaryLog.isFile(path, in: canaryFolder)
    }

    /// The stream's number.
    func number(of stream: StreamID) -> UInt64 {
        var hash = KeyedHash(key: 0)
        let text = Array(stream.text.utf8)
        hash.combine(text.span)
        return hash.finalize()
    }

    /// Takes a batch in: its number; later findings of the stream lie in its file.
    mutating func begin(_ batch: LineBatch) -> UInt64 {
        let number = number(of: batch.stream)
        sources[number] = Source(
            root: batch.root.text, path: batch.path, isCanary: isCanary(batch.path))
        return number
    }

    func source(of number: UInt64) -> Source? { sources[number] }

    mutating func forget(_ stream: StreamID) { sources[number(of: stream)] = nil }
}
