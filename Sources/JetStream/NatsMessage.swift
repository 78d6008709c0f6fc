// SPDX-License-Identifier: Apache-2.0
internal import CNats
internal import Glibc

/// A message, copied out of libnats or on the way into it.
package struct NatsMessage: Sendable, Equatable {
    package var subject: String
    /// Where an answer is expected, if one is.
    package var reply: String?
    /// Each name with its first value.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(
        subject: String, reply: String? = nil, headers: [String: String] = [:],
        body: [UInt8] = []
    ) {
        self.subject = subject
        self.reply = reply
        self.headers = headers
        self.body = body
    }

    /// What a server says in place of a message: 404 (none), 408 (none in time), 409, 503 ….
    package var status: String? { body.isEmpty ? headers["Status"] : nil }

    package var text: String { String(decoding: body, as: UTF8.self) }
}

/// A message of libnats, freed with this owner.
@safe struct OwnedMessage: ~Copyable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    /// - Throws: ``StreamError`` for a subject or header that NATS does not allow.
    static func of(_ message: NatsMessage) throws(StreamError) -> OwnedMessage {
        let owned = unsafe OwnedMessage(try Self.made(message))
        try owned.set(message.headers)
        return owned
    }

    private func set(_ headers: [String: String]) throws(StreamError) {
        for (name, value) in headers {
            try check(
                unsafe natsMsgHeader_Set(pointer, name, value), "\(name): cannot be a header")
        }
    }

    private static func made(_ message: NatsMessage) throws(StreamError) -> OpaquePointer {
        var made: OpaquePointer?
        let status = unsafe message.body.withUnsafeBytes { bytes in
            unsafe natsMsg_Create(
                &made, message.subject, message.reply,
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
        }
        try check(status, "\(message.subject): cannot be a message's subject")
        guard let made = unsafe made else {
            preconditionFailure("libnats made no message and no error")
        }
        return unsafe made
    }

    deinit { unsafe natsMsg_Destroy(pointer) }

    var copy: NatsMessage {
        let count = Int(unsafe natsMsg_GetDataLength(pointer))
        var body: [UInt8] = []
        if count > 0, let data = unsafe natsMsg_GetData(pointer) {
            unsafe body.append(
                contentsOf: UnsafeRawBufferPointer(start: data, count: count))
        }
        return NatsMessage(
            subject: unsafe natsMsg_GetSubject(pointer).map { unsafe String(cString: $0) } ?? "",
            reply: unsafe natsMsg_GetReply(pointer).map { unsafe String(cString: $0) },
            headers: headers, body: body)
    }

    private var headers: [String: String] {
        var names: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        var count: Int32 = 0
        guard unsafe natsMsgHeader_Keys(pointer, &names, &count) == NATS_OK,
            let names = unsafe names
        else { return [:] }
        defer { unsafe free(names) }
        var headers: [String: String] = [:]
        for index in 0..<Int(count) {
            var value: UnsafePointer<CChar>?
            guard let name = unsafe names[index],
                unsafe natsMsgHeader_Get(pointer, name, &value) == NATS_OK,
                let value = unsafe value
            else { continue }
            unsafe headers[String(cString: name)] = String(cString: value)
        }
        return headers
    }
}
