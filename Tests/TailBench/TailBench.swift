// SPDX-License-Identifier: Apache-2.0
import Bytes
import Decompression
import Glibc

/// Reads a compressed log with a decoder's own library and through LogTail, in turn, and prints
/// how fast each was.
@main
enum TailBench {
    /// What LogTail may at least make of the library's speed.
    static let target = 0.9

    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 || arguments.count == 4,
            let library = BareLibrary(rawValue: arguments[1]),
            let rounds = arguments.count == 4 ? Int(arguments[3]) : 5, rounds > 0
        else {
            fail("usage: tailbench isal|zlib|zstd FILE [ROUNDS]", status: 64)
        }
        do {
            try compare(library, path: arguments[2], rounds: rounds)
        } catch {
            fail("tailbench: \(error)", status: 1)
        }
    }

    private static func compare(_ library: BareLibrary, path: String, rounds: Int) throws {
        let isKnown = try TailReading.knowsFormat(of: path)
        var bare = Measurement()
        var tail = Measurement()
        for _ in 0..<rounds {
            try bare.measure { try library.read(path) }
            if isKnown { try tail.measure { try TailReading.read(path, library.inflater) } }
        }
        guard isKnown else {
            print("\(library.rawValue): bare \(bare), LogTail takes the file for plain text")
            return
        }
        guard bare.byteCount == tail.byteCount else {
            throw ReadingFailure("\(bare.byteCount) bytes bare, \(tail.byteCount) through LogTail")
        }
        let ratio = tail.bytesPerSecond / bare.bytesPerSecond
        let verdict = ratio < target ? "below \(target)" : "reaches \(target)"
        print(
            "\(library.rawValue): bare \(bare), LogTail \(tail), "
                + "ratio \(rounded(ratio, 2)) \(verdict)")
    }

    private static func fail(_ text: String, status: Int32) -> Never {
        let line = Array((text + "\n").utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(status)
    }
}

/// The best of some rounds of reading a file.
struct Measurement: CustomStringConvertible {
    private(set) var byteCount = 0
    private var best = Double.infinity

    mutating func measure(_ read: () throws -> Int) rethrows {
        let clock = ContinuousClock()
        let begin = clock.now
        byteCount = try read()
        best = min(best, (clock.now - begin) / .seconds(1))
    }

    var bytesPerSecond: Double { Double(byteCount) / best }

    var description: String { "\(rounded(bytesPerSecond / 1e6, 0)) MB/s (\(rounded(best, 3)) s)" }
}

/// The number with so many decimals.
func rounded(_ value: Double, _ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let digits = "\(Int((value * scale).rounded()))"
    guard decimals > 0 else { return digits }
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return padded.dropLast(decimals) + "." + padded.suffix(decimals)
}

/// A file that could not be read to its end.
struct ReadingFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
