// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Interactions
internal import PatternScan
internal import TextViews

/// Finds where the texts of a turn hold the patterns of one rule, and in which view.
struct PatternFinder {
    private let plan: DetectionPlan
    private let atoms: Set<Int>
    private let cutter: ExcerptCutter

    init(_ plan: DetectionPlan, atoms: Set<Int>, excerptBytes: Int) {
        self.plan = plan
        self.atoms = atoms
        cutter = ExcerptCutter(patterns: plan.patterns, limitBytes: excerptBytes)
    }

    /// By atom: the first place of its pattern, as it was written where it stands so.
    func places(
        in turn: EvaluatedTurn, _ decoder: InteractionDecoder, _ matcher: borrowing TurnMatcher
    ) -> [Int: MatchedPlace] {
        var places: [Int: MatchedPlace] = [:]
        for field in TextField.allCases {
            let scanners = (matcher.textScanners[field.rawValue]?.sets ?? [])
                .filter { $0.set.atoms.contains(where: atoms.contains) }
            guard !scanners.isEmpty else { continue }
            for index in turn.turn.texts {
                let text = decoder.interaction.texts[index]
                guard text.field == nil || text.field == field else { continue }
                let bytes = decoder.bytes(of: text.slice)
                func look(_ view: View, _ derived: Span<UInt8>) {
                    for scanner in scanners where scanner.finds(in: derived) {
                        for hit in scanner.hits {
                            let atom = scanner.set.atoms[hit.pattern]
                            guard atoms.contains(atom), places[atom] == nil else { continue }
                            let pattern = scanner.set.patterns[hit.pattern]
                            let start = cutter.start(of: pattern, in: derived, endingAt: hit.end)
                            places[atom] = MatchedPlace(
                                field: text.field, view: view.name, range: start..<hit.end,
                                excerpt: cutter.cut(derived, around: pattern, endingAt: hit.end))
                        }
                    }
                }
                look(.written, bytes)
                matcher.views.forEachDerived(of: bytes) { look($0, $1) }
            }
        }
        return places
    }

    /// The texts that an atom is about, each as far as a person would read it.
    func texts(
        of atom: DetectionPlan.Atom, in turn: EvaluatedTurn, _ decoder: InteractionDecoder
    ) -> [[UInt8]] {
        guard atom.isOfText else { return [] }
        return turn.turn.texts.compactMap { index in
            let text = decoder.interaction.texts[index]
            let isMeant = atom.field == nil || text.field == nil
            guard isMeant || atom.field == text.field.map(RuleField.text) else { return nil }
            return decoder.bytes(of: text.slice).extracting(first: NearestSearch.textBytes).copied()
        }
    }
}
