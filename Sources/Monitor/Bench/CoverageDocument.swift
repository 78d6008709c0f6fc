// SPDX-License-Identifier: Apache-2.0
internal import Correlation
internal import Detection
internal import Sigma

/// The coverage of a rule set as it is printed.
struct CoverageDocument: Encodable {
    /// A risk area or a taxonomy entry, with the rules that carry its tag.
    struct Entry: Encodable {
        let tag: String
        /// By level: rules that raise reports, correlations apart.
        let levels: [String: Int]
        /// By role.
        let roles: [String: Int]
        let correlations: Int
        /// Ids of the rules and the correlations.
        let rules: [String]
    }

    /// A rule that lacks something.
    struct Lack: Encodable {
        let id: String
        let title: String
        let file: String
        var matching: Int?
        var nearMisses: Int?
    }

    static let testsWanted = 2
    let areas: [Entry]
    let taxonomies: [Entry]
    let withoutArea: [Lack]
    let withoutTaxonomy: [Lack]
    let withFewTests: [Lack]

    init(_ set: RuleSet) {
        let rules = CoveredRule.all(of: set)
        let tags = Set(rules.flatMap(\.tags))
        areas = tags.filter { $0.hasPrefix(CoveredRule.areaPrefix) }.sorted()
            .map { Entry($0, rules) }
        taxonomies = tags.filter(CoveredRule.isOfTaxonomy).sorted().map { Entry($0, rules) }
        let raising = rules.filter { $0.derives == nil }
        withoutArea = raising.filter { rule in
            !rule.tags.contains { $0.hasPrefix(CoveredRule.areaPrefix) }
        }.map { Lack($0) }
        withoutTaxonomy = raising.filter { rule in
            !rule.tags.contains(where: CoveredRule.isOfTaxonomy)
        }.map { Lack($0) }
        withFewTests = rules.filter {
            min($0.matching, $0.nearMisses) < Self.testsWanted
        }.map { Lack($0, countsTests: true) }
    }

    var lines: [String] {
        table("risk area", areas) + [""] + table("taxonomy entry", taxonomies)
            + list("without a risk area", withoutArea)
            + list("without a taxonomy entry", withoutTaxonomy)
            + list("with fewer than \(Self.testsWanted) tests each way", withFewTests)
    }

    private func table(_ name: String, _ entries: [Entry]) -> [String] {
        let width = max(20, entries.map(\.tag.count).max() ?? 0) + 2
        let levels = Level.allCases.map(\.rawValue).reversed()
        let roles = RuleRole.allCases.map(\.rawValue)
        let columns = levels + roles + ["correlations"]
        let widths = columns.map { max($0.count, 4) + 2 }
        func row(_ name: String, _ cells: [String]) -> String {
            zip(cells, widths).reduce(name.padded(to: width)) { line, cell in
                line + String(repeating: " ", count: max(0, cell.1 - cell.0.count)) + cell.0
            }
        }
        func cell(_ count: Int?) -> String { count.map { $0 == 0 ? "." : "\($0)" } ?? "." }
        return [row(name, columns)]
            + entries.map { entry in
                row(
                    entry.tag,
                    levels.map { cell(entry.levels[$0]) } + roles.map { cell(entry.roles[$0]) }
                        + [cell(entry.correlations)])
            }
    }

    private func list(_ name: String, _ lacks: [Lack]) -> [String] {
        guard !lacks.isEmpty else { return ["", "rules \(name): none"] }
        return ["", "rules \(name): \(lacks.count)"]
            + lacks.map { lack in
                let counts = lack.matching.map {
                    ", \($0) that match, \(lack.nearMisses ?? 0) that do not"
                }
                return "  \(lack.title) (\(lack.file))" + (counts ?? "")
            }
    }
}

/// A detection or a correlation, as far as coverage looks at it.
private struct CoveredRule {
    static let areaPrefix = "risk."
    let id: String
    let title: String
    let file: String
    let level: String
    /// Of a correlation: also those of the rules that it looks at.
    let tags: Set<String>
    let derives: String?
    /// Nil for a correlation.
    let role: RuleRole?
    let matching: Int
    let nearMisses: Int

    static func isOfTaxonomy(_ tag: String) -> Bool {
        tag.hasPrefix("attack.") || tag.hasPrefix("atlas.")
    }

    static func all(of set: RuleSet) -> [CoveredRule] {
        let detections = set.plan.rules.map { rule in
            CoveredRule(
                id: rule.id, title: rule.title, file: rule.location.file,
                level: rule.level.rawValue, tags: Set(rule.tags.map { $0.lowercased() }),
                derives: rule.derives, role: RuleRole(of: rule.condition),
                matching: rule.tests.count { $0.matches },
                nearMisses: rule.tests.count { !$0.matches })
        }
        var tags = Dictionary(
            detections.map { ($0.id, $0.tags) }, uniquingKeysWith: { first, _ in first })
        // Each stands behind those that it looks at.
        let correlations = set.correlations.rules.map { rule in
            let own = Set(rule.tags.map { $0.lowercased() })
            tags[rule.id] = rule.rules.reduce(own) { $0.union(tags[$1] ?? []) }
            return CoveredRule(
                id: rule.id, title: rule.title, file: rule.location.file,
                level: rule.level.rawValue, tags: tags[rule.id] ?? own, derives: nil, role: nil,
                matching: rule.tests.count { $0.matches },
                nearMisses: rule.tests.count { !$0.matches })
        }
        return detections + correlations
    }
}

extension CoverageDocument.Entry {
    fileprivate init(_ tag: String, _ rules: [CoveredRule]) {
        let own = rules.filter { $0.derives == nil && $0.tags.contains(tag) }
        let detections = own.filter { $0.role != nil }
        self.tag = tag
        levels = Dictionary(grouping: detections, by: \.level).mapValues(\.count)
        roles = Dictionary(grouping: detections) { $0.role?.rawValue ?? "" }.mapValues(\.count)
        correlations = own.count - detections.count
        self.rules = own.map(\.id)
    }
}

extension CoverageDocument.Lack {
    fileprivate init(_ rule: CoveredRule, countsTests: Bool = false) {
        id = rule.id
        title = rule.title
        file = rule.file
        if countsTests {
            matching = rule.matching
            nearMisses = rule.nearMisses
        }
    }
}
