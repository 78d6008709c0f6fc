// SPDX-License-Identifier: Apache-2.0
internal import Correlation
internal import Detection
internal import Interactions
internal import Reports

/// Makes what findings captured of fields fit to be stored and told: identifiers as they are, all
/// else as pseudonyms, so that no name and no text of a conversation is in it.
struct FieldCapturer {
    private let pseudonym: Pseudonym

    init(_ pseudonym: Pseudonym) { self.pseudonym = pseudonym }

    func fields(of finding: Finding) -> [CapturedField] {
        finding.captured.map { CapturedField(name: $0.name, value: value(of: $0)) }
    }

    private func value(of field: FindingField) -> CapturedValue {
        switch field.value {
        case .number(let number): .number(number)
        case .text(let text):
            switch RuleField(name: field.name) {
            case .metadata(let field) where Self.identifiers.contains(field): .text(text)
            case .conversation: .text(text)
            // Whose pseudonym it is must not depend on how the rest of the reports writes it.
            case .metadata(.actor): .text(pseudonym(text))
            // Groups have no case; a pseudonym of each spelling would have one.
            default: .text(pseudonym(text.asciiLowercased))
            }
        }
    }

    /// What names models, services and records, not people.
    private static let identifiers: Set<MetadataField> = [
        .model, .responseModel, .recordID, .conversation, .provider, .operation, .finishReasons,
        .errorType,
    ]
}
