// SPDX-License-Identifier: Apache-2.0

/// Where the NATS servers are and who we are to them; all secrets are in files.
package struct NatsSettings: Sendable, Equatable {
    /// `nats://HOST:PORT`, or `tls://HOST:PORT`; those of one cluster.
    package var urls: [String]
    /// The certificates (PEM) that the servers' are to be signed by; nil: the system's.
    package var ca: String?
    /// Our own certificate and key (PEM), where servers ask for one.
    package var certificate: String?
    package var key: String?
    /// A file as ``Credentials`` reads it.
    package var credentials: String?

    package init(
        urls: [String], ca: String? = nil, certificate: String? = nil, key: String? = nil,
        credentials: String? = nil
    ) {
        self.urls = urls
        self.ca = ca
        self.certificate = certificate
        self.key = key
        self.credentials = credentials
    }

    /// The servers, for messages.
    var place: String { urls.joined(separator: ", ") }

    /// Without a connection in the clear, even where the server would let us.
    var isSecure: Bool {
        ca != nil || certificate != nil || urls.contains { $0.hasPrefix("tls://") }
    }
}
