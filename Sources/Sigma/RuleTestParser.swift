// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// Reads the tests that a rule carries.
///
///     tests:
///       - name: what it shows
///         match: true
///         event: {prompt: TEXT, response: TEXT}
///       - name: what several turns show
///         match: true
///         events:
///           - {prompt: TEXT, user.id: u1}
///           - {prompt: TEXT, user.id: u1, at: 90s}
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
        for (key, _) in members
        where !["name", "match", "event", "events"].contains(key.scalar?.string) {
            context.report(
                .badTest("a test has no `\(key.scalar?.string.shortened ?? "?")`"), at: key)
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
        guard let events = events(of: members, at: node) else { return nil }
        return RuleTest(
            name: name, matches: match, events: events, location: context.location(of: node))
    }

    private func events(of members: Node.Mapping, at node: Node) -> [TestEvent]? {
        if let single = members["event"] {
            guard members["events"] == nil else {
                context.report(.badTest("a test with `event` and `events`"), at: node)
                return nil
            }
            return fields(of: single, at: node).map { [TestEvent(fields: $0)] }
        }
        guard let list = members["events"]?.sequence, !list.isEmpty else {
            context.report(.badTest("a test without an event"), at: node)
            return nil
        }
        var events: [TestEvent] = []
        for event in list {
            guard context.count(event), let fields = fields(of: event, at: node) else { return nil }
            let last = events.last?.atSeconds
            var seconds = last.map { $0 + 1 } ?? 0
            if let at = event.mapping?["at"] {
                guard let given = Timespan.seconds(at) else {
                    context.report(.badTest("`at` is no time such as `90s` or `2h`"), at: at)
                    return nil
                }
                seconds = Double(given)
            }
            guard seconds >= last ?? 0 else {
                context.report(
                    .badTest("the events are not in the order of their times"), at: event)
                return nil
            }
            events.append(TestEvent(fields: fields, atSeconds: seconds))
        }
        return events
    }

    /// The event's fields, without the time that it may give.
    private func fields(of event: Node, at node: Node) -> [(field: String, value: TestValue)]? {
        guard let members = event.mapping, !members.isEmpty else {
            context.report(.badTest("a test without an event"), at: node)
            return nil
        }
        let isTimed = node.mapping?["event"] == nil
        var fields: [(field: String, value: TestValue)] = []
        for (key, value) in members where !(isTimed && key.scalar?.string == "at") {
            guard context.count(value), let field = key.scalar?.string,
                let known = self.value(value)
            else {
                context.report(
                    .badTest(
                        "an event's value is a text, a number, true, false or a list of texts"),
                    at: value)
                return nil
            }
            context.checkField(field, at: context.location(of: key))
            fields.append((field, known))
        }
        return fields
    }

    private func value(_ node: Node) -> TestValue? {
        if let scalar = node.scalar {
            if let flag = node.plainFlag { return .boolean(flag) }
            if let number = node.plainNumber { return .number(number) }
            return .string(scalar.string)
        }
        guard let list = node.sequence else { return nil }
        let texts = list.compactMap { context.count($0) ? $0.scalar?.string : nil }
        return texts.count == list.count ? .strings(texts) : nil
    }
}
