// SPDX-License-Identifier: Apache-2.0
internal import Detection
internal import Correlation
internal import Sigma

extension RuleSet {
    /// The rule that an operator means: by its id, an unambiguous beginning of it, its name or
    /// its title.
    ///
    /// - Returns: Index into the plan's rules.
    /// - Throws: ``SettingsError`` when it is none, one of several, or a correlation.
    func index(ofRule text: String) throws(SettingsError) -> Int {
        let wanted = text.lowercased()
        let exact = plan.rules.indices.filter {
            let rule = plan.rules[$0]
            return rule.id == wanted || rule.name == text || rule.title.lowercased() == wanted
        }
        let found =
            exact.isEmpty && !wanted.isEmpty
            ? plan.rules.indices.filter { plan.rules[$0].id.hasPrefix(wanted) } : exact
        if found.count == 1 { return found[0] }
        guard found.isEmpty else {
            let ids = found.prefix(8).map { "\(plan.rules[$0].id) (\(plan.rules[$0].title))" }
            throw SettingsError(
                "\(text): \(found.count) rules are called so; give one of: "
                    + ids.joined(separator: ", "))
        }
        let correlation = correlations.rules.first {
            $0.id.hasPrefix(wanted) || $0.name == text || $0.title.lowercased() == wanted
        }
        if let correlation, !wanted.isEmpty {
            throw SettingsError(
                """
                \(text): is a correlation, which no single record makes true; explain the rules \
                that it looks at: \(correlation.rules.joined(separator: ", "))
                """)
        }
        throw SettingsError("\(text): no rule has this id, name or title")
    }

    /// The title of a detection or a correlation.
    func title(ofRule id: String) -> String? {
        plan.rules.first { $0.id == id }?.title ?? correlations.rules.first { $0.id == id }?.title
    }
}

extension Rule {
    /// File and line, as editors take them.
    var place: String { "\(location.file):\(location.line)" }
}
