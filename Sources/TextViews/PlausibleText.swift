// SPDX-License-Identifier: Apache-2.0

/// Tells, byte by byte, whether what a decoder puts out is UTF-8 text without control characters.
struct PlausibleText {
    private var missing = 0
    private var allowed: ClosedRange<UInt8> = 0x80...0xbf

    /// Whether a character has just ended.
    var isBetweenCharacters: Bool { missing == 0 }

    /// Whether `byte` can come next; after a no, nothing more may be asked.
    mutating func accepts(_ byte: UInt8) -> Bool {
        if missing > 0 {
            guard allowed.contains(byte) else { return false }
            missing -= 1
            allowed = 0x80...0xbf
            return true
        }
        // Unicode 15, table 3-7.
        switch byte {
        case 0x20...0x7e, 0x09, 0x0a, 0x0d: return true
        case 0xc3...0xdf: missing = 1
        case 0xc2: (missing, allowed) = (1, 0xa0...0xbf)
        case 0xe0: (missing, allowed) = (2, 0xa0...0xbf)
        case 0xed: (missing, allowed) = (2, 0x80...0x9f)
        case 0xe1...0xef: missing = 2
        case 0xf0: (missing, allowed) = (3, 0x90...0xbf)
        case 0xf1...0xf3: missing = 3
        case 0xf4: (missing, allowed) = (3, 0x80...0x8f)
        default: return false
        }
        return true
    }
}

/// Appends what a decoder puts out as long as it is plausible.
struct PlausibleOutput {
    private let output: TextBuffer
    private var text = PlausibleText()
    let start: Int
    /// Where the last whole character ends.
    private(set) var end: Int

    init(_ output: TextBuffer) {
        self.output = output
        start = output.count
        end = start
    }

    /// How many bytes of whole characters there are.
    var count: Int { end - start }

    /// Whether `byte` was plausible, and was appended.
    mutating func append(_ byte: UInt8) -> Bool {
        guard text.accepts(byte), !output.isFull else { return false }
        output.append(byte)
        if text.isBetweenCharacters { end = output.count }
        return true
    }

    /// Keeps the whole characters as something that was decoded, or nothing if they are fewer
    /// than `least` bytes.
    func keep(atLeast least: Int) -> Bool {
        guard count >= least else {
            output.truncate(to: start)
            return false
        }
        output.truncate(to: end)
        output.noteChange(from: start)
        return true
    }
}
