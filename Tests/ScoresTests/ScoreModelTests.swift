// SPDX-License-Identifier: Apache-2.0
import Scores
import Testing

@Suite struct ScoreModelTests {
    private static let model = ScoreModel(
        about: #"{"made":"for a test"}"#,
        tables: [
            TextScorerTests.table,
            ScoreTable(
                side: .response,
                categories: [ScoreTable.Category(name: "only", scale: 2, bias: -1)],
                rows: Array(repeating: SIMD8(1, 0, 0, 0, 0, 0, 0, 0), count: 1 << 15)),
        ])

    @Test func aModelIsReadAsItWasWritten() throws {
        let bytes = Self.model.fileBytes
        #expect(bytes == Self.model.fileBytes)
        #expect(try ScoreModel(fileBytes: bytes) == Self.model)
        #expect(bytes.count < 1 << 20)
    }

    @Test func eachSideHasItsTable() {
        #expect(Self.model.table(of: .request)?.categories.count == 5)
        #expect(Self.model.table(of: .response)?.categories.map(\.name) == ["only"])
        #expect(ScoreModel(about: "{}", tables: []).table(of: .request) == nil)
    }

    @Test func aChangedByteAnywhereIsSeen() {
        let bytes = Self.model.fileBytes
        let places = Array(0..<160) + Array(stride(from: 160, to: bytes.count, by: 9973))
        for place in places + [bytes.count - 1] {
            var damaged = bytes
            damaged[place] ^= 0x10
            #expect(throws: ModelFault.self, "byte \(place)") {
                try ScoreModel(fileBytes: damaged)
            }
        }
    }

    @Test func aCutFileIsNoModel() {
        let bytes = Self.model.fileBytes
        for count in Array(0..<160) + [bytes.count / 2, bytes.count - 1] {
            #expect(throws: ModelFault.self, "\(count) bytes") {
                try ScoreModel(fileBytes: Array(bytes.prefix(count)))
            }
        }
        #expect(throws: ModelFault.damaged) { try ScoreModel(fileBytes: bytes + [0]) }
    }

    @Test func whatIsWrongIsToldInASentence() {
        #expect(
            ModelFault.notAModel.description
                == "is no model that this version reads; make one with `tocsin train`")
        #expect(
            ModelFault.damaged.description
                == "is damaged: its digest does not fit; copy it again or make it with "
                + "`tocsin train`")
    }
}
