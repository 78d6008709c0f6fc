// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Glibc
internal import Reports

/// `tocsin evidence`: makes keys for sealed evidence, and opens it.
package enum EvidenceCommand {
    /// Writes a new private key to a file that does not exist yet (mode 0600) and prints the
    /// public key that belongs to it.
    ///
    /// - Throws: ``SettingsError`` when the file is there or cannot be written.
    package static func generateKey(at path: String) throws {
        let key = EvidencePrivateKey()
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw SettingsError(
                errno == EEXIST
                    ? "\(path): is there already; a key that was overwritten could open nothing more"
                    : "\(path): cannot be written: \(reason)")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try file.write(contentsOf: Data("\(key.text)\n".utf8))
        try file.synchronize()
        print(key.recipient.text)
    }

    /// Prints the evidence of reports, which are read one a line.
    ///
    /// - Parameters:
    ///   - files: Of reports in JSON; standard input when there is none.
    ///   - format: Text shows each passage under its field's name; JSON is one document a report.
    /// - Throws: ``SettingsError`` that names the line of what cannot be opened, after all that
    ///   can be was printed.
    package static func open(_ files: [String], keyFile: String, format: ReportFormat) throws {
        let key = try privateKey(in: keyFile)
        var faults: [String] = []
        for file in files.isEmpty ? ["/dev/stdin"] : files {
            let lines = try TextFile.read(file).split(separator: "\n")
            for (index, line) in lines.enumerated() {
                do {
                    try show(String(line), key, format)
                } catch {
                    faults.append("\(file):\(index + 1): \(error)")
                }
            }
        }
        guard faults.isEmpty else { throw SettingsError(faults: faults) }
    }

    /// - Throws: ``SettingsError`` when the file cannot be read or holds something else.
    static func privateKey(in file: String) throws(SettingsError) -> EvidencePrivateKey {
        let text = try TextFile.read(file)
        do throws(EvidenceKeyError) {
            return try EvidencePrivateKey(text)
        } catch {
            throw SettingsError("\(file): \(error)")
        }
    }

    private static func show(
        _ line: String, _ key: EvidencePrivateKey, _ format: ReportFormat
    ) throws {
        let report = try Report(json: line)
        guard let sealed = report.sealed else {
            throw SettingsError(
                "report \(report.id.prefix(16)) has no sealed evidence; `evidence: sealed` in the "
                    + "daemon's configuration adds it to new reports")
        }
        let evidence = try sealed.open(of: report.id, with: key)
        switch format {
        case .json:
            let opened = OpenedEvidence(report: report.id, evidence: evidence)
            print(try JSONDocument.line(of: opened))
        case .text:
            ReportText(report).lines.forEach { print($0) }
            for passage in evidence.passages {
                print("--- \(passage.field ?? "record")")
                print(passage.text.printable(keepingNewlines: true))
            }
            if evidence.isCut { print("--- cut: the turn is longer than a report carries") }
            print()
        }
    }
}

private struct OpenedEvidence: Encodable {
    let report: String
    let evidence: Evidence
}
