// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Whether this process can follow the logs that patterns name.
package struct LogAccess: Sendable {
    /// Files that can be read.
    package private(set) var readable: [String] = []
    /// Patterns that match nothing although their folder can be searched.
    package private(set) var emptyPatterns: [String] = []
    /// What cannot be read or searched, why, and the group whose members could.
    package private(set) var faults: [Fault] = []

    package struct Fault: Sendable {
        package let path: String
        package let reason: String
        /// nil where no group has the right either.
        package let group: String?
    }

    package init(patterns: [String]) {
        let look = LogDiscovery(patterns: patterns).look()
        let closed = look.folders.sorted().filter {
            unsafe access($0, R_OK | X_OK) != 0 && errno == EACCES
        }
        faults += closed.map { Fault(path: $0, error: SystemError(EACCES), needs: 0o050) }
        faults += look.failures.map { Fault(path: $0.path, error: $0.error, needs: 0o050) }
        for match in look.matches where match.isRegular {
            let descriptor = unsafe open(match.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else {
                faults.append(Fault(path: match.path, error: SystemError(errno), needs: 0o040))
                continue
            }
            close(descriptor)
            readable.append(match.path)
        }
        emptyPatterns = look.emptyPatterns.filter { pattern in
            !closed.contains { pattern.hasPrefix($0) }
        }
    }
}

extension LogAccess.Fault {
    /// - Parameter needs: The permissions of the group with which this could be read.
    fileprivate init(path: String, error: SystemError, needs: mode_t) {
        var status = stat()
        var group: String?
        if unsafe stat(path, &status) == 0, status.st_mode & needs == needs {
            let entry = unsafe getgrgid(status.st_gid)
            group = unsafe entry.map { unsafe String(cString: $0.pointee.gr_name) }
        }
        self.init(path: path, reason: error.text, group: group)
    }
}
