// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a model of labelled texts, whose scores rules can compare.",
        discussion: """
            Trains on those rows that the licence allows and that the split does not hold out, \
            which `tocsin eval` reports. The same rows in the same order make the same file.
            """)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Labelled rows: JSON lines, plain, gzip or zstd.", valueName: "file"))
    var corpus: [String]

    @Option(help: ArgumentHelp("The model, such as rules/models/NAME.model.", valueName: "file"))
    var out: String

    mutating func validate() throws {
        guard out.hasSuffix(".model") else {
            throw ValidationError("--out ends in .model, by which models are known beside rules")
        }
    }

    func run() throws { try TrainCommand(corpus: corpus, output: out).run() }
}
