// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Which files the configured patterns name right now.
struct LogDiscovery {
    private let patterns: [String]

    /// - Parameter patterns: Shell patterns as of `glob(7)`, absolute or relative.
    init(patterns: [String]) { self.patterns = patterns }

    /// One file that a pattern matches.
    struct Match {
        let path: String
        let identity: FileIdentity
        let stamp: FileStamp
        let isRegular: Bool
        let isFolder: Bool

        init(path: String, _ status: stat) {
            self.path = path
            identity = FileIdentity(status)
            stamp = FileStamp(status)
            isRegular = status.st_mode & S_IFMT == S_IFREG
            isFolder = status.st_mode & S_IFMT == S_IFDIR
        }
    }

    /// What a look at the file system shows.
    struct Look {
        /// Regular files, directories and all else that matches, each path once, sorted.
        var matches: [Match] = []
        /// Paths that match but cannot be looked at, with the reason.
        var failures: [(path: String, error: SystemError)] = []
        var emptyPatterns: [String] = []
        /// The folders in which a new match can turn up.
        var folders: Set<String> = []
    }

    func look() -> Look {
        var look = Look()
        var seen: Set<String> = []
        for pattern in patterns {
            let paths = Self.expand(pattern)
            if paths.isEmpty { look.emptyPatterns.append(pattern) }
            for path in paths where seen.insert(path).inserted {
                var status = stat()
                if unsafe stat(path, &status) == 0 {
                    look.matches.append(Match(path: path, status))
                } else if errno != ENOENT {
                    look.failures.append((path, SystemError(errno)))
                }
            }
            look.folders.formUnion(Self.folders(of: pattern))
        }
        look.matches.sort { $0.path < $1.path }
        return look
    }

    private static func folders(of pattern: String) -> [String] {
        guard let slash = pattern.lastIndex(of: "/") else { return ["."] }
        if slash == pattern.startIndex { return ["/"] }
        return expand(String(pattern[..<slash]))
    }

    /// The names that a pattern matches; a folder that cannot be read counts as empty.
    private static func expand(_ pattern: String) -> [String] {
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
        return unsafe (0..<Int(found.gl_pathc)).compactMap { index in
            unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
        }
    }
}
