// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import LogTail

/// Whether the logs can be read and the state be kept.
enum HostCheck {
    /// Below these folders the package's unit lets the daemon see logs.
    private static let visibleFolders = ["/var/log/", "/usr/"]
    /// With less the store cannot grow for long.
    private static let freeBytesMin = 64 << 20

    /// A word where permissions cannot be judged.
    static var user: [CheckResult] {
        guard geteuid() == 0 else { return [] }
        return [
            .doubtful(
                "user", "checked as root, who may read and write everything",
                "runuser -u tocsin -- tocsin check")
        ]
    }

    static func logs(_ patterns: [String]) -> [CheckResult] {
        let access = LogAccess(patterns: patterns)
        var results: [CheckResult] = access.faults.map { fault in
            let remedy =
                fault.group.map { "add the user to the group \($0): usermod -aG \($0) tocsin" }
                ?? "give a group of the user tocsin the right to read it"
            return .failed("logs", "\(fault.path): cannot be read: \(fault.reason)", remedy)
        }
        for pattern in access.emptyPatterns {
            results.append(
                .doubtful(
                    "logs", "\(pattern): matches no file",
                    "check the pattern, unless its log is yet to be written"))
        }
        let hidden = patterns.filter { pattern in
            !visibleFolders.contains { pattern.hasPrefix($0) }
        }
        for pattern in hidden {
            let folder = Path.folder(of: pattern)
            results.append(
                .doubtful(
                    "logs", "\(pattern): tocsin.service does not see this folder by itself",
                    "systemctl edit tocsin.service: [Service] BindReadOnlyPaths=\(folder)"))
        }
        if results.isEmpty || !access.readable.isEmpty {
            results.append(.fine("logs", "\(access.readable.count) files can be read"))
        }
        return results
    }

    static func state(_ folder: String) -> CheckResult {
        var status = stat()
        let isThere = unsafe stat(folder, &status) == 0
        let place = isThere ? folder : Path.folder(of: folder)
        guard unsafe access(place, R_OK | W_OK | X_OK) == 0 else {
            let reason = unsafe String(cString: strerror(errno))
            let remedy =
                isThere
                ? "chown -R tocsin:tocsin \(folder)"
                : "install -d -m 0700 -o tocsin -g tocsin \(folder)"
            return .failed("state", "\(place): cannot be written: \(reason)", remedy)
        }
        if isThere, status.st_mode & 0o077 != 0 {
            return .failed(
                "state", "\(folder): others than its owner may look into it", "chmod 0700 \(folder)"
            )
        }
        var volume = statvfs()
        if unsafe statvfs(place, &volume) == 0 {
            let freeBytes = Int(volume.f_bavail) * Int(volume.f_frsize)
            if freeBytes < freeBytesMin {
                return .failed(
                    "state", "\(place): \(freeBytes) bytes are free on its volume",
                    "free some, or put `state` on another volume")
            }
        }
        return .fine("state", isThere ? folder : "\(folder), made at the first start")
    }
}
