// SPDX-License-Identifier: Apache-2.0

extension VarlinkInterface {
    /// A name that a caller sent is told back no longer than this.
    private static let toldCharacters = 128

    /// Which part of the parameters is not as declared, as in `filter.levels[2]`; nil when all is.
    ///
    /// A parameter that is not declared, one that lacks and one of another type are faults.
    func fault(in parameters: [String: JSONValue], as fields: [VarlinkField]) -> String? {
        guard let path = pathOfFault(in: parameters, as: fields) else { return nil }
        return String(path.drop { $0 == "." })
    }

    /// The way to the fault, each step a `.name` or an `[index]`; it is only made for a fault.
    private func pathOfFault(
        in members: [String: JSONValue], as fields: [VarlinkField]
    ) -> String? {
        var known = 0
        for field in fields {
            if members[field.name] != nil { known += 1 }
            if let path = pathOfFault(in: members[field.name] ?? .null, as: field.type) {
                return ".\(field.name)\(path)"
            }
        }
        guard members.count > known else { return nil }
        let names = Set(fields.map(\.name))
        let stranger = members.keys.filter { !names.contains($0) }.min() ?? ""
        return ".\(stranger.prefix(Self.toldCharacters))"
    }

    /// The way from the value to its fault; empty when it is the value itself.
    private func pathOfFault(in value: JSONValue, as type: VarlinkType) -> String? {
        switch (type, value) {
        case (.maybe, .null), (.bool, .bool), (.int, .integer), (.float, .integer),
            (.float, .double), (.string, .string), (.object, .object):
            return nil
        case (.maybe(let inner), _): return pathOfFault(in: value, as: inner)
        case (.named(let name), _): return types[name].map { pathOfFault(in: value, as: $0) } ?? ""
        case (.array(let inner), .array(let elements)):
            for (index, element) in elements.enumerated() {
                if let path = pathOfFault(in: element, as: inner) { return "[\(index)]\(path)" }
            }
            return nil
        case (.map(let inner), .object(let members)):
            for (name, member) in members {
                if let path = pathOfFault(in: member, as: inner) {
                    return ".\(name.prefix(Self.toldCharacters))\(path)"
                }
            }
            return nil
        case (.structure(let fields), .object(let members)):
            return pathOfFault(in: members, as: fields)
        case (.enumeration(let values), .string(let text)): return values.contains(text) ? nil : ""
        default: return ""
        }
    }
}
