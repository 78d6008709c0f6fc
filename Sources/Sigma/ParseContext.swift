// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// What a known field holds that has one value at most.
package enum MetadataKind: Sendable {
    case text, number, boolean
}

/// The names that rules may use.
struct Vocabulary {
    /// Texts, metadata and what rules derive.
    var fields: [String]
    /// Those with one value at most.
    var metadata: [String: MetadataKind]
    /// What `expand` puts in.
    var placeholders: [String: [String]]

    /// Whether a plain number that the field is compared with is a text.
    func holdsText(_ field: String) -> Bool {
        fields.contains(field) && (metadata[field] ?? .text) == .text
    }
}

/// What the parts of the parser share while one file is read.
final class ParseContext {
    let file: String
    /// Complete once all files' derived fields are known, before anything looks at it.
    var vocabulary: Vocabulary
    private let lines: SourceLines
    private(set) var diagnostics: [Diagnostic] = []
    private var told: [SourceLocation: Set<String>] = [:]
    /// Values that may still be looked at: aliases and modifiers can make a small file unfold
    /// without end.
    private var valuesLeft = 100_000

    init(file: String, vocabulary: Vocabulary, lines: SourceLines) {
        self.file = file
        self.vocabulary = vocabulary
        self.lines = lines
    }

    func location(_ mark: Mark?) -> SourceLocation {
        SourceLocation(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    func location(of node: Node) -> SourceLocation { location(node.mark) }

    /// More than anyone reads, and few enough to be told in no time.
    private static let diagnosticsMax = 500

    /// How many errors there were so far, those that were told before included.
    private(set) var errorCount = 0

    /// Tells a problem; one that an alias makes appear again is told once.
    func report(_ problem: Problem, at location: SourceLocation) {
        if problem.severity == .error { errorCount += 1 }
        guard diagnostics.count < Self.diagnosticsMax,
            told[location, default: []].insert(problem.title).inserted
        else { return }
        // The last that is told is an error, so that no file is right with warnings alone.
        let isLast = diagnostics.count == Self.diagnosticsMax - 1
        diagnostics.append(lines.diagnostic(isLast ? .tooManyProblems : problem, at: location))
    }

    func report(_ problem: Problem, at node: Node) { report(problem, at: location(of: node)) }

    /// Counts a value that is looked at; false once there are too many, which is told once.
    func count(_ node: Node) -> Bool { count(1, at: location(of: node)) }

    func count(_ values: Int, at location: SourceLocation) -> Bool {
        let isFirst = valuesLeft > 0
        valuesLeft = max(0, valuesLeft - values)
        if isFirst, valuesLeft == 0 { report(.tooLarge, at: location) }
        return valuesLeft > 0
    }

    /// Warns of a field that is nearly a known one.
    func checkField(_ name: String, at location: SourceLocation) {
        guard !vocabulary.fields.contains(name),
            let known = nearestName(to: name, in: vocabulary.fields)
        else { return }
        report(.unknownField(name, known: known), at: location)
    }

    /// The texts of a list, or of a single text, with their places; reports anything else.
    func texts(_ node: Node?, of key: String) -> [(text: String, location: SourceLocation)] {
        guard let node else { return [] }
        if let text = node.scalar?.string {
            return node.isNull ? [] : [(text, location(of: node))]
        }
        guard let list = node.sequence else {
            report(.wrongType(key, expected: "a list of texts"), at: node)
            return []
        }
        return list.compactMap { element in
            guard count(element) else { return nil }
            if let text = element.scalar?.string { return (text, location(of: element)) }
            report(.wrongType(key, expected: "a list of texts"), at: element)
            return nil
        }
    }
}

extension Node {
    /// Written as a plain `null`, `~` or nothing.
    var isNull: Bool { scalar?.style == .plain && null != nil }

    /// The number that an unquoted scalar stands for.
    var plainNumber: Double? {
        guard let scalar, scalar.style == .plain, let number = int.map(Double.init) ?? float,
            number.isFinite
        else { return nil }
        return number
    }

    /// What an unquoted `true` or `false` stands for.
    var plainFlag: Bool? { scalar?.style == .plain ? bool : nil }
}
