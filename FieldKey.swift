// SPDX-License-Identifier: Apache-2.0

/// A key of a selection: a field and its modifiers, as in `prompt|contains|all`.
struct FieldKey {
    /// How a value is compared.
    enum Comparison {
        case equals, contains, startsWith, endsWith
        case regex(isCaseless: Bool)

        /// The modifier that asks for it; the plain comparison needs none.
        var modifier: String? {
            switch self {
            case .equals: nil
            case .contains: "contains"
            case .startsWith: "startswith"
            case .endsWith: "endswith"
            case .regex: "re"
            }
        }
    }

    var field: String
    var location: SourceLocation
    var comparison = Comparison.equals
    /// Whether all values have to match, not only one.
    var needsAll = false

    /// Reads a key, or tells the log why it cannot.
    init?(_ node: DocumentNode, log: ProblemLog) {
        let pieces = (node.scalar?.text ?? "").split(
            separator: "|", omittingEmptySubsequences: false
        ).map(String.init)
        field = pieces[0]
        location = node.location
        guard !field.trimmingBlanks().isEmpty else {
            log.report(.missingField, at: node)
            return nil
        }
        if let scalar = node.scalar {
            location = log.text.location(ofCharacter: 0, in: scalar, at: node.location)
        }
        var offset = field.count + 1
        var isValid = true
        var seen: Set<String> = []
        for modifier in pieces.dropFirst() {
            let problem =
                seen.insert(modifier).inserted
                ? apply(modifier) : .conflictingModifiers(first: modifier, second: modifier)
            if let problem {
                log.report(problem, in: node, character: offset, found: modifier)
                isValid = false
            }
            offset += modifier.count + 1
        }
        guard isValid else { return nil }
    }

    /// Puts a modifier into effect; nil when it may stand here.
    private mutating func apply(_ modifier: String) -> Problem? {
        switch modifier {
        case "all":
            needsAll = true
            return nil
        case "i":
            guard case .regex = comparison else { return .strayCaseModifier }
            comparison = .regex(isCaseless: true)
            return nil
        case "contains": return compare(.contains)
        case "startswith": return compare(.startsWith)
        case "endswith": return compare(.endsWith)
        case "re": return compare(.regex(isCaseless: false))
        default:
            return Names.unsupportedModifiers.contains(modifier)
                ? .unsupportedModifier(modifier) : .unknownModifier(modifier)
        }
    }

    private mutating func compare(_ other: Comparison) -> Problem? {
        if let first = comparison.modifier {
            return .conflictingModifiers(first: first, second: other.modifier ?? "")
        }
        comparison = other
        return nil
    }
}
