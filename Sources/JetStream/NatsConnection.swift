// SPDX-License-Identifier: Apache-2.0
internal import CNats

/// A connection to one of the servers, until it breaks; then it stays broken.
///
/// libnats lets any thread use it.
@safe package final class NatsConnection: @unchecked Sendable {
    private let pointer: OpaquePointer
    /// The servers, for messages.
    package let place: String

    /// Connects to one of the servers, each tried in turn.
    ///
    /// - Throws: ``StreamError``: of kind `settings` when a file cannot be used.
    /// - Complexity: Blocks up to 2 s a server, and as long as the look-up of its name.
    package init(_ settings: NatsSettings) throws(StreamError) {
        let options = try NatsOptions.of(settings)
        var opened: OpaquePointer?
        let status = unsafe natsConnection_Connect(&opened, options.pointer)
        guard status == NATS_OK, let opened = unsafe opened else {
            throw Self.failure(status, settings)
        }
        unsafe pointer = opened
        place = settings.place
    }

    deinit { unsafe natsConnection_Destroy(pointer) }

    private static func failure(_ status: natsStatus, _ settings: NatsSettings) -> StreamError {
        let remedy =
            switch status {
            case NATS_CONNECTION_AUTH_FAILED, NATS_NOT_PERMITTED:
                settings.credentials.map { "; see that \($0) holds what the server knows us by" }
                    ?? "; set `credentials` to the file that the server knows us by"
            case NATS_SSL_ERROR:
                "; see that `ca` signed the server's certificate, that this is made out to the "
                    + "name in `url`, and that the server takes our `certificate`"
            case NATS_SECURE_CONNECTION_REQUIRED: "; write tls:// in `url`"
            case NATS_SECURE_CONNECTION_WANTED: "; the server does not speak TLS"
            default: ""
            }
        let error = StreamError(status, "\(settings.place): cannot connect")
        return StreamError(error.kind, error.description + remedy)
    }

    package var isOpen: Bool {
        unsafe natsConnection_Status(pointer) == NATS_CONN_STATUS_CONNECTED
    }

    /// The largest body, headers included, that the server takes.
    package var payloadBytesMax: Int { Int(unsafe natsConnection_GetMaxPayload(pointer)) }

    /// What the server complained of last, such as a permission that the account lacks.
    package var complaint: String? {
        var text: UnsafePointer<CChar>?
        guard unsafe natsConnection_GetLastError(pointer, &text) != NATS_OK,
            let text = unsafe text
        else { return nil }
        let complaint = unsafe String(cString: text)
        return complaint.isEmpty ? nil : complaint
    }

    /// Hands a message over; that it arrives is told by its answer only.
    package func publish(_ message: NatsMessage) throws(StreamError) {
        let owned = try OwnedMessage.of(message)
        try check(
            unsafe natsConnection_PublishMsg(pointer, owned.pointer),
            "\(place): cannot publish on \(message.subject)")
    }

    /// Publishes a message and waits for its answer.
    package func request(
        _ message: NatsMessage, timeoutMilliseconds: Int
    ) throws(StreamError) -> NatsMessage {
        let owned = try OwnedMessage.of(message)
        var answer: OpaquePointer?
        let status = unsafe natsConnection_RequestMsg(
            &answer, pointer, owned.pointer, Int64(timeoutMilliseconds))
        guard status == NATS_OK, let answer = unsafe answer else {
            let error = StreamError(status, "\(place): no answer on \(message.subject)")
            throw StreamError(
                error.kind, error.description + (complaint.map { " (\($0))" } ?? ""))
        }
        return unsafe OwnedMessage(answer).copy
    }

    /// A subject that nobody else uses.
    package func inbox() throws(StreamError) -> String {
        var name: UnsafeMutablePointer<CChar>?
        try check(unsafe natsInbox_Create(&name), "\(place): cannot make a subject for answers")
        guard let name = unsafe name else {
            preconditionFailure("libnats made no inbox and no error")
        }
        defer { unsafe natsInbox_Destroy(name) }
        return unsafe String(cString: name)
    }

    package func subscribe(_ subject: String) throws(StreamError) -> NatsSubscription {
        var made: OpaquePointer?
        try check(
            unsafe natsConnection_SubscribeSync(&made, pointer, subject),
            "\(place): cannot subscribe to \(subject)")
        guard let made = unsafe made else {
            preconditionFailure("libnats made no subscription and no error")
        }
        return unsafe NatsSubscription(made, place: place)
    }
}

/// Messages of a subject, as they come.
@safe package final class NatsSubscription: @unchecked Sendable {
    private let pointer: OpaquePointer
    private let place: String

    fileprivate init(_ pointer: OpaquePointer, place: String) {
        unsafe self.pointer = pointer
        self.place = place
    }

    deinit { unsafe natsSubscription_Destroy(pointer) }

    /// The next message, or nil when none comes in time.
    ///
    /// - Throws: ``StreamError`` when the connection broke, or of kind `noResponders` when what
    ///   was published found nobody to take it.
    package func next(timeoutMilliseconds: Int) throws(StreamError) -> NatsMessage? {
        var message: OpaquePointer?
        let status = unsafe natsSubscription_NextMsg(
            &message, pointer, Int64(max(1, timeoutMilliseconds)))
        if status == NATS_TIMEOUT { return nil }
        try check(status, "\(place): no answers")
        guard let message = unsafe message else { return nil }
        return unsafe OwnedMessage(message).copy
    }
}
