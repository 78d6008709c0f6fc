// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Evaluation

/// A row of a corpus as a line.
func rowLine(
    _ id: String, _ text: String, label: String = "hazard", category: String = "cyber",
    role: String = "prompt", source: String = "made", licence: String = "MIT",
    basis: String = "dataset"
) -> String {
    let fields = [
        "id": id, "text": text, "label": label, "category": category, "role": role,
        "source": source, "licence": licence, "category_basis": basis,
    ]
    let data = try? JSONSerialization.data(withJSONObject: fields, options: .sortedKeys)
    return String(decoding: data ?? Data(), as: UTF8.self)
}

func row(_ line: String) throws -> LabelledRow { try LabelledRow(line: Data(line.utf8)) }

@Suite struct LabelledRowTests {
    @Test func aRowIsReadUnderOurNames() throws {
        let read = try row(rowLine("a", "text", category: "bio", basis: "rule"))
        #expect(read.category == "biological" && read.isChosenByRule)
        #expect(read.prompts == ["text"] && read.responses.isEmpty)
        #expect(try row(rowLine("a", "text", role: "response")).responses == ["text"])
        #expect(try row(rowLine("a", "text", label: "benign", category: "none")).category == nil)
    }

    @Test(arguments: [
        ("[]", "is no JSON object"), ("{", "is no JSON object"),
        (#"{"id":"a"}"#, "has no `source`"),
        (rowLine("a", "t", label: "odd"), "its `label` has a value that is not known"),
        (rowLine("a", "t", category: "none"), "is a hazard of no category"),
        (
            rowLine("a", "t").replacing(#""text":"t""#, with: #""none":1"#),
            "has to have one of `text` and `messages`"
        ),
        (
            rowLine("a", "t").replacing(#""id":"a""#, with: #""id":1"#),
            "its `id` is of another type than wanted"
        ),
    ])
    func whatIsWrongIsToldWithoutTheText(line: String, told: String) {
        let fault = #expect(throws: RowFault.self) { try row(line) }
        #expect(fault?.description == told)
    }

    @Test(arguments: [
        ("MIT", true), ("Apache-2.0", true), ("CC-BY-4.0", true), ("CC-BY-NC-4.0", false),
        ("CC-BY-SA-4.0", false), ("CC-BY-ND-4.0", false), ("unstated", false), ("", false),
        ("unstated (via an MIT folder)", false), ("GPL-3.0", false),
        ("Apache-2.0 (upstream) via inspect_evals MIT", true),
    ])
    func onlyLicencesThatAllowItAreTrainedOn(licence: String, allowed: Bool) throws {
        #expect(try row(rowLine("a", "t", licence: licence)).mayBeTrainedOn == allowed)
    }

    @Test func theSplitStaysAsItIs() {
        // What a shipped model was trained on must never become what is reported.
        let ids = (0..<20).map { "row-\($0)" }
        #expect(
            ids.map(RowSplit.isForTraining).map { $0 ? "t" : "h" }.joined()
                == "thhhhhttthhththhtttt")
        let many = (0..<10_000).count { RowSplit.isForTraining(id: "row-\($0)") }
        #expect(abs(many - 6000) < 150)
    }

    @Test func aTextThatWasTrainedOnIsKnownUnderAnotherId() throws {
        let ids = (0..<100).map { "row-\($0)" }
        let trained = try #require(ids.first(where: RowSplit.isForTraining))
        let held = try #require(ids.first { !RowSplit.isForTraining(id: $0) })
        let known = TrainedTexts(of: [try row(rowLine(trained, "The very same words."))])
        #expect(try known.contains(row(rowLine(held, "the very  same words"))))
        #expect(try !known.contains(row(rowLine(held, "some other words"))))
        // Of a response only the response counts.
        let answer = rowLine(held, "x", role: "response").replacing(
            #""text":"x""#,
            with:
                #""messages":[{"role":"user","content":"The very same words."},"#
                + #"{"role":"assistant","content":"no"}]"#
        )
        #expect(try !known.contains(row(answer)))
    }
}
