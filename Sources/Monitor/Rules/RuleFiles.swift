// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// The rule files that a list of files and folders comes to.
///
/// Folders are layers, as systemd's own configuration folders are: of several files of one name
/// below their folders the first folder's counts, and where it is empty or a link to `/dev/null`,
/// that rule file is switched off.
package struct RuleFiles {
    /// Where rules are when nobody says it: the host's own, then those of the package.
    package static let usualFolders = [hostFolder, "/usr/share/tocsin/rules"]
    /// A host without rules of its own may be without this folder.
    private static let hostFolder = "/etc/tocsin/rules"

    /// The files to load, folder by folder in the order of their names.
    let paths: [String]
    /// Files that stand in the place of a later folder's.
    let overriding: [String]
    /// Empty files: they switch the files of their names off in later folders.
    let masks: [String]

    /// - Throws: ``SettingsError`` when a path is not there or a folder cannot be read.
    init(at locations: [String]) throws(SettingsError) {
        var paths: [String] = []
        /// The place of the first file of each name, and whether it is empty.
        var first: [String: (path: String, isEmpty: Bool)] = [:]
        var overridden: Set<String> = []
        for location in locations {
            guard let names = try Self.names(in: location) else {
                paths.append(location)
                continue
            }
            for name in names {
                if first[name] != nil {
                    overridden.insert(name)
                    continue
                }
                let path = "\(location)/\(name)"
                let isEmpty = FileSize.of(path) == 0
                first[name] = (path, isEmpty)
                if !isEmpty { paths.append(path) }
            }
        }
        self.paths = paths
        overriding = overridden.compactMap { first[$0] }.filter { !$0.isEmpty }.map(\.path).sorted()
        masks = first.values.filter(\.isEmpty).map(\.path).sorted()
    }

    /// The rule files below a folder, by their names within it; nil for a file.
    private static func names(in location: String) throws(SettingsError) -> [String]? {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: location, isDirectory: &isFolder) else {
            if location == hostFolder { return [] }
            throw SettingsError("\(location): there is no such rule file or folder")
        }
        guard isFolder.boolValue else { return nil }
        guard let names = try? FileManager.default.subpathsOfDirectory(atPath: location) else {
            throw SettingsError("\(location): the folder cannot be read; check its permissions")
        }
        let endings = [".yml", ".yaml", ModelFiles.ending]
        return names.filter { name in endings.contains(where: name.hasSuffix) }.sorted()
    }
}
