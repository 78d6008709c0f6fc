// SPDX-License-Identifier: Apache-2.0
internal import CTextScan

/// Cuts texts into words.
///
/// Letters are folded to lower case and every digit is `0`; a byte of other than ASCII counts as
/// a letter, every other byte ends a word. A run of more than 24 bytes is cut, so that texts
/// without blanks have words too.
///
/// A text is folded piece by piece into a buffer that is read again at once. A word that a
/// piece's end cuts is moved before the next piece:
///
///     | 24 of 0xff | 24 of 0 | room for a begun word | a piece, folded | zeros |
///     0            24        48                      80                1104    1136
@safe struct WordReader {
    private let buffer: UnsafeMutablePointer<UInt8>
    /// By 64 bytes of the piece, which of them are of a word.
    private let blocks: UnsafeMutablePointer<UInt64>
    /// Where words begin and end in the buffer, in turn.
    private let turns: UnsafeMutablePointer<UInt16>
    private var turnCount = 0
    private var pieceEnd = 0

    private static let pieceBytes = 1024
    private static let pieceStart = 80
    private static let bufferBytes = pieceStart + pieceBytes + 32

    /// Calls `body` with each word, in their order.
    ///
    /// - Complexity: Linear; nothing but the stack is used.
    @inline(__always)
    static func forEachWord(of text: UnsafeBufferPointer<UInt8>, _ body: (Word) -> Void) {
        guard let start = text.baseAddress else { return }
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bufferBytes) { buffer in
            unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: pieceBytes / 64) {
                blocks in
                unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: pieceBytes + 2) {
                    guard let buffer = buffer.baseAddress, let blocks = blocks.baseAddress,
                        let turns = $0.baseAddress
                    else { return }
                    var reader = unsafe WordReader(buffer, blocks, turns)
                    var offset = 0
                    while offset < text.count {
                        let count = min(pieceBytes, text.count &- offset)
                        unsafe reader.fold(start + offset, count)
                        offset &+= count
                        reader.forEachWord(isLastPiece: offset == text.count, body)
                    }
                }
            }
        }
    }

    private init(
        _ buffer: UnsafeMutablePointer<UInt8>, _ blocks: UnsafeMutablePointer<UInt64>,
        _ turns: UnsafeMutablePointer<UInt16>
    ) {
        unsafe buffer.initialize(repeating: 0, count: Self.bufferBytes)
        unsafe buffer.update(repeating: 0xff, count: Word.bytesMax)
        unsafe self.buffer = buffer
        unsafe self.blocks = blocks
        unsafe self.turns = turns
    }

    /// Folds a piece into the buffer and notes where its words begin and end.
    @inline(__always)
    private mutating func fold(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        unsafe ctextscan_fold_words(bytes, count, buffer + Self.pieceStart, blocks)
        // Whether the byte before is of a word.
        var carried: UInt64 = turnCount == 1 ? 1 : 0
        for block in 0..<(count &+ 63) / 64 {
            let words = unsafe blocks[block]
            var changes = words ^ (words &<< 1 | carried)
            carried = words &>> 63
            while changes != 0 {
                let place = Self.pieceStart &+ 64 &* block &+ changes.trailingZeroBitCount
                unsafe turns[turnCount] = UInt16(truncatingIfNeeded: place)
                turnCount &+= 1
                changes &= changes &- 1
            }
        }
        pieceEnd = Self.pieceStart &+ count
    }

    @inline(__always)
    private mutating func forEachWord(isLastPiece: Bool, _ body: (Word) -> Void) {
        if isLastPiece, turnCount & 1 == 1 {
            unsafe turns[turnCount] = UInt16(pieceEnd)
            turnCount += 1
        }
        var index = 0
        while index &+ 1 < turnCount {
            let end = unsafe Int(turns[index &+ 1])
            let start = unsafe cut(Int(turns[index]), end, body)
            body(word(at: start, end &- start))
            index &+= 2
        }
        turnCount &= 1
        guard turnCount == 1 else { return }
        let start = unsafe cut(Int(turns[index]), pieceEnd, body)
        let begun = pieceEnd - start
        unsafe (buffer + Self.pieceStart - begun).update(from: buffer + start, count: begun)
        unsafe turns[0] = UInt16(Self.pieceStart - begun)
    }

    /// Calls `body` with what is cut off a run that is too long for a word.
    ///
    /// - Returns: Where the rest begins, which is a word.
    @inline(__always)
    private func cut(_ start: Int, _ end: Int, _ body: (Word) -> Void) -> Int {
        var start = start
        while end &- start > Word.bytesMax {
            body(word(at: start, Word.bytesMax))
            start &+= Word.bytesMax
        }
        return start
    }

    @inline(__always)
    private func word(at start: Int, _ length: Int) -> Word {
        let word = unsafe UnsafeRawPointer(buffer + start)
        let mask = unsafe UnsafeRawPointer(buffer + (Word.bytesMax &- length))
        @inline(__always)
        func lane(_ offset: Int) -> UInt64 {
            unsafe UInt64(littleEndian: (word + offset).loadUnaligned(as: UInt64.self))
                & (mask + offset).loadUnaligned(as: UInt64.self)
        }
        let first = lane(0)
        let last4 = unsafe (word + max(length &- 4, 0)).loadUnaligned(as: UInt32.self)
        return Word(
            first: first, second: lane(8), third: lane(16),
            ending: length < 4
                ? UInt32(truncatingIfNeeded: first) : UInt32(littleEndian: last4))
    }
}
