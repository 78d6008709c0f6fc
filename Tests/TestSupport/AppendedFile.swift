// SPDX-License-Identifier: Apache-2.0
package import Foundation
internal import Glibc

extension FileHandle {
    /// A file to which everything written is appended; created when it is not there.
    package static func appending(to path: String) throws -> FileHandle {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw SystemCallError(
                description: "open \(path): \(unsafe String(cString: strerror(errno)))")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
