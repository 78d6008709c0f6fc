// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Who is at the other end of a connection, as the kernel noted it at the time of connecting.
package struct PeerCredentials: Sendable, Equatable {
    package let processID: Int32
    package let userID: UInt32
    package let groupID: UInt32
    package let supplementaryGroups: [UInt32]

    package init(
        processID: Int32, userID: UInt32, groupID: UInt32, supplementaryGroups: [UInt32]
    ) {
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
        self.supplementaryGroups = supplementaryGroups
    }

    /// Whether the group is one of the peer's.
    package func isMember(of group: UInt32) -> Bool {
        group == groupID || supplementaryGroups.contains(group)
    }

    /// Asks the kernel; nil when it does not tell, and then nobody should be trusted.
    init?(of descriptor: Int32) {
        var peer = tocsin_ucred()
        var length = socklen_t(MemoryLayout<tocsin_ucred>.size)
        guard
            unsafe getsockopt(
                descriptor, SOL_SOCKET, Int32(TOCSIN_SO_PEERCRED), &peer, &length) == 0,
            let groups = Self.groups(of: descriptor)
        else { return nil }
        processID = peer.pid
        userID = peer.uid
        groupID = peer.gid
        supplementaryGroups = groups
    }

    /// The kernel says how much room the list takes when there is too little.
    private static func groups(of descriptor: Int32) -> [UInt32]? {
        var groups = [UInt32](repeating: 0, count: 32)
        while true {
            var length = socklen_t(groups.count * MemoryLayout<UInt32>.size)
            let status = unsafe getsockopt(
                descriptor, SOL_SOCKET, Int32(TOCSIN_SO_PEERGROUPS), &groups, &length)
            let count = Int(length) / MemoryLayout<UInt32>.size
            if status == 0 { return Array(groups.prefix(count)) }
            guard errno == ERANGE, count > groups.count else { return nil }
            groups = [UInt32](repeating: 0, count: count)
        }
    }
}
