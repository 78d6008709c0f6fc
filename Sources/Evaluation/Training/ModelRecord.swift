// SPDX-License-Identifier: Apache-2.0
internal import Foundation
package import Scores

/// What a model file says of itself: what it was made of and how well it does.
package struct ModelRecord: Codable, Sendable, Equatable {
    package struct Settings: Codable, Sendable, Equatable {
        package var features: String
        package var learner: String
        package var split: String
        package var calibration: String
        package var thresholds: String
        package var gate: String
        package var scores: String
    }

    /// What a source gave to one side.
    package struct Source: Codable, Sendable, Equatable {
        package var source: String
        package var licences: [String]
        /// Rows of each kind: `benign`, `hard_benign`, and a hazard's category.
        package var rows: [String: Int]
    }

    /// How one category does at one threshold on what was held out.
    package struct Point: Codable, Sendable, Equatable {
        package var threshold: Double
        package var recall: Double
        /// Of the rows at or over the threshold, those of the category.
        package var precision: Double?
        package var falsePositivesBenign: Double?
        package var falsePositivesHardBenign: Double?
    }

    /// What rules are to compare a score with: alone, or beside a word that they ask for too.
    package struct Thresholds: Codable, Sendable, Equatable {
        package var alone: Threshold
        package var joined: Threshold
    }

    /// A threshold, and what it caught of training rows that the model had not seen.
    package struct Threshold: Codable, Sendable, Equatable {
        package var value: Double
        package var recall: Double
    }

    /// Words of which texts that reach a score hold one: a rule that asks for them first is
    /// spared most scoring.
    package struct Gate: Codable, Sendable, Equatable {
        package var words: [String]
        /// What share of the hazards that reach the threshold, and of the benign rows, has one.
        package var hazards: Double
        package var benign: Double
    }

    /// What rules on a score are to hold.
    package struct Advice: Codable, Sendable, Equatable {
        package var thresholds: Thresholds
        package var gate: Gate
    }

    package struct SourceRecall: Codable, Sendable, Equatable {
        package var source: String
        package var rows: Int
        package var threshold: Double
        package var recall: Double
    }

    package struct Category: Codable, Sendable, Equatable {
        package var name: String
        package var trainedOn: Int
        package var heldOut: Int
        package var heldOutBenign: Int
        package var heldOutHardBenign: Int
        package var advice: Advice
        package var points: [Point]
        /// Of models that saw no row of the source, at the threshold that one in a thousand of
        /// their held-out benign rows reaches.
        package var leaveOneSourceOut: [SourceRecall]
    }

    package struct Side: Codable, Sendable, Equatable {
        package var name: String
        package var sources: [Source]
        package var categories: [Category]
    }

    package var settings: Settings
    package var sides: [Side]

    /// One line, the same for the same record.
    package var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}

extension ModelRecord {
    /// What a model file says of itself.
    ///
    /// - Throws: ``CorpusError`` when it says nothing that this version understands.
    package init(_ model: ScoreModel) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(model.about.utf8))
        } catch {
            throw CorpusError("the model does not say how it was made; make it with `tocsin train`")
        }
    }
}
