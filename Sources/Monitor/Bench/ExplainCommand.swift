// SPDX-License-Identifier: Apache-2.0
internal import Detection
internal import Foundation
internal import Interactions
internal import Reports
internal import Sigma

/// `tocsin rules explain`: says why a rule is true of a record, or what it lacks.
package struct ExplainCommand {
    private static let excerptBytes = 80
    private let rules: RuleSet
    private let rule: Int
    private let shape: RecordShape
    private let format: ReportFormat

    /// - Parameter rule: An id, an unambiguous beginning of one, a name or a title.
    /// - Throws: ``SettingsError`` or ``RuleFaults``.
    package init(rules: [String], rule: String, shape: String, format: ReportFormat) throws {
        self.rules = try RuleSet(paths: rules)
        self.rule = try self.rules.index(ofRule: rule)
        self.shape = try ShapeFile.shape(named: shape, from: ".")
        self.format = format
    }

    /// Explains what stands on standard input; the exit status: 0 the rule matches, 1 it does
    /// not.
    package func run() throws -> Int32 {
        let explanations = try explain(ExplainInput.read(.standardInput))
        guard !explanations.isEmpty else {
            throw SettingsError(
                "the standard input holds no turn; give a record of a log, or an event as tests do")
        }
        switch format {
        case .text: print(ExplanationText(explanations, of: rules.plan.rules[rule]).text)
        case .json:
            print(try JSONLine.text(of: ExplanationDocument(explanations, rules.plan.rules[rule])))
        }
        return explanations.contains(where: \.isTrue) ? 0 : 1
    }

    private func explain(_ input: ExplainInput) throws -> [Explanation] {
        switch input {
        case .event(let event):
            let explanation = try RuleExplainer.explanation(of: rule, rules, on: event)
            return explanation.map { [$0] } ?? []
        case .records(let bytes):
            let explainer = try RuleExplainer(
                rules, rule: rule, shape: shape, excerptBytes: Self.excerptBytes)
            return explainer.explain(bytes)
        }
    }
}

/// JSON documents as programs read them from the operators' tools: one line, keys in order.
enum JSONLine {
    static func text(of document: some Encodable) throws -> String {
        try JSONDocument.line(of: document) { $0.keyEncodingStrategy = .convertToSnakeCase }
    }
}
