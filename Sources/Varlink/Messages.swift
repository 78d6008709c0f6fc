// SPDX-License-Identifier: Apache-2.0

/// A call as it stands in a message.
struct CallMessage: Equatable {
    /// With its interface.
    let method: String
    let parameters: [String: JSONValue]
    let isOneway: Bool
    let wantsMore: Bool
    let wantsUpgrade: Bool

    init(_ value: JSONValue) throws(JSONFault) {
        guard let members = value.members else {
            throw JSONFault(reason: "the call is no JSON object")
        }
        guard let method = members["method"]?.text, !method.isEmpty else {
            throw JSONFault(reason: "'method' is missing or no text")
        }
        self.method = method
        switch members["parameters"] {
        case nil, .null: parameters = [:]
        case .object(let named): parameters = named
        default: throw JSONFault(reason: "'parameters' is no JSON object")
        }
        isOneway = try Self.flag("oneway", members)
        wantsMore = try Self.flag("more", members)
        wantsUpgrade = try Self.flag("upgrade", members)
        guard !isOneway || !(wantsMore || wantsUpgrade) else {
            throw JSONFault(reason: "'oneway' asks for no reply, 'more' or 'upgrade' for some")
        }
    }

    private static func flag(
        _ name: String, _ members: [String: JSONValue]
    ) throws(JSONFault) -> Bool {
        switch members[name] {
        case nil, .null: return false
        case .bool(let yes): return yes
        default: throw JSONFault(reason: "'\(name)' is neither true nor false")
        }
    }

    /// The bytes that go over the socket, the NUL at the end included.
    ///
    /// - Parameter parameters: A JSON object's text.
    static func frame(
        method: String, parameters: [UInt8], isOneway: Bool = false, wantsMore: Bool = false
    ) -> [UInt8] {
        var frame = Array("{\"method\":".utf8) + JSONText.bytes(.string(method))
        frame += ",\"parameters\":".utf8
        frame += parameters
        if isOneway { frame += ",\"oneway\":true".utf8 }
        if wantsMore { frame += ",\"more\":true".utf8 }
        return frame + [UInt8(ascii: "}"), 0]
    }
}

/// A reply as it stands in a message.
struct ReplyMessage {
    let parameters: [String: JSONValue]
    /// With its interface; nil when the call did what it should.
    let error: String?
    let continues: Bool

    init(_ value: JSONValue) throws(JSONFault) {
        guard let members = value.members else {
            throw JSONFault(reason: "the reply is no JSON object")
        }
        switch members["parameters"] {
        case nil, .null: parameters = [:]
        case .object(let named): parameters = named
        default: throw JSONFault(reason: "'parameters' is no JSON object")
        }
        switch members["error"] {
        case nil, .null: error = nil
        case .string(let name): error = name
        default: throw JSONFault(reason: "'error' is no text")
        }
        switch members["continues"] {
        case nil, .null: continues = false
        case .bool(let yes): continues = yes
        default: throw JSONFault(reason: "'continues' is neither true nor false")
        }
    }

    /// The bytes that go over the socket, the NUL at the end included.
    ///
    /// - Parameter parameters: A JSON object's text.
    static func frame(parameters: [UInt8], continues: Bool = false) -> [UInt8] {
        var frame = Array("{\"parameters\":".utf8) + parameters
        if continues { frame += ",\"continues\":true".utf8 }
        return frame + [UInt8(ascii: "}"), 0]
    }

    static func frame(_ error: VarlinkError) -> [UInt8] {
        JSONText.bytes(
            .object(["error": .string(error.name), "parameters": .object(error.parameters)])) + [0]
    }
}
