// SPDX-License-Identifier: Apache-2.0

/// A call as its handler sees it, its parameters checked against the interface.
package struct VarlinkCall: Sendable {
    /// With its interface.
    package let method: String
    package let parameters: [String: JSONValue]
    package let peer: PeerCredentials
    /// The caller wants no reply, not even an error.
    package let isOneway: Bool
}

/// Parameters or a reply of a method that has none.
package struct NoParameters: Codable, Sendable, Equatable {
    package init() {}
}
