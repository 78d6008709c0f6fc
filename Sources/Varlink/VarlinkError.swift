// SPDX-License-Identifier: Apache-2.0

/// An error as one side answers it to the other: a declared name, and parameters.
package struct VarlinkError: Error, Equatable, Sendable, CustomStringConvertible {
    /// With its interface, as in `org.varlink.service.MethodNotFound`.
    package let name: String
    package let parameters: [String: JSONValue]

    package init(_ name: String, _ parameters: [String: JSONValue] = [:]) {
        self.name = name
        self.parameters = parameters
    }

    package var description: String {
        parameters.isEmpty
            ? name
            : "\(name) \(String(decoding: JSONText.bytes(.object(parameters)), as: UTF8.self))"
    }
}

// The errors of org.varlink.service.
extension VarlinkError {
    package static func interfaceNotFound(_ interface: String) -> Self {
        Self("org.varlink.service.InterfaceNotFound", ["interface": .string(interface)])
    }

    package static func methodNotFound(_ method: String) -> Self {
        Self("org.varlink.service.MethodNotFound", ["method": .string(method)])
    }

    package static func methodNotImplemented(_ method: String) -> Self {
        Self("org.varlink.service.MethodNotImplemented", ["method": .string(method)])
    }

    /// - Parameter parameter: Which one, as in `filter.levels[2]`.
    package static func invalidParameter(_ parameter: String) -> Self {
        Self("org.varlink.service.InvalidParameter", ["parameter": .string(parameter)])
    }

    /// The caller may not call this.
    package static let permissionDenied = Self("org.varlink.service.PermissionDenied")

    /// The method answers more than once, and was called without `more`.
    package static let expectedMore = Self("org.varlink.service.ExpectedMore")
}
