// SPDX-License-Identifier: Apache-2.0
internal import CZlib
internal import Foundation
internal import Reports

/// The log that the monitor writes itself, as inference servers write theirs: gzip, flushed after
/// each record. One thread uses it.
///
/// There is one file at a time, of a bounded number of records and a name that was not used before.
@safe
final class CanaryLog {
    private static let linesMax = 256
    private static let suffix = ".jsonl.gz"

    private let folder: String
    private var file: gzFile?
    private var path = ""
    private var line = 0

    /// - Parameter folder: For its files alone.
    init(folder: String) { self.folder = folder }

    static func folder(in state: String) -> String { "\(state)/canary" }

    /// Whether a file is one of it.
    ///
    /// - Parameter folder: Its own; nil where there is no canary.
    static func isFile(_ path: String, in folder: String?) -> Bool {
        folder.map { path.hasPrefix($0 + "/") } ?? false
    }

    /// The shell pattern of its files.
    static func pattern(in state: String) -> String {
        let special = /[*?\[\\]/
        return folder(in: state).replacing(special) { "\\\($0.output)" } + "/*\(suffix)"
    }

    /// Begins the first file, so that it can be watched before there is a record.
    func prepare() throws(SettingsError) { try begin() }

    /// Writes one line and flushes it.
    ///
    /// - Returns: Where it stands: the file, and the line's number.
    func write(_ record: String) throws(SettingsError) -> (path: String, line: Int) {
        if line >= Self.linesMax { abandon() }
        if unsafe file == nil { try begin() }
        let bytes = Array(record.utf8)
        guard unsafe gzwrite(file, bytes, UInt32(bytes.count)) == Int32(bytes.count),
            unsafe gzflush(file, Z_SYNC_FLUSH) == Z_OK
        else {
            let error = SettingsError(unwritable: path)
            abandon()
            throw error
        }
        line += 1
        return (path, line)
    }

    /// Ends the file; the next record begins another.
    func abandon() {
        if let file = unsafe file { unsafe gzclose(file) }
        unsafe file = nil
        line = 0
    }

    /// Opens a file and removes all others: those of before, and of a process that was killed.
    private func begin() throws(SettingsError) {
        guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw SettingsError(unwritable: folder)
        }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where name.hasSuffix(Self.suffix) {
            unsafe unlink("\(folder)/\(name)")
        }
        path = "\(folder)/canary-\(Timestamp.now.milliseconds)\(Self.suffix)"
        unsafe file = gzopen(path, "wbxe")
        guard unsafe file != nil else { throw SettingsError(unwritable: path) }
    }
}
