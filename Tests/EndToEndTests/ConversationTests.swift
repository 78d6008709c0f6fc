// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reports
import TestSupport
import Testing

/// Conversations are threaded alike whatever kills the daemon between their records.
@Suite struct ConversationTests {
    @Test("killed between records, turns keep their conversation and are not evaluated twice")
    func killed() throws {
        let host = try Host()
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        var messages: [[String: String]] = []
        var expected: [Int] = []
        for turn in 0..<8 {
            messages.append(["role": "user", "content": "number \(turn) \(Host.marker)"])
            // Only the last messages are sent again: what came before must be remembered.
            let sent = Array(messages.suffix(3))
            let answer = ["role": "assistant", "content": "answer \(turn)"]
            let record: [String: Any] = [
                "id": "r\(turn)", "created": 1_760_000_000 + turn, "messages": sent,
                "choices": [["message": answer]],
            ]
            messages.append(answer)
            try host.start()
            try log.write(
                contentsOf: try JSONSerialization.data(withJSONObject: record) + Data("\n".utf8))
            expected.append(turn)
            host.wait(for: "turn \(turn)") { host.reports().count == expected.count }
            #expect(host.end(SIGKILL) == -SIGKILL)
        }
        let reports = host.reports()
        #expect(reports.map(\.turn) == expected)
        #expect(Set(reports.map(\.conversation)).count == 1)
        #expect(reports.filter(\.history).isEmpty)
        #expect(!host.errors.contains("damaged"))
    }
}
