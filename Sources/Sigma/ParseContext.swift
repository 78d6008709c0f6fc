// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// What the parts of the parser share while one file is read.
final class ParseContext {
    let file: String
    let fields: [String]
    private let lines: SourceLines
    private(set) var diagnostics: [Diagnostic] = []
    private var told: [SourceLocation: Set<String>] = [:]
    /// Values that may still be looked at: aliases can make a small file unfold without end.
    private var valuesLeft = 100_000

    init(file: String, fields: [String], lines: SourceLines) {
        self.file = file
        self.fields = fields
        self.lines = lines
    }

    func location(_ mark: Mark?) -> SourceLocation {
        SourceLocation(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    func location(of node: Node) -> SourceLocation { location(node.mark) }

    /// Tells a problem; one that an alias makes appear again is told once.
    func report(_ problem: Problem, at location: SourceLocation) {
        guard told[location, default: []].insert(problem.description.title).inserted else { return }
        diagnostics.append(lines.diagnostic(problem, at: location))
    }

    func report(_ problem: Problem, at node: Node) { report(problem, at: location(of: node)) }

    /// Counts a value that is looked at; false once there are too many, which is told once.
    func count(_ node: Node) -> Bool {
        valuesLeft -= 1
        if valuesLeft == 0 { report(.tooLarge, at: node) }
        return valuesLeft > 0
    }

    /// The texts of a list, or of a single text; reports anything else.
    func texts(_ node: Node?, of key: String) -> [String] {
        guard let node else { return [] }
        if let text = node.scalar?.string { return node.isNull ? [] : [text] }
        guard let list = node.sequence else {
            report(.wrongType(key, expected: "a list of texts"), at: node)
            return []
        }
        return list.compactMap { element in
            guard count(element) else { return nil }
            if let text = element.scalar?.string { return text }
            report(.wrongType(key, expected: "a list of texts"), at: element)
            return nil
        }
    }
}

extension Node {
    /// Written as a plain `null`, `~` or nothing.
    var isNull: Bool { scalar?.style == .plain && null != nil }
}
