// SPDX-License-Identifier: Apache-2.0
internal import Interactions
internal import PatternScan
internal import TextViews

/// Tells which rules of one plan hold of a turn: all that depends on the rules and nothing that
/// outlives them, so that other rules take its place between two records.
///
/// A text is searched once in each of its views, and only when needed: for what triggers rules
/// at once, for all else of its field when the condition of a candidate first asks for it.
struct TurnMatcher: ~Copyable {
    let plan: DetectionPlan
    /// In the order of the plan's fields.
    let textScanners: [FieldScanner?]
    private let valueScanners: [PatternScanner]
    /// The fields that are searched for every turn, since some pattern of theirs is a trigger.
    private let triggerFields: [TextField]
    let views: TextViews
    let scores: TurnScores
    private var truth: AtomTruth
    /// By text field, whether its texts of this turn were searched for more than triggers.
    private var searchedTexts: UInt8 = 0
    /// Atoms that the record's own values make true, for each of its turns.
    private var recordAtoms: [Int] = []
    /// By the plan's values, whether they were searched in this record.
    private var searchedValues: [Bool]
    /// What was found in system texts, which stand in every record of their application.
    private var systemTexts: RepeatedTexts
    private var systemAtoms: [Int32] = []

    /// - Throws: `PatternError` when there is no memory for scanning.
    ///
    /// - Parameter secret: Of the keys by which texts are known again.
    init(_ plan: DetectionPlan, views: ViewSet, secret: UInt64) throws {
        let textScanners = try plan.texts.map { try $0.map { try FieldScanner($0) } }
        let valueScanners = try plan.values.map { try PatternScanner($0.patterns.database) }
        self.plan = plan
        self.textScanners = textScanners
        self.valueScanners = valueScanners
        triggerFields = TextField.allCases.filter {
            plan.texts[$0.rawValue]?.holdsTriggers ?? false
        }
        self.views = TextViews(views)
        scores = TurnScores(plan.scores, views: self.views)
        truth = AtomTruth(plan)
        systemTexts = RepeatedTexts(secret: secret)
        searchedValues = Array(repeating: false, count: plan.values.count)
    }

    /// Begins a record: its own values are searched where they can trigger a rule.
    mutating func beginRecord(_ decoder: InteractionDecoder) {
        guard !plan.values.isEmpty else { return }
        recordAtoms.removeAll(keepingCapacity: true)
        for index in plan.values.indices {
            searchedValues[index] = false
            if plan.values[index].patterns.isTrigger { searchValues(index, decoder) }
        }
    }

    /// Begins a turn; afterwards `candidates` are the rules that may hold.
    mutating func begin(_ turn: EvaluatedTurn, _ decoder: InteractionDecoder) {
        truth.begin()
        scores.begin()
        searchedTexts = 0
        for atom in recordAtoms { truth.set(atom) }
        for field in triggerFields { search(field, forTriggers: true, turn, decoder) }
        truth.addAlwaysEvaluated()
    }

    var candidates: [Int] { truth.candidates }

    /// Works out a rule's condition.
    mutating func holds(
        _ rule: Int, _ turn: EvaluatedTurn, _ decoder: InteractionDecoder
    ) -> Bool {
        isTrue(nodeAt: plan.conditions.starts[rule], turn, decoder)
    }

    /// Works out the part of a condition that begins at a node, from left to right and no
    /// further than needed.
    mutating func isTrue(
        nodeAt index: Int, _ turn: EvaluatedTurn, _ decoder: InteractionDecoder
    ) -> Bool {
        let node = plan.conditions.nodes[index]
        switch node.kind {
        case .atom: return holds(atom: Int(node.value), turn, decoder)
        case .not: return !isTrue(nodeAt: index + 1, turn, decoder)
        case .definition: return holds(definition: Int(node.value), turn, decoder)
        case .or where node.value >= 0: return holds(atom: Int(node.value), turn, decoder)
        case .and, .or:
            let isOr = node.kind == .or
            var part = index + 1
            while part < node.end {
                if isTrue(nodeAt: part, turn, decoder) == isOr { return isOr }
                part = Int(plan.conditions.nodes[part].end)
            }
            return !isOr
        }
    }

    /// Works out what defines a derived field, once a turn.
    private mutating func holds(
        definition number: Int, _ turn: EvaluatedTurn, _ decoder: InteractionDecoder
    ) -> Bool {
        if let known = truth.definition(number) { return known }
        let isTrue = isTrue(nodeAt: plan.conditions.definitions[number], turn, decoder)
        truth.set(definition: number, to: isTrue)
        return isTrue
    }

    private mutating func holds(
        atom index: Int, _ turn: EvaluatedTurn, _ decoder: InteractionDecoder
    ) -> Bool {
        if truth.isSet(index) { return true }
        switch plan.atomSources[index] {
        case .triggers: return false
        case .text(let field):
            if hasSearched(field) { return false }
            search(field, forTriggers: false, turn, decoder)
        case .anyText:
            for field in TextField.allCases where !hasSearched(field) {
                search(field, forTriggers: false, turn, decoder)
            }
        case .value(let value):
            if searchedValues[value] { return false }
            searchValues(value, decoder)
        case .test: return plan.atoms[index].holds(of: turn, decoder)
        }
        return truth.isSet(index)
    }

    /// How many fields were searched so far in this turn or its record.
    var searchCount: Int { searchedTexts.nonzeroBitCount + searchedValues.count { $0 } }

    private func hasSearched(_ field: TextField) -> Bool {
        searchedTexts & (1 << UInt8(field.rawValue)) != 0
    }

    /// Looks for what triggers rules, or for all else that they ask of a field, in the turn's texts.
    private mutating func search(
        _ field: TextField, forTriggers: Bool, _ turn: EvaluatedTurn,
        _ decoder: InteractionDecoder
    ) {
        if !forTriggers { searchedTexts |= 1 << UInt8(field.rawValue) }
        guard let scanner = textScanners[field.rawValue] else { return }
        for index in turn.turn.texts {
            let text = decoder.interaction.texts[index]
            // Raw text might be anyone's: it counts for every text field.
            guard text.field == field || text.field == nil else { continue }
            if field == .system, text.field != nil {
                searchSystem(text.slice, scanner, decoder)
                continue
            }
            Self.scan(decoder.bytes(of: text.slice), scanner, forTriggers, views) {
                truth.set($0)
            }
        }
    }

    /// Scans a text as it is written and in each of its views.
    private static func scan(
        _ text: Span<UInt8>, _ scanner: FieldScanner, _ forTriggers: Bool, _ views: TextViews,
        _ note: (_ atom: Int) -> Void
    ) {
        scanner.scan(text, forTriggers: forTriggers, note)
        views.forEachDerived(of: text) { scanner.scan($1, forTriggers: forTriggers, note) }
    }

    /// A system text is searched once, and what was found in it remembered.
    private mutating func searchSystem(
        _ slice: TextSlice, _ scanner: FieldScanner, _ decoder: InteractionDecoder
    ) {
        let bytes = decoder.bytes(of: slice)
        let key = systemTexts.key(of: bytes)
        if let found = systemTexts.found(key) {
            for atom in found { truth.set(Int(atom)) }
            return
        }
        systemAtoms.removeAll(keepingCapacity: true)
        for forTriggers in [true, false] {
            Self.scan(bytes, scanner, forTriggers, views) { systemAtoms.append(Int32($0)) }
        }
        systemTexts.remember(key, found: systemAtoms)
        for atom in systemAtoms { truth.set(Int(atom)) }
    }

    /// Searches one of the record's own values.
    private mutating func searchValues(_ index: Int, _ decoder: InteractionDecoder) {
        searchedValues[index] = true
        let value = plan.values[index]
        let scanner = valueScanners[index]
        value.field.forEachText(of: decoder) { bytes in
            scanner.scan(bytes)
            for hit in scanner.hits {
                let atom = value.patterns.atoms[hit.pattern]
                recordAtoms.append(atom)
                truth.set(atom)
            }
        }
    }
}
