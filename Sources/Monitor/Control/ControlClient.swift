// SPDX-License-Identifier: Apache-2.0
internal import Reports
internal import Varlink

/// A command's connection to the daemon's control socket.
final class ControlClient {
    private let path: String
    private let client: VarlinkClient

    /// - Throws: ``ControlError`` when no daemon answers there.
    init(socket path: String) throws(ControlError) {
        self.path = path
        do throws(VarlinkClientError) {
            client = try VarlinkClient(path: path)
        } catch {
            throw ControlError(error, path: path)
        }
    }

    /// Calls a method, named with its interface.
    func call<Reply: Decodable>(
        _ method: String, _ parameters: some Encodable, returning: Reply.Type = Reply.self
    ) throws(ControlError) -> Reply {
        do throws(VarlinkClientError) {
            return try client.call(method, parameters)
        } catch {
            throw ControlError(error, path: path)
        }
    }

    /// Calls a method that replies again and again.
    func follow<Reply: Decodable>(
        _ method: String, _ parameters: some Encodable, returning: Reply.Type = Reply.self
    ) throws(ControlError) -> ControlReplies<Reply> {
        do throws(VarlinkClientError) {
            return ControlReplies(try client.callMore(method, parameters), path: path)
        } catch {
            throw ControlError(error, path: path)
        }
    }
}

/// The replies of a call that replies again and again.
final class ControlReplies<Reply: Decodable> {
    private let replies: VarlinkReplies<Reply>
    private let path: String

    init(_ replies: VarlinkReplies<Reply>, path: String) {
        self.replies = replies
        self.path = path
    }

    /// The next reply; nil when none came in time.
    ///
    /// After a nil the connection cannot go on.
    func next(within seconds: Double? = nil) throws(ControlError) -> Reply? {
        do throws(VarlinkClientError) {
            return try replies.next(timeout: seconds.map { .seconds($0) })
        } catch .timedOut {
            return nil
        } catch {
            throw ControlError(error, path: path)
        }
    }
}

/// What the daemon refused, or why it cannot be asked.
package struct ControlError: Error, Equatable, CustomStringConvertible {
    package let description: String
    /// The daemon is not there now, and may be later.
    package let isConnectionLost: Bool

    init(_ error: VarlinkClientError, path: String) {
        switch error {
        case .noSocket, .refused:
            description =
                "\(path): no daemon answers there; start it (systemctl start tocsin), or give its "
                + "socket with --socket"
        case .reply(let error): description = Self.told(error)
        default: description = error.description
        }
        switch error {
        case .noSocket, .refused, .closed, .timedOut: isConnectionLost = true
        default: isConnectionLost = false
        }
    }

    /// The daemon's own words, where it has some.
    private static func told(_ error: VarlinkError) -> String {
        if case .string(let message)? = error.parameters["message"] { return message }
        return "the daemon answered \(error)"
    }
}
