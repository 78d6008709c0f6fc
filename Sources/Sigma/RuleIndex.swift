// SPDX-License-Identifier: Apache-2.0

/// What the ids and names of all files stand for.
struct RuleIndex {
    enum Target: Equatable {
        case rule(Int)
        case correlation(Int)
    }

    private var ids: [String: Target?] = [:]
    private var names: [String: Target?] = [:]
    private var placeOfID: [String: SourceLocation] = [:]
    private var placeOfName: [String: SourceLocation] = [:]

    /// Takes a document in; false when its id or name is another's, which is told.
    ///
    /// - Parameter target: Nil for what cannot be referred to.
    mutating func add(
        _ target: Target?, id: String, name: String?, at location: SourceLocation,
        _ context: ParseContext
    ) -> Bool {
        var isNew = true
        if !id.isEmpty {
            if let first = placeOfID[id] {
                context.report(
                    .duplicateID(id, first: "\(first.file):\(first.line)"), at: location)
                isNew = false
            } else {
                placeOfID[id] = location
                ids[id] = target
            }
        }
        if let name {
            if let first = placeOfName[name] {
                context.report(
                    .duplicateName(name, first: "\(first.file):\(first.line)"), at: location)
                isNew = false
            } else {
                placeOfName[name] = location
                names[name] = target
            }
        }
        return isNew
    }

    /// What an id, in any case, or a name stands for; tells when it is nothing.
    func target(of reference: Reference, _ context: ParseContext) -> Target? {
        if let target = ids[reference.text.lowercased()] ?? names[reference.text] ?? nil {
            return target
        }
        context.report(
            .unknownReference(
                reference.text, known: names.keys.sorted() + ids.keys.sorted()),
            at: reference.location)
        return nil
    }
}
