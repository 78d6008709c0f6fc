// SPDX-License-Identifier: Apache-2.0
internal import Interactions
internal import PatternScan
internal import Sigma

/// Measures what each rule's patterns add to the search of a sample of texts.
///
/// All patterns of a field that trigger rules are searched together, of which no part is a rule's
/// own. So the search is timed with all patterns and without those that only one rule's file
/// looks for, in turns, and the difference of the shortest times is that rule's: what its removal
/// would save. Patterns that trigger none cost nothing until a condition asks for them.
/// Patterns that several rules share cost none of them anything by this measure.
package struct PatternMeter {
    /// What came of measuring, for all that was searched.
    package struct Result: Sendable {
        /// The whole search for all patterns.
        package var searchNanoseconds = 0.0
        /// By rule of the plan: what its own patterns add; nil when it has none of its own, or
        /// the measuring was ended before.
        package var added: [Double?]
        /// What cannot be told from nothing: twice the deviation of one and the same pass, timed
        /// again for each rule, from its first time.
        package var noiseNanoseconds = 0.0
    }

    private static let rounds = 5
    private let plan: DetectionPlan
    private let sample: TextSample
    private let clock = ContinuousClock()

    package init(_ plan: DetectionPlan, _ sample: TextSample) {
        self.plan = plan
        self.sample = sample
    }

    /// - Parameter progress: Is told how many of how many rules are measured; false ends it.
    /// - Throws: `PatternError` when there is no memory for scanning.
    /// - Complexity: Each rule's patterns make a database to be compiled without them.
    package func measure(progress: (_ done: Int, _ all: Int) -> Bool) throws -> Result {
        var result = Result(added: Array(repeating: nil, count: plan.rules.count))
        let exclusive = exclusivePatterns()
        let fields = TextField.allCases.compactMap { field in
            plan.texts[field.rawValue].map { FieldTexts(field, $0, sample) }
        }.filter { !$0.texts.isEmpty }
        for field in fields {
            let scanner = try FieldScanner(field.patterns)
            let times = (0..<Self.rounds).map { _ in nanoseconds(scanner, field.texts) }
            result.searchNanoseconds += (times.min() ?? 0) * sample.scale
        }
        var spread: [Double] = []
        for rule in plan.rules.indices {
            guard progress(rule, plan.rules.count) else { break }
            for field in fields {
                let own = exclusive[rule].intersection(field.patterns.entries.map(\.pattern))
                guard !own.isEmpty else { continue }
                let (with, without) = try compare(field, without: own)
                spread.append((with - field.noteFirst(with)) * sample.scale)
                let added = max(0, with - without) * sample.scale
                result.added[rule] = (result.added[rule] ?? 0) + added
            }
        }
        let squares = spread.reduce(0) { $0 + $1 * $1 }
        result.noiseNanoseconds = 2 * (squares / Double(max(spread.count, 1))).squareRoot()
        return result
    }

    /// The shortest times of the pass with all of a field's patterns and without some.
    private func compare(
        _ field: FieldTexts, without own: Set<Int>
    ) throws -> (with: Double, without: Double) {
        let all = try FieldScanner(field.patterns)
        let left = field.patterns.entries.filter { !own.contains($0.pattern) }
        let others = try FieldScanner(FieldPatterns(left, of: plan.patterns))
        var with = Double.infinity
        var without = Double.infinity
        for _ in 0..<Self.rounds {
            with = min(with, nanoseconds(all, field.texts))
            without = min(without, nanoseconds(others, field.texts))
        }
        return (with, without)
    }

    private func nanoseconds(_ scanner: FieldScanner, _ texts: [[UInt8]]) -> Double {
        let start = clock.now
        for text in texts { scanner.scan(text.span, forTriggers: true) { _ in } }
        let (seconds, attoseconds) = (clock.now - start).components
        return Double(seconds) * 1e9 + Double(attoseconds) / 1e9
    }

    /// By rule: the patterns that no other rule's file has.
    private func exclusivePatterns() -> [Set<Int>] {
        let own = plan.rules.indices.map { rule in
            let start = plan.conditions.starts[rule]
            return ownPatterns(of: plan.rules[rule].condition, at: plan.conditions.body(of: start))
        }
        var users: [Int: Int] = [:]
        for pattern in own.joined() { users[pattern, default: 0] += 1 }
        return own.map { $0.filter { users[$0] == 1 } }
    }

    /// What a condition looks for itself, not in the definitions of the fields that it uses.
    private func ownPatterns(of expression: Expression, at node: Int) -> Set<Int> {
        switch expression {
        case .named(.derived, _): return []
        case .named(_, let inner): return ownPatterns(of: inner, at: node)
        case .not(let inner): return ownPatterns(of: inner, at: node + 1)
        case .and(let parts), .or(let parts):
            return zip(parts, plan.conditions.parts(of: node)).reduce(into: []) {
                $0.formUnion(ownPatterns(of: $1.0, at: $1.1))
            }
        case .match:
            let code = plan.conditions.nodes[node]
            guard code.kind == .atom, plan.atoms[Int(code.value)].isOfText,
                case .pattern(let pattern) = plan.atoms[Int(code.value)].test
            else { return [] }
            return [pattern]
        }
    }
}

/// The texts of a sample that one field's patterns are searched in.
private final class FieldTexts {
    let patterns: FieldPatterns
    let texts: [[UInt8]]
    private var first: Double?

    init(_ field: TextField, _ patterns: FieldPatterns, _ sample: TextSample) {
        self.patterns = patterns
        texts = sample.elements.filter { $0.field == field || $0.field == nil }
            .flatMap(\.views)
    }

    /// The time of the field's first pass, which later ones are compared with.
    func noteFirst(_ nanoseconds: Double) -> Double {
        let known = first ?? nanoseconds
        first = known
        return known
    }
}
