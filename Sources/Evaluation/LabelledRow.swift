// SPDX-License-Identifier: Apache-2.0
package import Foundation

/// One row of a labelled corpus: a text or a dialogue, and what its publisher says of it.
package struct LabelledRow: Sendable {
    package enum Label: String, Sendable, Decodable {
        case hazard
        /// It looks near a hazard and is none.
        case hardBenign = "hard_benign"
        /// Ordinary traffic.
        case benign
    }

    /// What the label is about.
    package enum Role: String, Sendable, Decodable {
        case prompt
        case response
        case dialogue
    }

    package struct Message: Sendable, Decodable {
        package let role: String
        package let content: String
    }

    package let id: String
    package let source: String
    package let licence: String
    package let label: Label
    package let role: Role
    /// As risk areas are named here; nil where none is.
    package let category: String?
    /// Keyword rules chose it, so a keyword detector's recall on it flatters.
    package let isChosenByRule: Bool
    package let messages: [Message]

    package var prompts: [String] { messages.filter { $0.role == "user" }.map(\.content) }
    package var responses: [String] { messages.filter { $0.role == "assistant" }.map(\.content) }
}

extension LabelledRow {
    /// Reads a line of a corpus.
    ///
    /// - Throws: ``RowFault``, which holds nothing of the line.
    package init(line: Data) throws(RowFault) {
        let fields: Fields
        do {
            fields = try JSONDecoder().decode(Fields.self, from: line)
        } catch let DecodingError.keyNotFound(key, _) {
            throw RowFault("has no `\(key.stringValue)`")
        } catch let DecodingError.typeMismatch(_, context) where !context.codingPath.isEmpty {
            throw RowFault("its \(Self.place(context)) is of another type than wanted")
        } catch let DecodingError.dataCorrupted(context) where !context.codingPath.isEmpty {
            throw RowFault("its \(Self.place(context)) has a value that is not known")
        } catch {
            throw RowFault("is no JSON object")
        }
        switch (fields.text, fields.messages) {
        case (let text?, nil):
            messages = [
                Message(role: fields.role == .response ? "assistant" : "user", content: text)
            ]
        case (nil, let messages?): self.messages = messages
        default: throw RowFault("has to have one of `text` and `messages`")
        }
        id = fields.id
        source = fields.source
        licence = fields.licence
        label = fields.label
        role = fields.role
        category = Self.categories[fields.category] ?? fields.category
        isChosenByRule = fields.category_basis == "rule"
        if label == .hazard, category == nil { throw RowFault("is a hazard of no category") }
    }

    /// What corpora call the risk areas otherwise; nil for none.
    private static let categories: [String: String?] = [
        "bio": "biological", "chem": "chemical", "none": nil,
    ]

    private static func place(_ context: DecodingError.Context) -> String {
        "`\(context.codingPath.map(\.stringValue).joined(separator: "."))`"
    }

    /// The members of a row, as corpora name them.
    private struct Fields: Decodable {
        let id: String
        let source: String
        let licence: String
        let label: Label
        let role: Role
        let category: String
        let category_basis: String?
        let text: String?
        let messages: [Message]?
    }
}

/// What is wrong with a line of a corpus; the line itself is not told.
package struct RowFault: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
