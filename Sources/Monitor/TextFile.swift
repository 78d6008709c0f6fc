// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// Small files read whole.
enum TextFile {
    /// A settings or rule file larger than this is a mistake.
    private static let limitBytes = 16 << 20

    static func read(_ path: String) throws(SettingsError) -> String {
        let bytes = try BinaryFile.read(path, limitBytes: limitBytes)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SettingsError("\(path): is not UTF-8; save it as UTF-8")
        }
        return text
    }
}

/// Small files of any content, read whole.
enum BinaryFile {
    static func read(_ path: String, limitBytes: Int) throws(SettingsError) -> [UInt8] {
        let file = unsafe fopen(path, "re")
        guard let file = unsafe file else {
            throw SettingsError(
                "\(path): cannot be read: \(unsafe String(cString: strerror(errno)))")
        }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limitBytes {
            let count = unsafe fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        guard unsafe ferror(file) == 0 else {
            throw SettingsError("\(path): cannot be read; is it a file?")
        }
        guard bytes.count <= limitBytes else {
            throw SettingsError("\(path): is larger than \(limitBytes >> 20) MiB")
        }
        return bytes
    }
}

/// Files that are whole or as they were.
enum AtomicFile {
    /// Puts a file in place of what was there, once all of it is written.
    static func write(_ bytes: [UInt8], to path: String) throws(SettingsError) {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw SettingsError("\(path): cannot be written: \(error.localizedDescription)")
        }
    }
}

/// Names of files.
enum Path {
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func absolute(_ path: String, from folder: String) -> String {
        path.hasPrefix("/") || folder == "." ? path : "\(folder)/\(path)"
    }
}

extension SettingsError {
    /// Why the system call that just failed could not write a file.
    init(unwritable file: String) {
        self.init("\(file): cannot be written: \(unsafe String(cString: strerror(errno)))")
    }
}
