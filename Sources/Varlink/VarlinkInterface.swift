// SPDX-License-Identifier: Apache-2.0

/// A type of the interface definition language.
package indirect enum VarlinkType: Equatable, Sendable {
    case bool, int, float, string, object
    /// A type that the interface declares by this name.
    case named(String)
    case array(VarlinkType)
    /// `[string]`: an object with any names.
    case map(VarlinkType)
    /// `?`: the value may be null or absent.
    case maybe(VarlinkType)
    case structure([VarlinkField])
    case enumeration([String])
}

/// A named part of a structure, or a parameter.
package struct VarlinkField: Equatable, Sendable {
    package let name: String
    package let type: VarlinkType
}

/// An interface as its definition declares it.
///
/// - Source: https://varlink.org/Interface-Definition
package struct VarlinkInterface: Equatable, Sendable {
    /// A method's parameters, in and out.
    package struct Method: Equatable, Sendable {
        package let input: [VarlinkField]
        package let output: [VarlinkField]
    }

    package let name: String
    /// The definition as it was written.
    package let text: String
    package internal(set) var types: [String: VarlinkType] = [:]
    package internal(set) var methods: [String: Method] = [:]
    package internal(set) var errors: [String: [VarlinkField]] = [:]

    /// Reads a definition.
    package init(_ text: String) throws(InterfaceFault) {
        var parser = InterfaceParser(text)
        self = try parser.interface()
    }

    init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

/// Where and why a text is no interface definition.
package struct InterfaceFault: Error, Equatable, CustomStringConvertible {
    package let line: Int
    package let column: Int
    package let problem: String

    package var description: String { "line \(line), column \(column): \(problem)" }
}
