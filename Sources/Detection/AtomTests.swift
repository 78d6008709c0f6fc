// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Interactions
internal import Sigma

/// A turn with its place in its conversation, as its conditions see it.
struct EvaluatedTurn {
    let turn: Turn
    let place: TurnPlace
    let scores: TurnScores
}

extension DetectionPlan.Atom {
    /// Whether a test that needs no scanning holds; patterns are told by what was scanned.
    func holds(of turn: EvaluatedTurn, _ decoder: InteractionDecoder) -> Bool {
        guard let field else { return false }
        switch test {
        case .pattern, .anyPattern: return false
        case .boolean(let wanted): return field.boolean(of: decoder) == wanted
        case .absent: return !field.hasValue(of: turn, decoder)
        case .present: return field.exists(of: turn, decoder)
        case .empty:
            return field.anyText(of: turn, decoder) { $0.count == 0 }
        case .number(let ordering, let wanted):
            return field.anyNumber(of: turn, decoder) { ordering.holds($0, wanted) }
        case .network(let address, let prefixBits):
            return field.anyText(of: turn, decoder) {
                NetworkAddress(text: $0)?.isIn(address, prefixBits: prefixBits) ?? false
            }
        case .datePart(let part, let ordering, let wanted):
            return field.anyText(of: turn, decoder) { text in
                guard let date = CivilDate(text: text) else { return false }
                return ordering.holds(Double(date[part]), wanted)
            }
        case .field(let other, let relation, let isCased):
            return field.anyText(of: turn, decoder) { left in
                other.anyText(of: turn, decoder) { right in
                    left.isRelated(to: right, relation, isCased: isCased)
                }
            } || sameNumber(field, other, relation, turn, decoder)
        }
    }

    private func sameNumber(
        _ field: RuleField, _ other: RuleField, _ relation: FieldReference.Relation,
        _ turn: EvaluatedTurn, _ decoder: InteractionDecoder
    ) -> Bool {
        guard relation == .equals else { return false }
        return field.anyNumber(of: turn, decoder, readsTexts: false) { left in
            other.anyNumber(of: turn, decoder, readsTexts: false) { $0 == left }
        }
    }
}

extension Span<UInt8> {
    /// Compares two texts; without regard to the case of ASCII letters unless `isCased`.
    fileprivate func isRelated(
        to other: Span<UInt8>, _ relation: FieldReference.Relation, isCased: Bool
    ) -> Bool {
        guard other.count <= count else { return false }
        switch relation {
        case .equals: return count == other.count && holds(other, at: 0, isCased)
        case .startsWith: return holds(other, at: 0, isCased)
        case .endsWith: return holds(other, at: count - other.count, isCased)
        case .contains:
            for start in 0...(count - other.count) where holds(other, at: start, isCased) {
                return true
            }
            return false
        }
    }

    private func holds(_ other: Span<UInt8>, at start: Int, _ isCased: Bool) -> Bool {
        for index in 0..<other.count {
            let (left, right) = (self[start + index], other[index])
            if left == right { continue }
            guard !isCased, left.asciiLowercased == right.asciiLowercased else { return false }
        }
        return true
    }
}

extension UInt8 {
    fileprivate var asciiLowercased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}
