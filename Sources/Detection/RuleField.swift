// SPDX-License-Identifier: Apache-2.0
package import Interactions
package import Scores
package import Sigma

/// What a field name of a rule stands for.
package enum RuleField: Hashable, Sendable {
    case text(TextField)
    case metadata(MetadataField)
    case number(NumberField)
    /// `record.malformed`.
    case malformed
    /// `turn.index`.
    case turnIndex
    /// `conversation.id`: the log's own id, or the one that threading gives.
    case conversation
    /// What a model gives a category of the turn's texts, as a probability.
    case score(ScoreField)
    /// A path of the original record; rules join its member names by dots.
    case path(JSONPointer)

    package init(name: String) {
        if let field = TextField(name: name) {
            self = .text(field)
        } else if let field = MetadataField(name: name) {
            self = .metadata(field)
        } else if let field = NumberField(name: name) {
            self = .number(field)
        } else if name == malformedFieldName {
            self = .malformed
        } else if name == turnIndexFieldName {
            self = .turnIndex
        } else if name == conversationFieldName {
            self = .conversation
        } else if let field = ScoreField(name: name) {
            self = .score(field)
        } else {
            self = .path(JSONPointer(dottedPath: name))
        }
    }
}

/// A category of one side: `score.cyber` of the request, `score.response.cyber` of the response.
package struct ScoreField: Hashable, Sendable {
    package let side: ScoredSide
    package let category: String

    package init(side: ScoredSide, category: String) {
        self.side = side
        self.category = category
    }

    /// Nil when the name is none of a score.
    package init?(name: String) {
        guard name.hasPrefix(Self.prefix) else { return nil }
        let rest = name.dropFirst(Self.prefix.count)
        if rest.hasPrefix(Self.responsePrefix) {
            self.init(
                side: .response, category: String(rest.dropFirst(Self.responsePrefix.count)))
        } else {
            self.init(side: .request, category: String(rest))
        }
    }

    package var name: String {
        Self.prefix + (side == .response ? Self.responsePrefix : "") + category
    }

    private static let prefix = "score."
    private static let responsePrefix = "response."
}

extension ScoreTable {
    /// The fields that it gives, as rules name them.
    package var fieldNames: [String] {
        categories.map { ScoreField(side: side, category: $0.name).name }
    }
}

/// The turn's place in its conversation, from 0.
package let turnIndexFieldName = "turn.index"
/// The log's own id of the conversation, or the one that threading gives.
package let conversationFieldName = "conversation.id"

/// The fields that hold one value at most, and of what kind.
package let singleValueFields: [String: MetadataKind] = {
    var kinds: [String: MetadataKind] = [
        turnIndexFieldName: .number, conversationFieldName: .text, malformedFieldName: .boolean,
    ]
    for field in MetadataField.allCases { kinds[field.name] = .text }
    for field in NumberField.allCases { kinds[field.name] = .number }
    return kinds
}()

/// Every name that a rule may use without meaning a path of the record.
package let knownRuleFields: [String] =
    knownFieldNames + [turnIndexFieldName, conversationFieldName]
