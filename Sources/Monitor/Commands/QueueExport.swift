// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// `tocsin queue export`: all reports of the queue, for other programs.
package struct QueueExport {
    /// What each line is.
    package enum Format: String, Sendable, CaseIterable {
        case json, ocsf
        case otlpJSON = "otlp-json"
    }

    private let client: ControlClient

    /// - Throws: ``ControlError`` when no daemon answers at the socket.
    package init(socket: String) throws { client = try ControlClient(socket: socket) }

    /// Prints all reports, in the order in which they were stored.
    package func all(_ format: Format) throws {
        try forEach(QueueState.allCases) { queued in
            switch format {
            case .json: print(queued.report.json)
            case .ocsf: print(OCSFFinding(queued).json)
            case .otlpJSON: print(OTLPLog(queued).json)
            }
        }
    }

    /// Prints the texts of acknowledged reports with what they were found to be, in the shape of a
    /// labelled corpus.
    ///
    /// - Parameter keyFile: Opens the evidence of reports that have it sealed.
    /// - Throws: ``SettingsError`` when the key cannot be read.
    package func labelled(keyFile: String?) throws {
        var key: EvidencePrivateKey?
        if let keyFile { key = try EvidenceCommand.privateKey(in: keyFile) }
        var withoutText = 0
        try forEach([.acknowledged]) { queued in
            guard let verdict = queued.verdict, verdict != .duplicate else { return }
            let rows = LabelledText.rows(of: queued.report, verdict: verdict, key: key)
            if rows.isEmpty { withoutText += 1 }
            for row in rows { print(row.json) }
        }
        guard withoutText > 0 else { return }
        StandardError.tell("\(withoutText) reports with a verdict have no text to export")
    }

    private func forEach(_ states: [QueueState], _ body: (QueuedReport) throws -> Void) throws {
        var last = 0
        while true {
            let reply = try client.call(
                "\(ReportsInterface.name).List",
                ReportsInterface.List(states: states, after: last),
                returning: ReportsInterface.Reports.self)
            for queued in reply.reports where queued.report.kind != .canary { try body(queued) }
            guard let next = reply.reports.last?.sequence else { return }
            last = next
        }
    }
}

/// A row of a labelled corpus, as `tocsin eval` and `tocsin train` read them.
private struct LabelledText: Encodable {
    let id: String
    let source = "queue"
    let licence = "own"
    let role: String
    let text: String
    let label: String
    let category: String
    let basis = "verdict"

    private enum CodingKeys: String, CodingKey {
        case id, source, licence, role, text, label, category
        case basis = "category_basis"
    }

    /// The texts of the report that the verdict is about: of sealed evidence those of the side that
    /// matched, else the excerpt.
    static func rows(
        of report: Report, verdict: Verdict, key: EvidencePrivateKey?
    ) -> [LabelledText] {
        let side = report.who == .response ? "response" : "prompt"
        var texts = report.excerpt.map { [$0.text] } ?? []
        if let key, let evidence = try? report.sealed?.open(of: report.id, with: key) {
            texts = evidence.passages.filter { $0.field == report.field }.map(\.text)
        }
        return texts.enumerated().map { index, text in
            LabelledText(
                id: "\(report.id)-\(index)", role: side, text: text,
                label: verdict == .truePositive ? "hazard" : "hard_benign",
                category: report.category ?? "none")
        }
    }

    var json: String { JSONDocument.certainLine(of: self) }
}
