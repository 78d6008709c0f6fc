// SPDX-License-Identifier: Apache-2.0
internal import CNats

/// How libnats is to connect; owns its options.
@safe struct NatsOptions: ~Copyable {
    let pointer: OpaquePointer
    private let settings: NatsSettings

    /// The longest that one server is waited for when a connection is made.
    private static let connectMilliseconds: Int64 = 2_000
    /// A server that answers nothing for three times this is given up.
    private static let pingMilliseconds: Int64 = 5_000

    /// - Throws: ``StreamError`` when a setting or a file that it names cannot be used.
    static func of(_ settings: NatsSettings) throws(StreamError) -> NatsOptions {
        let options = unsafe NatsOptions(try Self.made(), settings)
        try options.setServers()
        try options.setSecurity()
        try options.setIdentity()
        return options
    }

    private init(_ pointer: OpaquePointer, _ settings: NatsSettings) {
        unsafe self.pointer = pointer
        self.settings = settings
    }

    private static func made() throws(StreamError) -> OpaquePointer {
        var made: OpaquePointer?
        try check(unsafe natsOptions_Create(&made), "the NATS client cannot be set up")
        guard let made = unsafe made else {
            preconditionFailure("libnats made no options and no error")
        }
        return unsafe made
    }

    deinit { unsafe natsOptions_Destroy(pointer) }

    private func set(_ status: natsStatus, _ what: String) throws(StreamError) {
        guard status != NATS_OK else { return }
        throw StreamError(.settings, StreamError(status, what).description)
    }

    private func setServers() throws(StreamError) {
        try set(
            unsafe setServers(settings.urls[...], before: []),
            "\(settings.place): not the addresses of NATS servers")
        // A broken connection is thrown away and the next use makes another: then nothing lingers
        // in buffers, files are read anew, and the streams are looked at anew.
        unsafe natsOptions_SetAllowReconnect(pointer, false)
        unsafe natsOptions_SetTimeout(pointer, Self.connectMilliseconds)
        unsafe natsOptions_SetPingInterval(pointer, Self.pingMilliseconds)
        unsafe natsOptions_SetMaxPingsOut(pointer, 2)
        // Of one conversation each message waits for the one before: none may wait for company.
        unsafe natsOptions_SetSendAsap(pointer, true)
        unsafe natsOptions_SetName(pointer, "tocsin")
        // Without one of ours libnats prints to standard error.
        unsafe natsOptions_SetErrorHandler(pointer, { _, _, _, _ in }, nil)
    }

    /// Gives libnats the C strings of all servers, which live as long as the calls are nested.
    private func setServers(
        _ rest: ArraySlice<String>, before: [UnsafePointer<CChar>?]
    ) -> natsStatus {
        guard let next = rest.first else {
            var names = unsafe before
            return unsafe natsOptions_SetServers(pointer, &names, Int32(names.count))
        }
        return unsafe next.withCString {
            unsafe setServers(rest.dropFirst(), before: before + [$0])
        }
    }

    private func setSecurity() throws(StreamError) {
        guard settings.isSecure else { return }
        try set(unsafe natsOptions_SetSecure(pointer, true), "TLS cannot be used")
        if let ca = settings.ca {
            try set(
                unsafe natsOptions_LoadCATrustedCertificates(pointer, ca),
                "\(ca): not a file of certificates (PEM)")
        }
        if let certificate = settings.certificate, let key = settings.key {
            try set(
                unsafe natsOptions_LoadCertificatesChain(pointer, certificate, key),
                "\(certificate), \(key): not a certificate and its key (PEM)")
        }
    }

    private func setIdentity() throws(StreamError) {
        guard let path = settings.credentials else { return }
        let what = "\(path): the credentials cannot be used"
        switch try Credentials(path: path) {
        case .chained(let path):
            try set(unsafe natsOptions_SetUserCredentialsFromFiles(pointer, path, nil), what)
        case .password(let user, let password):
            try set(unsafe natsOptions_SetUserInfo(pointer, user, password), what)
        case .token(let token):
            try set(unsafe natsOptions_SetToken(pointer, token), what)
        }
    }
}
