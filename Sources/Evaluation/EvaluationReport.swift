// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// What rules catch and miss of a labelled corpus.
package struct EvaluationReport: Codable, Sendable {
    /// Hazard rows that have something in common.
    package struct Recall: Codable, Sendable {
        package let category: String
        package let role: String
        /// All rows of the category and role, or which part of them.
        package let part: String
        package let layers: LayerShares
        /// Nothing where the layers share no hazard.
        package let recapture: Recapture?
    }

    /// Rows that are no hazard, and how many of them raised an alarm.
    package struct FalseAlarms: Codable, Sendable {
        package let label: String
        /// What the rows look like; `none` for ordinary traffic.
        package let category: String
        /// Which category's rules count; `any` for all.
        package let rules: String
        package let layers: LayerShares
    }

    package struct Source: Codable, Sendable {
        package let source: String
        package let label: String
        package let category: String
        package let role: String
        package let licences: [String]
        package let layers: LayerShares
    }

    /// A row to read: a miss or a false alarm.
    package struct Note: Codable, Sendable {
        package let kind: String
        package let id: String
        package let source: String
        package let category: String
        package let role: String
        package let isChosenByRule: Bool
        /// The rules that fired.
        package let rules: [String]
        /// The highest score of what the row is about.
        package let score: Double?
        package let excerpt: String?
    }

    package struct Rows: Codable, Sendable {
        package let read: Int
        /// The model has seen them, so they are not reported.
        package let trainedOn: Int
        package let reported: Int
    }

    package let rulesDigest: String
    package let ruleCount: Int
    package let rows: Rows
    package let recall: [Recall]
    package let falseAlarms: [FalseAlarms]
    package let sources: [Source]
    package let curves: [ScoreCurve]
    package let notes: [Note]
    package let recaptureAssumptions: String

    package var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
