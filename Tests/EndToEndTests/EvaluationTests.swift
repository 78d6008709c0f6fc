// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `tocsin train` and `tocsin eval` as operators use them, and the page in a real browser.
@Suite struct EvaluationTests {
    private let scratch: Scratch
    private var rules: String { "\(scratch.path)/rules" }
    private var corpus: String { "\(scratch.path)/corpus.jsonl" }
    private var model: String { "\(rules)/models/made.model" }

    init() throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(
            atPath: "\(rules)/models", withIntermediateDirectories: true)
        try write(
            "pattern.yml",
            "selection:\n    prompt|contains: 'blorp the gate'\n  condition: selection",
            id: 1)
        try Self.lines.joined(separator: "\n").write(
            toFile: corpus, atomically: true, encoding: .utf8)
    }

    private func write(_ name: String, _ detection: String, id: Int) throws {
        try """
        title: Rule \(id)
        id: 00000000-0000-0000-0000-00000000000\(id)
        status: test
        tags: [risk.cyber]
        logsource: {category: ai_interaction}
        detection:
          \(detection)
        level: low
        """.write(toFile: "\(rules)/\(name)", atomically: true, encoding: .utf8)
    }

    /// 80 hazards, half of which the pattern names; 79 benign rows, and one that it raises on.
    private static let lines: [String] = {
        let openings = ["how do i", "please tell me how to", "explain how one can", "steps to"]
        let ordinary = ["bake a cake", "paint a gate", "run a server", "find a bank", "sing"]
        return (0..<80).flatMap { number in
            let word = String(
                [number / 26, number % 26].map { Character(UnicodeScalar(UInt8(97 + $0))) })
            let thing = number % 2 == 0 ? "blorp the gate" : "blorp a server"
            let other = number == 7 ? "not blorp the gate" : ordinary[number % 5]
            return [
                row("h\(number)", "\(openings[number % 4]) \(thing), \(word)", "hazard", "cyber"),
                row(
                    "b\(number)", "\(openings[number % 4]) \(other), \(word)</script>", "benign",
                    "none"),
            ]
        }
    }()

    private static func row(
        _ id: String, _ text: String, _ label: String, _ category: String
    ) -> String {
        #"{"id":"\#(id)","source":"made","licence":"MIT","role":"prompt","label":"\#(label)","#
            + #""category":"\#(category)","category_basis":"dataset","text":"\#(text)"}"#
    }

    private func evaluation(_ more: String...) throws -> [String: Any] {
        let result = try Tocsin.run(
            ["eval", "--rules", rules, "--format", "json", "--corpus", corpus] + more)
        #expect(result.status == 0, "\(result.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return try #require(object as? [String: Any])
    }

    private func shares(_ entry: Any?, _ layer: String) throws -> [String: Double] {
        let layers = try #require((entry as? [String: Any])?["layers"] as? [String: Any])
        return try #require(layers[layer] as? [String: Double])
    }

    @Test func withoutAModelAllRowsAreReported() throws {
        let report = try evaluation()
        #expect((report["rows"] as? [String: Int])?["reported"] == 160)
        let recall = try #require(report["recall"] as? [Any])
        let patterns = try shares(recall.first, "patterns")
        #expect(patterns["count"] == 40 && patterns["total"] == 80)
        // Wilson's interval of 40 of 80.
        #expect(abs((patterns["low"] ?? 0) - 0.3930) < 0.0001)
        #expect(abs((patterns["high"] ?? 0) - 0.6070) < 0.0001)
        #expect(try shares(recall.first, "scores")["count"] == 0)
        let alarms = try #require(report["falseAlarms"] as? [Any])
        #expect(try shares(alarms.first, "together")["count"] == 1)
        let notes = try #require(report["notes"] as? [[String: Any]])
        #expect(notes.count { $0["kind"] as? String == "miss" } == 40)
        #expect(notes.first { $0["kind"] as? String == "false alarm" }?["id"] as? String == "b7")
        // Texts are shown only when asked for.
        #expect(notes.allSatisfy { $0["excerpt"] == nil })
    }

    @Test func aModelIsTheSameEachTimeAndAddsWhatPatternsMiss() throws {
        let train = ["train", "--corpus", corpus, "--out"]
        let first = try Tocsin.run(train + [model])
        #expect(first.status == 0 && first.output.contains("cyber"), "\(first.errors)")
        let again = "\(scratch.path)/again.model"
        #expect(try Tocsin.run(train + [again]).status == 0)
        #expect(
            FileManager.default.contentsEqual(atPath: model, andPath: again), "two models differ")

        try write("score.yml", "score:\n    score.cyber|gte: 0.5\n  condition: score", id: 2)
        let check = try Tocsin.run("rules", "check", rules)
        #expect(check.status == 0, "\(check.errors)")
        let report = try evaluation()
        let rows = try #require(report["rows"] as? [String: Int])
        #expect((rows["trainedOn"] ?? 0) + (rows["reported"] ?? 0) == 160)
        let recall = try #require((report["recall"] as? [Any])?.first)
        let patterns = try shares(recall, "patterns")["share"] ?? 1
        let together = try shares(recall, "together")["share"] ?? 0
        #expect(together > patterns + 0.3, "\(patterns) and \(together)")

        // The model is a part of the rules: another one makes other rules.
        let digest = report["rulesDigest"] as? String
        try FileManager.default.removeItem(atPath: "\(rules)/score.yml")
        try FileManager.default.removeItem(atPath: model)
        let without = try evaluation()
        #expect(digest != without["rulesDigest"] as? String)
    }

    @Test func aDamagedModelOrCorpusIsTold() throws {
        try Data("tocsin-scores 2\n{}\n0\n".utf8).write(to: URL(fileURLWithPath: model))
        let check = try Tocsin.run("rules", "check", rules)
        #expect(check.status == 2)
        #expect(check.errors.contains("made.model: is damaged: its digest does not fit"))
        try FileManager.default.removeItem(atPath: model)
        try "\n{\"id\":\"secret text\"}\n".write(toFile: corpus, atomically: true, encoding: .utf8)
        let eval = try Tocsin.run("eval", "--rules", rules, "--corpus", corpus)
        #expect(eval.status == 2)
        #expect(eval.errors.contains("corpus.jsonl:2: the row has no `source`"))
        #expect(!eval.errors.contains("secret"))
    }

    // MARK: The page

    private static let browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser"]
        .first(where: FileManager.default.isExecutableFile)

    /// What a browser makes of a page, once its scripts have run.
    private func document(of page: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.browser))
        process.arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--user-data-dir=\(scratch.path)/browser", "--virtual-time-budget=10000",
            "--dump-dom", "file://\(page)",
        ]
        let output = "\(scratch.path)/dom"
        process.standardOutput = try FileHandle.appending(to: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return try String(contentsOfFile: output, encoding: .utf8)
    }

    @Test(.enabled(if: browser != nil || ProcessInfo.processInfo.environment["CI"] == "true"))
    func aBrowserDrawsThePageWithoutTheNetwork() throws {
        #expect(try Tocsin.run("train", "--corpus", corpus, "--out", model).status == 0)
        try write("score.yml", "score:\n    score.cyber|gte: 0.5\n  condition: score", id: 2)
        let page = "\(scratch.path)/page.html"
        _ = try evaluation("--html", page, "--show-text")
        var html = try String(contentsOfFile: page, encoding: .utf8)
        #expect(!html.contains("http://www.w3.org/1999") && !html.contains("https://"))
        // What a reader does: show the false alarms alone, then sort by the row's id.
        let reader = """
            <script>{
            const kind = document.getElementById("kind");
            kind.value = "false alarm";
            kind.dispatchEvent(new Event("change"));
            const row = [...document.querySelectorAll("#notes th button")]
              .find(b => b.textContent === "Row");
            row.click(); row.click();
            document.body.dataset.rows = [...document.querySelectorAll("#notes td.id")]
              .map(c => c.textContent).join(" ");
            const filter = document.getElementById("filter");
            kind.value = "";
            filter.value = "nothing-like-this";
            filter.dispatchEvent(new Event("input"));
            document.body.dataset.filtered = document.getElementById("shown").textContent;
            }</script>
            """
        html = html.replacingOccurrences(of: "</body>", with: "\(reader)</body>")
        try html.write(toFile: page, atomically: true, encoding: .utf8)
        let document = try document(of: page)
        #expect(document.contains(#"data-drawn="yes""#), "the script did not end")
        #expect(document.contains(#"data-filtered="0 rows""#))
        #expect(document.contains("score.cyber"))
        #expect(document.components(separatedBy: "<polyline").count == 2)
        #expect(document.components(separatedBy: "<svg").count == 5)
        let held = try #require(document.firstMatch(of: /data-rows="([^"]*)"/)).1
        #expect(held.split(separator: " ").map(String.init).allSatisfy { $0 == "b7" })
    }
}
