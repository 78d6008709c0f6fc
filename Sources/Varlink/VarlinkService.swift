// SPDX-License-Identifier: Apache-2.0

/// What a service says of itself (`org.varlink.service.GetInfo`).
package struct VarlinkServiceInfo: Sendable {
    package let vendor: String
    package let product: String
    package let version: String
    package let url: String
    /// What the service's own interfaces begin with, as in `org.example`. The errors of a connection
    /// are those of the interface `DOMAIN.Connection`.
    package let domain: String

    package init(vendor: String, product: String, version: String, url: String, domain: String) {
        self.vendor = vendor
        self.product = product
        self.version = version
        self.url = url
        self.domain = domain
    }
}

/// Interfaces and what is done when their methods are called.
///
/// Handlers run on one of a few threads, so they may take tens of milliseconds and must not wait
/// for long. A `VarlinkError` that one throws is the reply; any other error is told as
/// `DOMAIN.Connection.CallFailed` with its description.
package struct VarlinkService: Sendable {
    /// What is done for a call, up to its last reply or, of a stream, its beginning.
    typealias Handler = @Sendable (VarlinkCall, CallChannel) throws -> Void

    let info: VarlinkServiceInfo
    private(set) var interfaces: [String: VarlinkInterface] = [:]
    private var handlers: [String: Handler] = [:]
    private var streaming: Set<String> = []
    /// Whether replies are checked against the interface, as calls always are.
    private let checksReplies: Bool

    /// The service with the two interfaces that each has: `org.varlink.service` and
    /// `DOMAIN.Connection`.
    package init(_ info: VarlinkServiceInfo) {
        self.info = info
        #if DEBUG
            checksReplies = true
        #else
            checksReplies = false
        #endif
        addStandardInterfaces()
    }

    /// Adds an interface by its definition; its methods answer `MethodNotImplemented` so far.
    package mutating func add(interface text: String) throws(InterfaceFault) {
        add(try VarlinkInterface(text))
    }

    mutating func add(_ interface: VarlinkInterface) {
        precondition(
            interfaces.updateValue(interface, forKey: interface.name) == nil,
            "the interface \(interface.name) was added twice")
    }

    /// Answers calls of `method`, a name with its interface, with one reply each.
    package mutating func handle<
        Input: Decodable & SendableMetatype, Output: Encodable & SendableMetatype
    >(
        _ method: String,
        _ body: @escaping @Sendable (VarlinkCall, Input) throws -> Output
    ) {
        let encode = encoder(of: method, Output.self)
        register(method) { call, channel in
            let output = try body(call, try Self.input(of: call))
            channel.end(
                call.isOneway ? [] : ReplyMessage.frame(parameters: try encode(output)))
        }
    }

    /// Answers calls of `method` with as many replies as come, for calls with `more` only.
    package mutating func stream<
        Input: Decodable & SendableMetatype, Output: Encodable & SendableMetatype
    >(
        _ method: String,
        _ body:
            @escaping @Sendable (
                VarlinkCall, Input, VarlinkReplyStream<Output>
            ) throws -> Void
    ) {
        let encode = encoder(of: method, Output.self)
        streaming.insert(method)
        let info = self.info
        register(method) { call, channel in
            let input: Input = try Self.input(of: call)
            let stream = VarlinkReplyStream(
                channel: channel, abandoned: info.connectionError("StreamAbandoned"), encode: encode
            )
            do {
                try body(call, input, stream)
            } catch {
                // Before the stream goes, which would be told as its end.
                stream.fail(info.told(error))
            }
        }
    }

    private mutating func register(_ method: String, _ handler: @escaping Handler) {
        precondition(
            declaration(of: method) != nil, "no interface that was added declares \(method)")
        precondition(
            handlers.updateValue(handler, forKey: method) == nil, "\(method) has a handler already")
    }

    func handler(of method: String) -> Handler? { handlers[method] }
    func isStreaming(_ method: String) -> Bool { streaming.contains(method) }

    /// The interface of a method and what it declares of it.
    func declaration(
        of method: String
    ) -> (interface: VarlinkInterface, method: VarlinkInterface.Method)? {
        let (name, member) = Self.split(method)
        guard let interface = interfaces[name], let declared = interface.methods[member] else {
            return nil
        }
        return (interface, declared)
    }

    /// `a.b.Method` is the method `Method` of the interface `a.b`.
    static func split(_ method: String) -> (interface: String, member: String) {
        guard let dot = method.lastIndex(of: ".") else { return ("", method) }
        return (String(method[..<dot]), String(method[method.index(after: dot)...]))
    }

    /// A method's parameters. What the interface allows and the type does not (an integer out of
    /// its range) is a wrong parameter too.
    private static func input<Input: Decodable & SendableMetatype>(of call: VarlinkCall) throws
        -> Input
    {
        do {
            return try JSONText.decode(Input.self, from: .object(call.parameters))
        } catch let error as DecodingError {
            // Foundation does not say where a number is that does not fit.
            throw VarlinkError.invalidParameter(error.path.isEmpty ? "parameters" : error.path)
        }
    }

    private func encoder<Output: Encodable & SendableMetatype>(
        of method: String, _: Output.Type
    ) -> @Sendable (Output) throws -> [UInt8] {
        guard checksReplies, let (interface, declared) = declaration(of: method) else {
            return { try JSONText.bytes(encoding: $0) }
        }
        return { output in
            let bytes = try JSONText.bytes(encoding: output)
            var reader = JSONReader()
            let value = try reader.read(bytes)
            let path = value.members.map { interface.fault(in: $0, as: declared.output) } ?? "."
            if let path { throw UndeclaredReply(method: method, path: path) }
            return bytes
        }
    }
}

/// A handler answered what its interface does not declare.
private struct UndeclaredReply: Error, CustomStringConvertible {
    let method: String
    let path: String

    var description: String { "the reply of \(method) is not as declared at '\(path)'" }
}

extension DecodingError {
    /// Where it happened, as in `filter.levels[2]`.
    fileprivate var path: String {
        let keys: [any CodingKey]
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            keys = context.codingPath
        case .keyNotFound(let key, let context): keys = context.codingPath + [key]
        @unknown default: keys = []
        }
        return keys.reduce(into: "") { path, key in
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
    }
}
