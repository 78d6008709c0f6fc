// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Logging

/// Writes what the program says about itself to standard error, one line a message.
///
/// Under systemd each line begins with its priority as `<N>` (sd-daemon(3)), so that the
/// journal files it by level.
struct LogOutput: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let isUnderSystemd: Bool

    init(level: Logger.Level) {
        logLevel = level
        isUnderSystemd = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let prefix = isUnderSystemd ? "<\(event.level.priority)>" : "tocsin: \(event.level): "
        let line = prefix + event.message.description + "\n"
        FileHandle.standardError.write(Data(line.utf8))
    }
}

extension Logger.Level {
    /// syslog(3)'s number for the level.
    fileprivate var priority: Int {
        switch self {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }
}
