// SPDX-License-Identifier: Apache-2.0
internal import Scores

/// Chooses the words of which nearly every text that reaches a score holds one, and few others do.
///
/// A rule that asks for them before it asks for the score finds them in the pass that looks for
/// all patterns anyway, and has only those texts scored that hold one.
struct GateChoice {
    private let side: ScoredSide
    /// By hazard and by benign row, its words.
    private var hazards: [Set<String>] = []
    private var benign: [Set<String>] = []

    /// So much of what reaches the score is to hold a word, …
    static let hazardShare = 0.99
    /// … none of which more ordinary rows hold than these.
    static let benignShareMax = 0.04
    static let wordsMax = 120
    private static let lettersMin = 4

    static let description =
        "words chosen until \(hazardShare) of the unseen training hazards at or over `alone` "
        + "hold one, \(wordsMax) at most; none that \(benignShareMax) of the benign rows hold"

    init(side: ScoredSide) { self.side = side }

    mutating func addHazard(_ row: LabelledRow) { hazards.append(words(of: row)) }
    mutating func addBenign(_ row: LabelledRow) { benign.append(words(of: row)) }

    private func words(of row: LabelledRow) -> Set<String> {
        var words: Set<String> = []
        for text in row.examples(on: side) {
            let letters = text.lowercased().utf8.split { !(97...122).contains($0) }
            for word in letters where word.count >= Self.lettersMin {
                words.insert(String(decoding: word, as: UTF8.self))
            }
        }
        return words
    }

    /// Takes the word that brings most hazards for the ordinary rows that come with it, again
    /// and again.
    var gate: ModelRecord.Gate {
        var benignCounts: [String: Int] = [:]
        for word in benign.joined() { benignCounts[word, default: 0] += 1 }
        let benignTotal = Double(max(benign.count, 1))
        func benignShare(_ word: String) -> Double {
            Double(benignCounts[word] ?? 0) / benignTotal
        }
        var left = hazards
        var counts: [String: Int] = [:]
        for word in hazards.joined() where benignShare(word) <= Self.benignShareMax {
            counts[word, default: 0] += 1
        }
        // What stands in one text only is its own.
        counts = counts.filter { $0.value > 1 }
        var chosen: Set<String> = []
        let leftMax = Int(Double(hazards.count) * (1 - Self.hazardShare))
        while left.count > leftMax, chosen.count < Self.wordsMax {
            func worth(_ word: String, _ count: Int) -> Double {
                Double(count) / (0.002 + benignShare(word))
            }
            let best = counts.max {
                (worth($0.key, $0.value), $1.key) < (worth($1.key, $1.value), $0.key)
            }
            guard let best, best.value > 0 else { break }
            chosen.insert(best.key)
            for words in left where words.contains(best.key) {
                for word in words where counts[word] != nil { counts[word, default: 0] -= 1 }
            }
            left.removeAll { $0.contains(best.key) }
        }
        return ModelRecord.Gate(
            words: chosen.sorted(),
            hazards: hazards.isEmpty
                ? 0 : (1 - Double(left.count) / Double(hazards.count)).rounded4,
            benign: (Double(benign.count { !$0.isDisjoint(with: chosen) }) / benignTotal).rounded4)
    }
}
