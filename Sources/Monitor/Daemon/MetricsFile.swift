// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Logging

/// The figures of the status as a file for node_exporter's textfile collector.
///
/// It is replaced as a whole, so nobody reads half of it, and anybody may read it. At a regular end
/// it is removed: old figures would pass for new ones.
final class MetricsFile {
    private let path: String
    private let logger: Logger
    private var fails = false

    init(_ path: String, _ logger: Logger) {
        self.path = path
        self.logger = logger
    }

    /// Writes it; what fails is told once, and tried again with the next figures.
    func write(_ status: MonitorStatus) {
        do throws(SettingsError) {
            try replace(Array(Metrics(status).text.utf8))
            if fails { logger.notice("\(path): can be written again") }
            fails = false
        } catch {
            if !fails { logger.warning("\(error); the figures there are old") }
            fails = true
        }
    }

    func remove() { unsafe unlink(path) }

    private func replace(_ bytes: [UInt8]) throws(SettingsError) {
        // The collector takes names that end in `.prom` alone.
        let draft = path + ".new"
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        let file = unsafe open(draft, flags, 0o644)
        guard file >= 0 else { throw SettingsError(unwritable: draft) }
        defer { close(file) }
        // The service's mask takes the right to read from others.
        guard fchmod(file, 0o644) == 0,
            unsafe Foundation.write(file, bytes, bytes.count) == bytes.count,
            unsafe rename(draft, path) == 0
        else {
            let error = SettingsError(unwritable: path)
            unsafe unlink(draft)
            throw error
        }
    }
}
