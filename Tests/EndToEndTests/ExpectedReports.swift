// SPDX-License-Identifier: Apache-2.0
import Reports

/// What a daemon should have reported of files with marked records, and what it did otherwise.
struct ExpectedReports {
    /// The records written, which are named "r" and their number.
    let records: Range<Int>
    let files: [ModelFile]

    /// The records that have no report although they should; one with damaged bytes may have
    /// none when a gap is told of the file.
    func missing(in found: [Report]) -> [Int] {
        let seen = Set(found.compactMap(\.recordID))
        return records.filter { number in
            let damaged = files.filter { $0.damagedRecords.contains(number) }
            return !seen.contains("r\(number)") && gaps(found, of: damaged).isEmpty
        }
    }

    /// What is wrong, each in a few words.
    func faults(in found: [Report]) -> [String] {
        missing(in: found).map { "r\($0) has no report" } + doubles(in: found)
            + inventions(in: found)
    }

    private func doubles(in found: [Report]) -> [String] {
        let counts = Dictionary(grouping: found.compactMap(\.recordID)) { $0 }
        let damaged = files.reduce(into: Set<Int>()) { $0.formUnion($1.damagedRecords) }
        return records.filter { !damaged.contains($0) }.compactMap { number in
            let count = counts["r\(number)"]?.count ?? 0
            return count > 1 ? "r\(number) has \(count) reports" : nil
        }
    }

    /// Reports of what was not written, or was not lost.
    private func inventions(in found: [Report]) -> [String] {
        let written = Set(records.map { "r\($0)" })
        let isAnyDamaged = files.contains(where: \.isDamaged)
        let gapsToBe = gaps(found, of: files.filter(\.isDamaged))
        return found.filter { report in
            switch report.kind {
            // What is left of a damaged member may read as anything.
            case .detection: !isAnyDamaged && !written.contains(report.recordID ?? "")
            case .correlation, .repeats, .alarm, .canary: true
            case .coverageGap: !gapsToBe.contains(report)
            }
        }
        .map { "a report of nothing: \($0.json)" }
    }

    /// The losses that are told of some files, under any name that these had.
    private func gaps(_ found: [Report], of files: [ModelFile]) -> [Report] {
        let names = files.reduce(into: Set<String>()) { $0.formUnion($1.names) }
        return found.filter { $0.kind == .coverageGap && names.contains($0.position?.file ?? "") }
    }
}
