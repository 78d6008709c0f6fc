// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// Reads the tests that a rule carries.
///
///     tests:
///       - name: what it shows
///         match: true
///         event: {prompt: TEXT, response: TEXT}
struct RuleTestParser {
    private let context: ParseContext

    init(_ context: ParseContext) { self.context = context }

    func tests(_ node: Node?) -> [RuleTest] {
        guard let node, !node.isNull else { return [] }
        guard let list = node.sequence else {
            context.report(.badTest("`tests` is a list"), at: node)
            return []
        }
        return list.compactMap { context.count($0) ? test($0) : nil }
    }

    private func test(_ node: Node) -> RuleTest? {
        guard let members = node.mapping else {
            context.report(.badTest("a test is a mapping"), at: node)
            return nil
        }
        for (key, _) in members where !["name", "match", "event"].contains(key.string) {
            context.report(.badTest("a test has no `\(key.string ?? "?")`"), at: key)
            return nil
        }
        guard let name = members["name"]?.scalar?.string, !name.isEmpty else {
            context.report(.badTest("a test without a name"), at: node)
            return nil
        }
        guard let match = members["match"]?.bool else {
            context.report(.badTest("a test that does not say `match: true` or `false`"), at: node)
            return nil
        }
        guard let fields = members["event"]?.mapping, !fields.isEmpty else {
            context.report(.badTest("a test without an event"), at: node)
            return nil
        }
        var event: [(field: String, value: TestValue)] = []
        for (key, value) in fields {
            guard let field = key.string, let known = self.value(value) else {
                context.report(
                    .badTest(
                        "an event's value is a text, a number, true, false or a list of texts"),
                    at: value)
                return nil
            }
            event.append((field, known))
        }
        return RuleTest(
            name: name, matches: match, events: [TestEvent(fields: event)],
            location: context.location(of: node))
    }

    private func value(_ node: Node) -> TestValue? {
        if let scalar = node.scalar {
            if scalar.style == .plain, let flag = node.bool { return .boolean(flag) }
            if scalar.style == .plain, let number = node.float { return .number(number) }
            return .string(scalar.string)
        }
        guard let list = node.sequence else { return nil }
        let texts = list.compactMap { context.count($0) ? $0.scalar?.string : nil }
        return texts.count == list.count ? .strings(texts) : nil
    }
}
