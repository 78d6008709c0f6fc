// SPDX-License-Identifier: Apache-2.0

/// What `expand` makes of `%name%` (Sigma specification, "Placeholders").
///
/// A backslash takes a percent sign's meaning away.
struct Placeholders {
    let values: [String: [String]]
    let limit: Int

    private enum Piece {
        case text(String)
        case name(String)
    }

    private func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var literal = ""
        var rest = text[...]
        while let character = rest.first {
            if character == "\\", rest.dropFirst().first == "%" {
                literal += "%"
                rest = rest.dropFirst(2)
            } else if character == "%", let end = rest.dropFirst().firstIndex(of: "%"),
                end > rest.index(after: rest.startIndex)
            {
                pieces.append(.text(literal))
                pieces.append(.name(String(rest[..<end].dropFirst())))
                literal = ""
                rest = rest[rest.index(after: end)...]
            } else {
                literal.append(character)
                rest = rest.dropFirst()
            }
        }
        return pieces + [.text(literal)]
    }

    private func configured(_ name: String) throws(Problem) -> [String] {
        guard let values = values[name], !values.isEmpty else {
            throw .unknownPlaceholder(name, known: values.keys.sorted())
        }
        return values
    }

    /// The texts with all values in place, which may have wildcards of their own.
    func expanded(_ value: TextValue) throws(Problem) -> [TextValue] {
        var places: [[[TextValue.Part]]] = []
        for part in value.parts {
            guard case .literal(let bytes) = part else {
                places.append([[part]])
                continue
            }
            for piece in pieces(of: String(decoding: bytes, as: UTF8.self)) {
                switch piece {
                case .text(let text): places.append([[.literal(Array(text.utf8))]])
                case .name(let name):
                    places.append(try configured(name).map { TextValue($0).parts })
                }
            }
        }
        guard
            let made = TextValue.combinations(of: places, isCased: value.isCased, limit: limit)
        else { throw .tooManyForms }
        return made
    }

    /// The expressions with all values in place, which are expressions themselves.
    func expanded(_ value: RegexPattern) throws(Problem) -> [RegexPattern] {
        var made = [""]
        for piece in pieces(of: value.expression) {
            switch piece {
            case .text(let text): made = made.map { $0 + text }
            case .name(let name):
                let values = try configured(name)
                guard made.count * values.count <= limit else { throw .tooManyForms }
                made = made.flatMap { beginning in values.map { beginning + $0 } }
            }
        }
        return made.map { expression in
            var pattern = value
            pattern.expression = expression
            return pattern
        }
    }
}
