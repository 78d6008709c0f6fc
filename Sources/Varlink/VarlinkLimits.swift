// SPDX-License-Identifier: Apache-2.0

/// What a server gives its clients at most.
package struct VarlinkLimits: Sendable {
    /// Connections at a time. When there are as many, the longest idle one without an open call
    /// makes room, of the user that has the most.
    package var connections = 1024
    /// The bytes of one call.
    package var callBytes = 1 << 20
    /// What a stream of replies may have waiting for its client.
    package var streamBufferBytes = 1 << 20
    /// All that is kept for clients: calls that are not done and replies that are not read. When
    /// there is more, the connection that holds the most is cut.
    package var memoryBytes = 64 << 20
    /// Threads that run handlers.
    package var workers = 4

    package init() {}
}

/// How a server fares, since its start.
package struct VarlinkServerCounts: Sendable, Equatable {
    /// Connections that are open.
    package internal(set) var connections = 0
    /// Calls that are being answered, streams among them.
    package internal(set) var openCalls = 0
    package internal(set) var callsTotal: UInt64 = 0
    /// Connections that were closed to keep a limit, or not taken for it.
    package internal(set) var cutConnectionsTotal: UInt64 = 0
    /// Connections closed because of what their client sent.
    package internal(set) var faultyConnectionsTotal: UInt64 = 0
    /// How often the server's thread had something to do.
    package internal(set) var wakeUpsTotal: UInt64 = 0
    /// What is kept for clients.
    package internal(set) var heldBytes = 0
}
