// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Interactions
internal import Sigma

/// Explains one rule's condition for each turn that is evaluated.
///
/// What is true is asked of the matcher that evaluates; where it stands is looked for again.
package final class ConditionExplainer: TurnInspector {
    private let plan: DetectionPlan
    private let rule: Int
    private let outline: ConditionOutline
    private let finder: PatternFinder
    /// Of the turns so far, in the order in which they were evaluated.
    package private(set) var explanations: [Explanation] = []

    /// - Parameters:
    ///   - rule: Index into the plan's rules.
    ///   - excerptBytes: The most that is shown of a text around a match.
    package init(_ plan: DetectionPlan, rule: Int, excerptBytes: Int) {
        self.plan = plan
        self.rule = rule
        outline = ConditionOutline(of: rule, in: plan)
        finder = PatternFinder(plan, atoms: outline.atoms, excerptBytes: excerptBytes)
        super.init()
    }

    /// Forgets what was explained, before other records.
    package func forget() { explanations = [] }

    override func inspect(
        _ turn: EvaluatedTurn, at place: LinePlace, excluding excluded: [Int32],
        _ decoder: InteractionDecoder, _ matcher: inout TurnMatcher
    ) {
        var truth: [Int: Bool] = [:]
        for (atom, node) in outline.nodeByAtom {
            truth[atom] = matcher.isTrue(nodeAt: node, turn, decoder)
        }
        let places = finder.places(in: turn, decoder, matcher)
        let facts = TurnFacts(truth: truth, places: places) { atom in
            self.value(of: atom, turn, decoder)
        }
        var explanation = Explanation(
            rule: rule, line: place.line, turn: turn.place.index, isHistory: turn.turn.isHistory,
            isMalformed: decoder.interaction.isMalformed,
            condition: outline.explained(by: facts), changes: [])
        if !explanation.isTrue {
            let search = ChangeSearch(outline, truth)
            explanation.changes = search.smallest().map { change in
                described(change, facts, turn, decoder)
            }
        }
        explanations.append(explanation)
    }

    /// What the field of an atom that is about no text holds.
    private func value(
        of atom: Int, _ turn: EvaluatedTurn, _ decoder: InteractionDecoder
    ) -> String? {
        let atom = plan.atoms[atom]
        guard !atom.isOfText, let field = atom.field else { return nil }
        if let flag = field.boolean(of: decoder) { return "\(flag)" }
        switch field.captured(of: turn, decoder) {
        case .text(let text): return String(text.prefix(80))
        case .number(let number): return number.written
        case nil: return nil
        }
    }

    private func described(
        _ change: ChangeSearch.Change, _ facts: TurnFacts, _ turn: EvaluatedTurn,
        _ decoder: InteractionDecoder
    ) -> NeededChange {
        let unit = outline.units[change.unit]
        var needed = NeededChange(
            names: unit.names, isWhole: unit.isWhole, wanted: change.wanted,
            comparisons: unit.comparisons.map(\.match), value: facts.value(unit.atoms[0]),
            atoms: change.atoms)
        if change.wanted {
            let texts = finder.texts(of: plan.atoms[unit.atoms[0]], in: turn, decoder)
            needed.nearest = NearestSearch(texts).nearest(of: unit.comparisons.map(\.match))
        } else {
            needed.found = unit.comparisons.filter { facts.truth[$0.atom] ?? false }
                .map { ($0.match, facts.places[$0.atom]) }
        }
        return needed
    }
}

/// What is known of a turn when its explanation is put together.
struct TurnFacts {
    /// By atom of the rule.
    let truth: [Int: Bool]
    /// By atom of a text pattern that was found.
    let places: [Int: MatchedPlace]
    let value: (_ atom: Int) -> String?
}
