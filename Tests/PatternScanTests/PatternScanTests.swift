// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import PatternScan

@Suite struct PatternScanTests {
    private func hits(_ patterns: [Pattern], in text: String) throws -> [PatternHit] {
        let scanner = try PatternScanner(PatternDatabase(patterns))
        scanner.scan(Array(text.utf8).span)
        return scanner.hits
    }

    @Test func onePassTellsEachPatternOnceAtItsFirstEnd() throws {
        let patterns = [
            Pattern("abc"), Pattern("bc", options: .caseless), Pattern("\\Aabc"), Pattern("x"),
            Pattern("abc\\z"),
        ]
        let found = try hits(patterns, in: "-BC abc abc")
        #expect(
            found == [
                PatternHit(pattern: 1, start: 0, end: 3), PatternHit(pattern: 0, start: 0, end: 7),
                PatternHit(pattern: 4, start: 0, end: 11),
            ])
        #expect(try hits(patterns, in: "").isEmpty)
    }

    @Test func aLocatingDatabaseTellsStartsToo() throws {
        let scanner = try PatternScanner(PatternDatabase(locating: Pattern("a.{0,3}c")))
        scanner.scan(Array("--abbc".utf8).span)
        #expect(scanner.hits.contains(PatternHit(pattern: 0, start: 2, end: 6)))
    }

    @Test func aDotIsACharacterInUTF8AndAByteElse() throws {
        #expect(try hits([Pattern("a.b", options: .utf8)], in: "aéb").count == 1)
        #expect(try hits([Pattern("a.b")], in: "aéb").isEmpty)
    }

    @Test func whatIsRefusedIsNamed() {
        #expect(Pattern("a+b").refusal == nil)
        #expect(Pattern("(?=a)b").refusal != nil)
        #expect(Pattern("(").refusal != nil)
        #expect {
            _ = try PatternDatabase([Pattern("fine"), Pattern("(?<=a)b")])
        } throws: { error in
            (error as? PatternError)?.index == 1
        }
    }

    @Test func whatTakesNoCharacterIsFoundInAnEmptyTextAndMaybeEverywhere() throws {
        let anchored = Pattern("^a*$", options: .allowEmpty)
        #expect(try hits([anchored, Pattern("b")], in: "").map(\.pattern) == [0])
        #expect(try hits([anchored], in: "b").isEmpty)
        #expect(!anchored.isFoundEverywhere && !Pattern("a").isFoundEverywhere)
        let unbound = Pattern("a*", options: .allowEmpty)
        #expect(try hits([unbound], in: "b").count == 1)
        #expect(unbound.isFoundEverywhere)
        #expect(Pattern("", options: .allowEmpty).isFoundEverywhere)
    }

    @Test func noPatternIsMissedAtTheEndOfATextWhateverItsLength() throws {
        let scanner = try PatternScanner(
            PatternDatabase([Pattern("ow"), Pattern("eg"), Pattern("\\A8")]))
        for length in 2...100 {
            let text = Array(repeating: UInt8(ascii: "-"), count: length - 2) + Array("ow".utf8)
            scanner.scan(text.span)
            #expect(scanner.hits.map(\.pattern) == [0], "\(length)")
        }
        scanner.scan([0, 0].span)
        #expect(scanner.hits.isEmpty)
    }

    @Test func oneDatabaseServesManyScanners() throws {
        let database = try PatternDatabase([Pattern("needle")])
        let scanners = try (0..<3).map { _ in try PatternScanner(database) }
        for scanner in scanners {
            scanner.scan(Array("a needle".utf8).span)
            #expect(scanner.hits.count == 1)
        }
    }
}
