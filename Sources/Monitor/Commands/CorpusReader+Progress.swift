// SPDX-License-Identifier: Apache-2.0
internal import Evaluation

extension CorpusReader {
    /// The rows, while it shows how far the reading is.
    func rowsWithProgress() throws -> [LabelledRow] {
        let progress = WorkProgress(total: totalBytes, unit: .steps(rateOf: "bytes"))
        defer { progress.clear() }
        return try rows { progress.show($0, of: "reading") }
    }
}
