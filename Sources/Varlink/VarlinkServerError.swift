// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A server cannot begin to serve.
package struct VarlinkServerError: Error, Equatable, CustomStringConvertible {
    /// The socket's path, or what else it is about.
    package let subject: String
    private let message: String

    package var description: String { "\(subject): \(message)" }

    init(_ subject: String, _ message: String) {
        self.subject = subject
        self.message = message
    }

    /// A system call's failure.
    init(_ code: Int32, _ subject: String, _ call: String) {
        let advice =
            switch code {
            case EACCES, EPERM, EROFS:
                "; give the user that runs this write access to its directory"
            case ENOENT: "; create the directory above it"
            case EMFILE, ENFILE: "; raise the limit on open files"
            default: ""
            }
        self.init(subject, "\(call): \(unsafe String(cString: strerror(code)))\(advice)")
    }
}
