// SPDX-License-Identifier: Apache-2.0
internal import Correlation
internal import Reports
internal import Sigma

/// The correlations that can be worked over the findings of many hosts.
///
/// Findings are cut in partitions by their actor, so only a correlation that keeps actors apart,
/// and looks at none that does not, sees all of a group in one partition.
struct FleetRules {
    let plan: CorrelationPlan
    /// What is not worked, each as it is told.
    let warnings: [String]

    /// - Throws: ``SettingsError`` when there is no correlation to work.
    init(_ rules: RuleSet) throws(SettingsError) {
        let all = rules.correlations.rules
        let byID = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let worked = all.filter { Self.keepsActorsApart($0, byID) }
        warnings = all.filter { !Self.keepsActorsApart($0, byID) }.map { rule in
            "\(rule.title) (\(rule.id)) is not worked across hosts: its group-by, or that of a "
                + "correlation that it looks at, does not hold \(PublishedFinding.partitionField)"
        }
        guard !worked.isEmpty else {
            throw SettingsError(
                "no correlation can be worked across hosts; one needs "
                    + "`group-by: [\(PublishedFinding.partitionField)]`")
        }
        do {
            plan = try CorrelationPlan(worked)
        } catch {
            throw SettingsError("\(error)")
        }
    }

    /// Correlations look at no others in circles: that was checked with all rules.
    private static func keepsActorsApart(
        _ rule: CorrelationRule, _ byID: [String: CorrelationRule]
    ) -> Bool {
        let field = PublishedFinding.partitionField
        let groups = rule.groupBy.contains { name in
            guard let alias = rule.aliases[name] else { return name == field }
            return rule.rules.allSatisfy { alias[$0] == field }
        }
        return groups
            && rule.rules.allSatisfy { id in
                byID[id].map { keepsActorsApart($0, byID) } ?? true
            }
    }
}
