// SPDX-License-Identifier: Apache-2.0
package import Bytes
package import Interactions
internal import PatternScan

/// Evaluates a plan's rules on log lines: the whole per-record loop.
///
/// For each line: decode it, skip the turns that only repeat what was evaluated before, scan
/// each text of the others once, and work out the rules that a found pattern triggers. One
/// evaluator for each thread; lines of one stream are to be given in their order.
///
/// - Complexity: Linear in the line's bytes; no allocation in steady state for a line without
///   findings.
package final class Evaluator {
    package let plan: DetectionPlan
    package private(set) var counts = EvaluationCounts()
    private let decoder: InteractionDecoder
    /// In the order of the plan's fields.
    private let textScanners: [PatternScanner?]
    private let metadataScanners: [PatternScanner]
    private let pathScanners: [PatternScanner]
    private let cutter: ExcerptCutter
    private var seen: SeenTurns
    private var truth: AtomTruth
    /// Atoms that the record's metadata and paths make true, for each of its turns.
    private var recordAtoms: [Int] = []
    private var pathSlices: [TextSlice] = []

    /// - Throws: `PatternError` when there is no memory for scanning.
    package init(
        _ plan: DetectionPlan, shape: RecordShape, excerptBytes: Int
    ) throws {
        self.plan = plan
        decoder = InteractionDecoder(shape: shape)
        textScanners = try plan.texts.map { try $0.map { try PatternScanner($0.database) } }
        metadataScanners = try plan.metadata.map { try PatternScanner($0.patterns.database) }
        pathScanners = try plan.paths.map { try PatternScanner($0.patterns.database) }
        cutter = ExcerptCutter(patterns: plan.patterns, limitBytes: excerptBytes)
        seen = SeenTurns()
        truth = AtomTruth(plan)
    }

    /// Evaluates every line of a block, or the one window that it holds.
    ///
    /// - Parameters:
    ///   - offset: Where the block's first line begins in its stream; a window's line.
    ///   - line: The number of the block's first line, from 1.
    package func evaluate(
        _ block: LineBlock, offset: Int, line: Int, into findings: inout [Finding]
    ) {
        if case .window(let isLast) = block.content {
            if isLast {
                counts.lines += 1
                counts.records += 1
                counts.malformed += 1
            }
            decoder.decodeWindow(block.bytes)
            return evaluateRecord(
                at: LinePlace(offset: offset, line: line, isWindow: true), into: &findings)
        }
        let bytes = block.bytes
        var start = 0
        var number = line
        while start < bytes.count {
            let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: start) ?? bytes.count
            counts.lines += 1
            let text = bytes.extracting(start..<end)
            if !text.isBlank {
                decoder.decode(text)
                counts.records += 1
                if decoder.interaction.isMalformed { counts.malformed += 1 }
                evaluateRecord(
                    at: LinePlace(offset: offset + start, line: number, isWindow: false),
                    into: &findings)
            }
            start = end + 1
            number += 1
        }
    }

    private struct LinePlace {
        let offset: Int
        let line: Int
        let isWindow: Bool
    }

    private func evaluateRecord(at place: LinePlace, into findings: inout [Finding]) {
        collectRecordAtoms()
        for turn in decoder.interaction.turns {
            if turn.isHistory {
                if seen.insertHistory(turn, of: decoder) { continue }
            } else if !place.isWindow {
                seen.insertOwn(turn, of: decoder)
            }
            counts.turns += 1
            evaluate(turn, at: place, into: &findings)
        }
    }

    /// Scans the metadata and paths that some rule looks at, once a record.
    private func collectRecordAtoms() {
        guard !(plan.metadata.isEmpty && plan.paths.isEmpty) else { return }
        recordAtoms.removeAll(keepingCapacity: true)
        for (index, (field, patterns)) in plan.metadata.enumerated() {
            guard let slice = decoder.interaction[field] else { continue }
            scanForRecord(slice, patterns, metadataScanners[index])
        }
        for (index, (path, patterns)) in plan.paths.enumerated() {
            pathSlices.removeAll(keepingCapacity: true)
            decoder.appendStrings(at: path, to: &pathSlices)
            for slice in pathSlices { scanForRecord(slice, patterns, pathScanners[index]) }
        }
    }

    private func scanForRecord(
        _ slice: TextSlice, _ patterns: DetectionPlan.FieldPatterns, _ scanner: PatternScanner
    ) {
        let decoder = decoder
        scanner.scan(decoder.bytes(of: slice))
        for hit in scanner.hits { recordAtoms.append(patterns.atoms[hit.pattern]) }
    }

    private func evaluate(_ turn: Turn, at place: LinePlace, into findings: inout [Finding]) {
        truth.begin()
        for atom in recordAtoms { truth.set(atom) }
        scanTexts(of: turn, inTriggerFields: true)
        truth.addAlwaysEvaluated()
        guard !truth.candidates.isEmpty else { return }
        scanTexts(of: turn, inTriggerFields: false)
        var digest: [UInt8]?
        for index in truth.candidates.indices {
            let rule = truth.candidates[index]
            guard holds(plan.conditions[rule], turn) else { continue }
            let known = digest ?? (place.isWindow ? [] : decoder.digest(of: turn))
            digest = known
            findings.append(finding(rule, turn, at: place, digest: known))
        }
    }

    /// Scans the texts of those fields that can trigger a rule, or of the others.
    private func scanTexts(of turn: Turn, inTriggerFields: Bool) {
        for index in turn.texts {
            let text = decoder.interaction.texts[index]
            guard let field = text.field else {
                // Raw text might be anyone's: it counts for every text field.
                for field in TextField.allCases {
                    scan(text.slice, as: field, ifTriggers: inTriggerFields)
                }
                continue
            }
            scan(text.slice, as: field, ifTriggers: inTriggerFields)
        }
    }

    /// Looks for what rules ask of a field in one text, and notes what is found.
    private func scan(_ slice: TextSlice, as field: TextField, ifTriggers: Bool) {
        guard let patterns = plan.texts[field.rawValue], patterns.holdsTriggers == ifTriggers,
            let scanner = textScanners[field.rawValue]
        else { return }
        let decoder = decoder
        scanner.scan(decoder.bytes(of: slice))
        for hit in scanner.hits { truth.set(patterns.atoms[hit.pattern]) }
    }

    private func holds(_ condition: DetectionPlan.Condition, _ turn: Turn) -> Bool {
        switch condition {
        case .atom(let atom): holds(atom, turn)
        case .and(let parts): parts.allSatisfy { holds($0, turn) }
        case .or(let parts): parts.contains { holds($0, turn) }
        case .not(let part): !holds(part, turn)
        }
    }

    private func holds(_ atom: Int, _ turn: Turn) -> Bool {
        switch plan.atoms[atom].test {
        case .pattern: truth.isSet(atom)
        case .boolean(let wanted):
            switch plan.atoms[atom].field {
            case .malformed: decoder.interaction.isMalformed == wanted
            case .path(let path): decoder.boolean(at: path) == wanted
            case .text, .metadata: false
            }
        case .number(let wanted):
            if case .path(let path) = plan.atoms[atom].field {
                decoder.number(at: path) == wanted
            } else {
                false
            }
        case .absent: isAbsent(plan.atoms[atom].field, turn)
        }
    }

    private func isAbsent(_ field: RuleField, _ turn: Turn) -> Bool {
        switch field {
        case .text(let field):
            !turn.texts.contains { index in
                let found = decoder.interaction.texts[index].field
                return found == field || found == nil
            }
        case .metadata(let field): decoder.interaction[field] == nil
        case .malformed: false
        case .path(let path): !decoder.hasValue(at: path)
        }
    }

    private func finding(
        _ rule: Int, _ turn: Turn, at place: LinePlace, digest: [UInt8]
    ) -> Finding {
        var finding = Finding(
            rule: rule, offset: place.offset, line: place.line, turn: turn.index,
            isHistory: turn.isHistory, turnDigest: digest,
            isMalformed: decoder.interaction.isMalformed,
            timeMilliseconds: decoder.interaction.timeMilliseconds,
            recordID: text(of: .recordID), model: text(of: .model),
            conversation: text(of: .conversation), actor: text(of: .actor))
        describe(plan.conditions[rule], turn, in: &finding)
        return finding
    }

    /// Metadata as a string, cut where no honest log goes: an identifier is not a text.
    private func text(of field: MetadataField) -> String? {
        let decoder = decoder
        guard let slice = decoder.interaction[field] else { return nil }
        let bytes = decoder.bytes(of: slice)
        let kept = bytes.extracting(first: 512)
        return String(decoding: kept.copied(), as: UTF8.self)
    }

    /// Says which text made the condition true and cuts the excerpt, around the most telling of
    /// the patterns that were found.
    private func describe(
        _ condition: DetectionPlan.Condition, _ turn: Turn, in finding: inout Finding
    ) {
        guard let (atom, pattern) = mostTelling(in: condition, turn),
            case .text(let field) = plan.atoms[atom].field,
            let patterns = plan.texts[field.rawValue], let scanner = textScanners[field.rawValue]
        else { return }
        let decoder = decoder
        for index in turn.texts {
            let text = decoder.interaction.texts[index]
            guard text.field == nil || text.field == field else { continue }
            let bytes = decoder.bytes(of: text.slice)
            scanner.scan(bytes)
            guard let hit = scanner.hits.first(where: { patterns.patterns[$0.pattern] == pattern })
            else { continue }
            finding.field = text.field
            finding.excerpt = cutter.cut(bytes, around: pattern, endingAt: hit.end)
            return
        }
    }

    /// The found pattern that pins down most of its text; nil when the rule needed none.
    private func mostTelling(
        in condition: DetectionPlan.Condition, _ turn: Turn
    ) -> (atom: Int, pattern: Int)? {
        switch condition {
        case .atom(let atom):
            guard case .text = plan.atoms[atom].field, truth.isSet(atom),
                case .pattern(let pattern) = plan.atoms[atom].test
            else { return nil }
            return (atom, pattern)
        case .not: return nil
        case .and(let parts), .or(let parts):
            var best: (atom: Int, pattern: Int)?
            // What a false branch found is not the reason.
            for part in parts where holds(part, turn) {
                guard let found = mostTelling(in: part, turn) else { continue }
                let length = best.map { plan.patternLengths[$0.pattern] } ?? -1
                if plan.patternLengths[found.pattern] > length { best = found }
            }
            return best
        }
    }
}

extension Span<UInt8> {
    /// Whether it holds blanks only.
    fileprivate var isBlank: Bool {
        for index in 0..<count where !self[index].isASCIISpace { return false }
        return true
    }
}
