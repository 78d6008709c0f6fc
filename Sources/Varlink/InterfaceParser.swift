// SPDX-License-Identifier: Apache-2.0

/// Reads an interface definition.
///
///     interface NAME { type NAME TYPE | method NAME (…) -> (…) | error NAME (…) }
struct InterfaceParser {
    /// How deep types may stand in each other.
    private static let depthMax = 64

    private let text: String
    private var scanner: InterfaceScanner
    /// The names of types that are used, each with where it first is.
    private var uses: [String: Int] = [:]

    init(_ text: String) {
        self.text = text
        scanner = InterfaceScanner(text)
    }

    mutating func interface() throws(InterfaceFault) -> VarlinkInterface {
        try expectKeyword("interface")
        let start = here()
        let name = scanner.word(with: ".-")
        guard InterfaceNames.isInterface(name) else {
            throw scanner.fault(
                at: start,
                "an interface's name such as 'org.example.name' is expected, not "
                    + scanner.shown(at: start))
        }
        var interface = VarlinkInterface(name: name, text: text)
        while !scanner.isAtEnd() { try member(of: &interface) }
        for (name, place) in uses.sorted(by: { $0.value < $1.value })
        where interface.types[name] == nil {
            throw scanner.fault(at: place, "no type '\(name)' is declared")
        }
        return interface
    }

    private mutating func member(of interface: inout VarlinkInterface) throws(InterfaceFault) {
        let start = here()
        let keyword = scanner.word()
        guard ["type", "method", "error"].contains(keyword) else {
            throw scanner.fault(
                at: start,
                "'type', 'method' or 'error' is expected, not \(scanner.shown(at: start))")
        }
        let place = here()
        let name = scanner.word()
        guard InterfaceNames.isMember(name) else {
            throw scanner.fault(
                at: place,
                "a name of letters and digits that begins with a capital is expected, not "
                    + scanner.shown(at: place))
        }
        guard
            interface.types[name] == nil, interface.methods[name] == nil,
            interface.errors[name] == nil
        else { throw scanner.fault(at: place, "'\(name)' is declared twice") }
        switch keyword {
        case "type": interface.types[name] = try parenthesised(depth: 0)
        case "method":
            let input = try fields()
            guard scanner.take("->") else { throw expected("'->'") }
            interface.methods[name] = VarlinkInterface.Method(input: input, output: try fields())
        default: interface.errors[name] = try fields()
        }
    }

    private mutating func here() -> Int {
        scanner.skipSpace()
        return scanner.position
    }

    private mutating func expected(_ what: String) -> InterfaceFault {
        let place = here()
        return scanner.fault(at: place, "\(what) is expected, not \(scanner.shown(at: place))")
    }

    private mutating func expectKeyword(_ keyword: String) throws(InterfaceFault) {
        let place = here()
        guard scanner.word() == keyword else {
            throw scanner.fault(
                at: place, "'\(keyword)' is expected, not \(scanner.shown(at: place))")
        }
    }

    /// The fields of a structure, where no enumeration may stand.
    private mutating func fields() throws(InterfaceFault) -> [VarlinkField] {
        let place = here()
        guard case .structure(let fields) = try parenthesised(depth: 0) else {
            throw scanner.fault(at: place, "parameters are expected here, each 'name: type'")
        }
        return fields
    }

    /// A structure or an enumeration: the first name tells, by what follows it.
    private mutating func parenthesised(depth: Int) throws(InterfaceFault) -> VarlinkType {
        guard scanner.take("(") else { throw expected("'('") }
        if scanner.take(")") { return .structure([]) }
        var names: Set<String> = []
        let first = try fieldName(besides: &names)
        if !scanner.take(":") {
            var values = [first]
            while scanner.take(",") { values.append(try fieldName(besides: &names)) }
            guard scanner.take(")") else {
                throw expected(values.count == 1 ? "':', ',' or ')'" : "',' or ')'")
            }
            return .enumeration(values)
        }
        var fields = [VarlinkField(name: first, type: try type(depth: depth + 1))]
        while scanner.take(",") {
            let name = try fieldName(besides: &names)
            guard scanner.take(":") else { throw expected("':'") }
            fields.append(VarlinkField(name: name, type: try type(depth: depth + 1)))
        }
        guard scanner.take(")") else { throw expected("',' or ')'") }
        return .structure(fields)
    }

    private mutating func fieldName(
        besides names: inout Set<String>
    ) throws(InterfaceFault) -> String {
        let place = here()
        let name = scanner.word()
        guard InterfaceNames.isField(name) else {
            throw scanner.fault(
                at: place, "a field's name is expected, not \(scanner.shown(at: place))")
        }
        guard names.insert(name).inserted else {
            throw scanner.fault(at: place, "the field '\(name)' stands here twice")
        }
        return name
    }

    private mutating func type(depth: Int) throws(InterfaceFault) -> VarlinkType {
        let place = here()
        guard depth < Self.depthMax else {
            throw scanner.fault(at: place, "types nested more than \(Self.depthMax) deep")
        }
        if scanner.take("?") {
            let inner = try type(depth: depth + 1)
            if case .maybe = inner { throw scanner.fault(at: place, "'?' stands here twice") }
            return .maybe(inner)
        }
        if scanner.take("[string]") { return .map(try type(depth: depth + 1)) }
        if scanner.take("[]") { return .array(try type(depth: depth + 1)) }
        if scanner.shown(at: place) == "'('" { return try parenthesised(depth: depth) }
        let name = scanner.word()
        switch name {
        case "bool": return .bool
        case "int": return .int
        case "float": return .float
        case "string": return .string
        case "object": return .object
        default:
            guard InterfaceNames.isMember(name) else {
                throw scanner.fault(
                    at: place, "a type is expected, not \(scanner.shown(at: place))")
            }
            if uses[name] == nil { uses[name] = place }
            return .named(name)
        }
    }
}
