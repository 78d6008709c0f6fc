// SPDX-License-Identifier: Apache-2.0
internal import Bytes
package import Correlation
package import Detection
internal import Foundation
internal import Crypto
internal import Interactions
package import Scores
package import Sigma

/// Rules as they are loaded: parsed, checked and compiled, with the name of their exact text.
package struct RuleSet: Sendable {
    package let plan: DetectionPlan
    package let correlations: CorrelationPlan
    /// What gives the scores that rules compare.
    package let models: [ScoreModel]
    /// What is legal but looks wrong, each as it is printed.
    package let warnings: [String]
    /// SHA-256 over all rule files' texts and all models: what made a report.
    package let digest: String

    package var count: Int { plan.rules.count + correlations.rules.count }

    /// One of the rules is the program's own, which people did not write.
    private let hasCanary: Bool

    /// What the set holds, for people.
    package var summary: String {
        let count = hasCanary ? count - 1 : count
        let correlated = correlations.rules.count
        return "\(count) rules" + (correlated > 0 ? ", \(correlated) of them correlations" : "")
    }

    /// Loads all rule files and models at the paths: files, or folders searched for `*.yml`,
    /// `*.yaml` and `*.model`, of which the first override the others (``RuleFiles``).
    ///
    /// - Parameters:
    ///   - placeholders: The values of what rules write as `%name%` with `|expand`.
    ///   - hasCanary: Adds the rule that finds the monitor's own records.
    ///   - threads: How many compile at most. Beside the rules in force one is enough: there memory
    ///     counts more than time.
    /// - Throws: ``RuleFaults`` with all that is wrong in them, or ``SettingsError`` when a file
    ///   cannot be read or there is no rule at all.
    package init(
        paths: [String], placeholders: [String: [String]] = [:], hasCanary: Bool = false,
        threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws {
        self.hasCanary = hasCanary
        var sources: [RuleSource] = []
        var modelFiles = ModelFiles()
        for file in try RuleFiles(at: paths).paths {
            if file.hasSuffix(ModelFiles.ending) {
                try modelFiles.load(file)
            } else {
                sources.append(RuleSource(file: file, text: try TextFile.read(file)))
            }
        }
        digest = Self.digest(of: sources, modelFiles.contents)
        models = modelFiles.models
        let scores = models.flatMap(\.tables).flatMap(\.fieldNames)
        let parsed = parseRules(
            sources, fields: knownRuleFields + scores,
            metadata: singleValueFields.merging(scores.map { ($0, .number) }) { $1 },
            placeholders: placeholders)
        guard !parsed.hasErrors else { throw RuleFaults(diagnostics: parsed.diagnostics) }
        guard !parsed.rules.isEmpty else {
            throw SettingsError(
                "\(paths.joined(separator: ", ")): holds no rule; name a folder of Sigma files")
        }
        do {
            plan = try DetectionPlan(
                hasCanary ? parsed.adding(CanaryRecord.rules) : parsed, models: models,
                threads: threads)
        } catch {
            throw RuleFaults(diagnostics: parsed.diagnostics + error.diagnostics)
        }
        do {
            correlations = try CorrelationPlan(parsed.correlations)
        } catch {
            throw SettingsError("\(error)")
        }
        warnings = (parsed.diagnostics + plan.warnings).map { $0.rendered() }
    }

    /// Taken before anything is compiled, so that the texts need not be held until then.
    private static func digest(of sources: [RuleSource], _ models: [[UInt8]]) -> String {
        var hash = SHA256()
        for source in sources {
            // The length keeps apart what stands in which file.
            hash.update(data: Data("\(source.text.utf8.count)\n".utf8))
            hash.update(data: Data(source.text.utf8))
        }
        for bytes in models {
            hash.update(data: Data("\(bytes.count)\n".utf8))
            hash.update(data: bytes)
        }
        return hash.finalize().hexadecimal
    }

    /// The fields of each rule whose values its findings carry, by the rule's id.
    var capturedFields: [String: [String]] {
        var fields: [String: [String]] = [:]
        for rule in plan.rules {
            var names = correlations.capturedFields(ofRule: rule.id) ?? []
            for name in rule.suppression?.fields ?? [] where !names.contains(name) {
                names.append(name)
            }
            if !names.isEmpty { fields[rule.id] = names }
        }
        return fields
    }
}

/// Rule files that cannot be used, with everything that is wrong in them.
package struct RuleFaults: Error, CustomStringConvertible {
    package let diagnostics: [Diagnostic]

    package var description: String {
        diagnostics.map { $0.rendered() }.joined(separator: "\n")
    }
}
