// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Who we are to a server, told by what a file holds.
///
///     a file that `nsc` made, with a JWT and a seed ─► those
///     two lines                                      ─► a user and a password
///     one line                                       ─► a token
enum Credentials: Equatable {
    /// libnats reads the file itself, at each connection.
    case chained(path: String)
    case password(user: String, password: String)
    case token(String)

    private static let limitBytes = 64 << 10
    private static let mark = "-----BEGIN NATS USER JWT-----"

    /// - Throws: ``StreamError`` of kind `settings`, which never tells what is in the file.
    init(path: String) throws(StreamError) {
        let text = try Self.read(path)
        guard !text.contains(Self.mark) else {
            self = .chained(path: path)
            return
        }
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        switch lines.count {
        case 1: self = .token(lines[0])
        case 2: self = .password(user: lines[0], password: lines[1])
        default:
            throw StreamError(
                .settings,
                "\(path): is no file of credentials; it must hold a .creds file of nsc, two lines "
                    + "(user, password), or one line (a token)")
        }
    }

    private static func read(_ path: String) throws(StreamError) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw StreamError(
                .settings, "\(path): the credentials cannot be read: \(reason)")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limitBytes)
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0, count < bytes.count,
            let text = String(validating: bytes[..<count], as: UTF8.self)
        else {
            throw StreamError(.settings, "\(path): the credentials are not a small text file")
        }
        return text
    }
}
