// SPDX-License-Identifier: Apache-2.0

extension VarlinkService {
    /// - Source: https://varlink.org/Service
    private static let serviceText = """
        # Every Varlink service answers this interface: who it is and what it can do.
        interface org.varlink.service

        # Who made the service, and the names of its interfaces.
        method GetInfo() -> (
          vendor: string,
          product: string,
          version: string,
          url: string,
          interfaces: []string
        )

        # The definition of one of the interfaces.
        method GetInterfaceDescription(interface: string) -> (description: string)

        # The service has no such interface.
        error InterfaceNotFound (interface: string)

        # The interface has no such method.
        error MethodNotFound (method: string)

        # The interface has this method and the service does not.
        error MethodNotImplemented (method: string)

        # A parameter is missing, unknown, or not of the declared type.
        error InvalidParameter (parameter: string)

        # The caller may not call this method.
        error PermissionDenied ()

        # The method can only be called with 'more'.
        error ExpectedMore ()

        """

    private static func connectionText(_ domain: String) -> String {
        """
        # What is answered where no method of an interface can answer. After an error marked with
        # (closes) the service reads no more calls from the connection.
        interface \(domain).Connection

        # (closes) What was received is no call: it is no JSON, or lacks what a call has.
        error MalformedCall (reason: string)

        # (closes) A call is longer than the service takes.
        error CallTooLarge (limit_bytes: int)

        # (closes) The service has as many connections as it takes, and this one was longest idle,
        # or the others are all in use.
        error TooManyConnections (limit: int)

        # (closes) The connections take as much memory as the service gives them, and this one takes
        # the most.
        error TooMuchMemory (limit_bytes: int)

        # A connection cannot be taken over by another protocol.
        error UpgradeNotSupported (method: string)

        # The method was carried out in part or not at all.
        error CallFailed (reason: string)

        # No more replies will come, though the last one said so.
        error StreamAbandoned ()

        """
    }

    mutating func addStandardInterfaces() {
        for text in [Self.serviceText, Self.connectionText(info.domain)] {
            do throws(InterfaceFault) {
                try add(interface: text)
            } catch {
                preconditionFailure("'\(info.domain)' cannot begin an interface's name: \(error)")
            }
        }
    }

    /// The reply of a method of `org.varlink.service`, of all interfaces that the service has by now.
    func standardReply(_ call: CallMessage) throws(VarlinkError) -> JSONValue {
        guard call.method.hasSuffix(".GetInterfaceDescription") else {
            let names = interfaces.keys.sorted().map(JSONValue.string)
            return .object([
                "vendor": .string(info.vendor), "product": .string(info.product),
                "version": .string(info.version), "url": .string(info.url),
                "interfaces": .array(names),
            ])
        }
        let name = call.parameters["interface"]?.text ?? ""
        guard let interface = interfaces[name] else { throw .interfaceNotFound(name) }
        return .object(["description": .string(interface.text)])
    }
}

extension VarlinkServiceInfo {
    /// An error of `DOMAIN.Connection`.
    func connectionError(
        _ name: String, _ parameters: [String: JSONValue] = [:]
    ) -> VarlinkError {
        VarlinkError("\(domain).Connection.\(name)", parameters)
    }

    /// What a caller is told of an error that a handler threw.
    func told(_ error: any Error) -> VarlinkError {
        if let error = error as? VarlinkError { return error }
        return connectionError("CallFailed", ["reason": .string("\(error)")])
    }
}
