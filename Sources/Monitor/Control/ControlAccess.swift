// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Varlink

/// Who may call what on the control socket.
///
/// Decided for each call by the groups of the calling process, as the kernel noted them when it
/// connected. Root and the daemon's own user may do all.
struct ControlAccess: Sendable {
    /// What a caller is allowed as.
    enum Role: Sendable {
        /// Works the queue.
        case responder
        /// Sees to the monitor.
        case `operator`
    }

    private let responderGroup: Group
    private let operatorGroup: Group
    private let owner = geteuid()

    private struct Group: Sendable {
        let name: String
        /// Nil when the system has no such group: then nobody is in it.
        let number: UInt32?

        init(_ name: String) {
            self.name = name
            let entry = unsafe getgrnam(name)
            number = unsafe entry.map { unsafe $0.pointee.gr_gid }
        }

        var advice: String {
            number == nil ? "\(name) (which does not exist; groupadd makes it)" : name
        }
    }

    init(responderGroup: String, operatorGroup: String) {
        self.responderGroup = Group(responderGroup)
        self.operatorGroup = Group(operatorGroup)
    }

    /// Lets the call go on when its caller has one of the roles.
    ///
    /// - Throws: The called interface's `PermissionDenied`, which says what the caller lacks.
    func require(_ roles: Role..., for call: VarlinkCall) throws {
        let groups = roles.map { $0 == .responder ? responderGroup : operatorGroup }
        let peer = call.peer
        let isAllowed =
            peer.userID == 0 || peer.userID == owner
            || groups.contains { $0.number.map(peer.isMember) ?? false }
        guard !isAllowed else { return }
        let names = groups.map(\.advice).joined(separator: " or ")
        throw VarlinkError(
            "\(call.interface).PermissionDenied",
            ["message": .string("user \(peer.userID) is not in the group \(names)")])
    }
}

extension VarlinkCall {
    /// The interface of the method that is called.
    var interface: String { method.split(separator: ".").dropLast().joined(separator: ".") }
}
