// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Interactions
internal import PatternScan
internal import Sigma
internal import TextViews

/// Says what a rule found in a turn: the rare step, which may search the turn's texts again.
struct FindingWriter {
    private let plan: DetectionPlan
    private let cutter: ExcerptCutter
    private let evidenceBytes: Int
    /// By rule: the fields that are to be captured, with the names that are asked for.
    private let captured: [[(name: String, field: RuleField)]]

    /// - Parameters:
    ///   - capturedFields: By rule id, the fields whose values findings carry.
    ///   - excerptBytes: The most that an excerpt has.
    ///   - evidenceBytes: How much of the turn's text findings carry; 0: nothing.
    init(
        _ plan: DetectionPlan, capturedFields: [String: [String]], excerptBytes: Int,
        evidenceBytes: Int
    ) {
        self.plan = plan
        self.evidenceBytes = evidenceBytes
        cutter = ExcerptCutter(patterns: plan.patterns, limitBytes: excerptBytes)
        captured = plan.rules.map { rule in
            (capturedFields[rule.id] ?? []).map { ($0, RuleField(name: $0)) }
        }
    }

    func finding(
        _ rule: Int, _ turn: EvaluatedTurn, at place: LinePlace, digest: [UInt8],
        _ decoder: InteractionDecoder, _ matcher: inout TurnMatcher
    ) -> Finding {
        let interaction = decoder.interaction
        func text(_ field: MetadataField) -> String? {
            interaction[field].map { decoder.identifier($0) }
        }
        var finding = Finding(
            rule: rule, stream: place.stream, offset: place.offset, line: place.line,
            turn: turn.place.index,
            isHistory: turn.turn.isHistory, turnDigest: digest,
            isMalformed: interaction.isMalformed,
            timeMilliseconds: interaction.timeMilliseconds, recordID: text(.recordID),
            model: text(.model) ?? text(.responseModel),
            conversation: turn.conversationID(decoder), actor: text(.actor))
        for (name, derivedRule) in plan.derived {
            finding.derived.append(
                DerivedValue(name: name, isTrue: matcher.holds(derivedRule, turn, decoder)))
        }
        for (name, field) in captured[rule] {
            guard let value = field.captured(of: turn, decoder) else { continue }
            finding.captured.append(FindingField(name: name, value: value))
        }
        describe(rule, turn, decoder, &matcher, in: &finding)
        finding.isAnswered = turn.turn.texts.contains {
            decoder.interaction.texts[$0].field == .response
        }
        finding.evidence = evidence(of: turn, decoder)
        return finding
    }

    /// The turn's texts in their order, until the limit is reached.
    private func evidence(
        of turn: EvaluatedTurn, _ decoder: InteractionDecoder
    ) -> [EvidenceText] {
        var left = evidenceBytes
        var texts: [EvidenceText] = []
        for index in turn.turn.texts where left > 0 {
            let text = decoder.interaction.texts[index]
            let bytes = decoder.bytes(of: text.slice)
            let count = min(bytes.count, left)
            left -= count
            texts.append(
                EvidenceText(
                    field: text.field,
                    text: String(
                        decoding: bytes.extracting(0..<count).copied(), as: UTF8.self),
                    isCut: count < bytes.count))
        }
        return texts
    }

    /// Says which text made the condition true and cuts the excerpt, around the most telling of
    /// the patterns that were found.
    private func describe(
        _ rule: Int, _ turn: EvaluatedTurn, _ decoder: InteractionDecoder,
        _ matcher: inout TurnMatcher, in finding: inout Finding
    ) {
        let start = plan.conditions.starts[rule]
        guard let (atom, pattern) = mostTelling(at: start, turn, decoder, &matcher) else {
            return describeScore(at: start, turn, decoder, &matcher, in: &finding)
        }
        for field in TextField.allCases {
            guard plan.atoms[atom].field == .text(field) || plan.atoms[atom].field == nil,
                let scanner = matcher.textScanners[field.rawValue]?.sets
                    .first(where: { $0.set.patterns.contains(pattern) })
            else { continue }
            for index in turn.turn.texts {
                let text = decoder.interaction.texts[index]
                guard text.field == nil || text.field == field else { continue }
                let bytes = decoder.bytes(of: text.slice)
                var isFound = false
                func look(_ view: View, _ derived: Span<UInt8>) {
                    guard !isFound, scanner.finds(in: derived) else { return }
                    let hit = scanner.hits.first { scanner.set.patterns[$0.pattern] == pattern }
                    guard let hit else { return }
                    isFound = true
                    finding.field = text.field
                    finding.view = view.name
                    finding.excerpt = cutter.cut(derived, around: pattern, endingAt: hit.end)
                }
                look(.written, bytes)
                if !isFound { matcher.views.forEachDerived(of: bytes) { look($0, $1) } }
                if isFound { return }
            }
        }
    }

    /// Where no pattern was needed: cuts the piece that scores highest.
    private func describeScore(
        at node: Int, _ turn: EvaluatedTurn, _ decoder: InteractionDecoder,
        _ matcher: inout TurnMatcher, in finding: inout Finding
    ) {
        guard cutter.limitBytes > 1, let field = score(at: node, turn, decoder, &matcher),
            let piece = matcher.scores.mostTelling(
                field, of: turn, decoder, pieceBytes: cutter.limitBytes)
        else { return }
        finding.field = piece.field
        finding.view = piece.view.name
        finding.excerpt = piece.excerpt
    }

    /// The first score that made the condition true.
    private func score(
        at node: Int, _ turn: EvaluatedTurn, _ decoder: InteractionDecoder,
        _ matcher: inout TurnMatcher
    ) -> ScoreField? {
        let node = plan.conditions.body(of: node)
        let code = plan.conditions.nodes[node]
        switch code.kind {
        case .not, .definition: return nil
        case .atom:
            guard case .score(let field) = plan.atoms[Int(code.value)].field else { return nil }
            return field
        case .and, .or:
            for part in plan.conditions.parts(of: node)
            where matcher.isTrue(nodeAt: part, turn, decoder) {
                if let field = score(at: part, turn, decoder, &matcher) { return field }
            }
            return nil
        }
    }

    /// The found pattern that pins down most of its text; nil when the rule needed none.
    private func mostTelling(
        at node: Int, _ turn: EvaluatedTurn, _ decoder: InteractionDecoder,
        _ matcher: inout TurnMatcher
    ) -> (atom: Int, pattern: Int)? {
        let node = plan.conditions.body(of: node)
        let code = plan.conditions.nodes[node]
        switch code.kind {
        case .not, .definition: return nil
        case .atom:
            let atom = plan.atoms[Int(code.value)]
            guard atom.isOfText, case .pattern(let pattern) = atom.test,
                matcher.isTrue(nodeAt: node, turn, decoder)
            else { return nil }
            return (Int(code.value), pattern)
        case .and, .or:
            var best: (atom: Int, pattern: Int)?
            // What a false branch found is not the reason.
            for part in plan.conditions.parts(of: node)
            where matcher.isTrue(nodeAt: part, turn, decoder) {
                guard let found = mostTelling(at: part, turn, decoder, &matcher) else { continue }
                let length = best.map { plan.patternLengths[$0.pattern] } ?? -1
                if plan.patternLengths[found.pattern] > length { best = found }
            }
            return best
        }
    }
}

extension DetectionPlan.Atom {
    /// It is about what was said, not about the record's other values.
    var isOfText: Bool {
        switch field {
        case nil, .text: true
        default: false
        }
    }
}

extension RuleField {
    /// The first value of the field, for what looks at it later.
    func captured(
        of turn: EvaluatedTurn, _ decoder: InteractionDecoder
    ) -> FindingField.Value? {
        if case .conversation = self { return .text(turn.conversationID(decoder)) }
        if case .metadata(.conversation) = self { return .text(turn.conversationID(decoder)) }
        var value: FindingField.Value?
        _ = anyNumber(of: turn, decoder, readsTexts: false) { number in
            value = .number(number)
            return true
        }
        if value == nil {
            _ = anyText(of: turn, decoder) { text in
                value = .text(String(decoding: text.copied(), as: UTF8.self))
                return true
            }
        }
        return value
    }
}
