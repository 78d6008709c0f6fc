// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Scores

/// Which rows a model is trained on, and which are kept apart to measure it: by a hash of the
/// row's id, the same on every machine, so that what `train` saw is never what `eval` reports.
package enum RowSplit {
    /// Of ten rows so many are for training, as far as their licence allows it.
    package static let trainingTenths: UInt64 = 6

    package static let description =
        "rows whose id's hash modulo 10 is below 6 are trained on, if their licence allows it; "
        + "all others are held out, without those that have the text of one that is trained on"

    package static func isForTraining(id: String) -> Bool { tenth(id) < trainingTenths }

    /// Rows of the training part come in five parts that are held out from one another.
    static func fold(id: String) -> Int { Int(hash(id, key: 2) % 5) }
    static let folds = 5

    private static func tenth(_ id: String) -> UInt64 { hash(id, key: 1) % 10 }

    private static func hash(_ id: String, key: UInt64) -> UInt64 {
        var hash = KeyedHash(key: key)
        let bytes = Array(id.utf8)
        hash.combine(bytes.span)
        return hash.finalize()
    }
}

extension LabelledRow {
    /// Whether its licence lets a model that is given away be trained on it: MIT, Apache-2.0 or
    /// CC-BY of any version; not one with a condition more (share-alike, non-commercial), and not
    /// where none is stated.
    package var mayBeTrainedOn: Bool {
        let words = licence.lowercased()
        if ["unstated", "-nc", "-sa", "-nd"].contains(where: words.contains) { return false }
        return ["mit", "apache-2.0", "cc-by-"].contains(where: words.hasPrefix)
    }

    /// Whether a model made by `tocsin train` has seen it.
    package var isTrainedOn: Bool { mayBeTrainedOn && RowSplit.isForTraining(id: id) }
}

/// The texts that a model made of a corpus has seen: corpora quote each other, so a row that is
/// held out may be known under another id.
package struct TrainedTexts: Sendable {
    private var hashes: Set<UInt64> = []

    package init(of rows: [LabelledRow]) {
        for row in rows where row.isTrainedOn {
            for text in row.knownTexts { hashes.insert(Self.hash(text)) }
        }
    }

    /// Whether a text that the row's label is about is known: the same words, whatever stands
    /// between them.
    package func contains(_ row: LabelledRow) -> Bool {
        row.labelledTexts.contains { hashes.contains(Self.hash($0)) }
    }

    private static func hash(_ text: String) -> UInt64 {
        let bytes = Array(text.utf8)
        var hash = KeyedHash(key: 3)
        for window in TextFeatures.windows(of: bytes.span) {
            for bucket in window { hash.combine(UInt64(bucket)) }
        }
        return hash.finalize()
    }
}

extension LabelledRow {
    /// The texts that the label is about.
    package var labelledTexts: [String] {
        ScoredSide.allCases.flatMap { isAbout($0) ? texts(on: $0) : [] }
    }

    /// The texts that a model which is trained on the row gets to see.
    fileprivate var knownTexts: [String] {
        ScoredSide.allCases.flatMap { isAbout($0) || label == .benign ? examples(on: $0) : [] }
    }
}
