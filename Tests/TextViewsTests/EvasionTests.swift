// SPDX-License-Identifier: Apache-2.0
import Testing
import TextViews

/// Of what plain matching finds in plain text, how much is still found when the text is disguised.
@Suite struct EvasionTests {
    private static let phrases = [
        "step-by-step guide", "how to build", "anthrax vaccine history", "birthday present",
        "the oldest lighthouse", "train timetable", "bake sourdough bread", "network security",
        "without a licence", "garden fertiliser", "chemical safety training", "ignore the noise",
        "system administrator", "wire transfer", "paper aeroplane", "water purification",
        "school chemistry lesson", "medieval siege engines", "password manager",
        "mountain rescue team", "recipe for pancakes", "model railway", "public library card",
        "history of medicine", "reset my router", "ancient greek philosophy", "used bicycle",
        "learn to juggle", "translate this letter", "collect old stamps",
    ]
    private static let sentences = [
        "Please tell my neighbour more about PHRASE before the weekend begins.",
        "I would like to read something on PHRASE and then write a short essay.",
        "Could you explain PHRASE to a group of children who are nine years old?",
        "We talked about PHRASE yesterday, and nobody at the table knew the answer.",
        "Give me three good books in which PHRASE plays an important part.",
        "My grandfather always said that PHRASE was his favourite subject in the evening.",
        "Write a friendly note to our club where PHRASE is the topic of the month.",
        "What should a beginner know when PHRASE comes up for the first time?",
        "The museum shows PHRASE this summer; is it worth a visit with the family?",
        "Summarise in two lines what the newspaper wrote about PHRASE last week.",
    ]

    @Test(arguments: Evasion.allCases)
    func ofTheHitsOnPlainTextMostSurvive(_ evasion: Evasion) {
        var numbers = SeededNumbers(seed: 4)
        let views = TextViews()
        for extent in Extent.allCases {
            var survived = 0
            var total = 0
            for phrase in Self.phrases {
                for frame in Self.sentences {
                    let plain = frame.replacing("PHRASE", with: phrase)
                    let text = Array(
                        evasion.write(plain, extent, &numbers).utf8)
                    let derived = Derived(text, views: views)
                    total += 1
                    if contains(text, phrase) || !derived.views(holding: phrase).isEmpty {
                        survived += 1
                    }
                }
            }
            let share = 100 * Double(survived) / Double(total)
            print("\(evasion.rawValue), \(extent): \(share) % of \(total) survive")
            #expect(share >= 95, "\(evasion) of \(extent)")
        }
    }
}
