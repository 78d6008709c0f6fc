// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Why a call has no reply.
package enum VarlinkClientError: Error, Equatable, CustomStringConvertible {
    /// There is no such socket.
    case noSocket(path: String)
    /// A socket's file is there, and nobody serves it.
    case refused(path: String)
    /// The socket's mode or its directory's does not let this user in.
    case notPermitted(path: String)
    /// Another failure of connecting.
    case cannotConnect(path: String, reason: String)
    /// The service answered with an error; the connection can go on.
    case reply(VarlinkError)
    /// The service has closed the connection.
    case closed(path: String)
    /// There was no answer in time; the connection cannot go on.
    case timedOut(path: String)
    /// What came is no reply; the connection cannot go on.
    case malformed(path: String, reason: String)

    package var description: String {
        switch self {
        case .noSocket(let path):
            "\(path): no such socket; is the service running, and is this its socket's path?"
        case .refused(let path): "\(path): nobody serves this socket; start the service"
        case .notPermitted(let path):
            "\(path): permission denied; run this as a user whom the socket's mode lets in"
        case .cannotConnect(let path, let reason): "\(path): cannot connect: \(reason)"
        case .reply(let error): "the service answered \(error)"
        case .closed(let path): "\(path): the service closed the connection; try again"
        case .timedOut(let path): "\(path): no answer in time; try again, or look at the service"
        case .malformed(let path, let reason):
            "\(path): what answers there is no Varlink service that this client knows: \(reason)"
        }
    }

    /// A failure of connect(2).
    init(connecting code: Int32, path: String) {
        self =
            switch code {
            case ENOENT, ENOTDIR: .noSocket(path: path)
            case ECONNREFUSED: .refused(path: path)
            case EACCES, EPERM: .notPermitted(path: path)
            case EAGAIN: .timedOut(path: path)
            default:
                .cannotConnect(path: path, reason: unsafe String(cString: strerror(code)))
            }
    }
}
