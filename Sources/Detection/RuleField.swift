// SPDX-License-Identifier: Apache-2.0
package import Interactions

/// What a field name of a rule stands for.
package enum RuleField: Hashable, Sendable {
    case text(TextField)
    case metadata(MetadataField)
    /// `record.malformed`.
    case malformed
    /// A path of the original record; rules join its member names by dots.
    case path(JSONPointer)

    package init(name: String) {
        if let field = TextField(name: name) {
            self = .text(field)
        } else if let field = MetadataField(name: name) {
            self = .metadata(field)
        } else if name == malformedFieldName {
            self = .malformed
        } else {
            self = .path(JSONPointer(dottedPath: name))
        }
    }
}
