// SPDX-License-Identifier: Apache-2.0

/// Tells texts that hold none of many literals, several times faster than a search for them.
///
/// Every fourth place of a text is looked at for pieces of the literals, of six bytes each. Of each
/// literal four pieces are known that begin one byte after the other, so one of them begins at
/// such a place wherever the literal stands. Where a piece is found, its literals are compared.
///
///     literal       biological weapon
///     its pieces         ical w
///                         cal we
///                          al wea
///                           l weap
///     looked at     ^   ^   ^   ^   ^      it stands at an offset of 4 * n: here is `al wea`
///
/// The case of letters is left out: a gate may let pass what a search does not find, never the
/// other way.
package final class LiteralGate: Sendable {
    /// Literals must have as many bytes.
    package static let shortestBytes = pieceBytes + pieceCount - 1
    private static let pieceBytes = 6
    /// Also how many bytes lie between the places that are looked at.
    private static let pieceCount = 4
    /// Makes letters small; what else it changes, it changes in literals and texts alike.
    private static let folding: UInt64 = 0x2020_2020_2020_2020
    private static let pieceMask: UInt64 = 0xffff_ffff_ffff
    private static let filterBits: UInt64 = 18

    /// A piece and the first of the places that it has in literals.
    private struct Slot {
        var piece: UInt64 = 0
        var place = -1
    }

    /// Where in which literal a piece stands.
    private struct Place {
        let literal: Range<Int>
        let offset: Int
        /// Another place of the same piece, or -1.
        let next: Int
    }

    /// A bit for the hash of each piece: what is not there needs no other look.
    private let filter: [UInt64]
    /// By the pieces' hashes; linear probing, half full at most, piece 0 where none is.
    private let slots: [Slot]
    private let slotsShift: UInt64
    private let places: [Place]
    /// The literals one after the other, folded.
    private let bytes: [UInt8]

    package init(_ literals: [[UInt8]]) {
        var filter = [UInt64](repeating: 0, count: 1 << (Self.filterBits - 6))
        var places: [Place] = []
        var bytes: [UInt8] = []
        // Four pieces a literal at most, and as many free slots.
        let slotBits = Int.bitWidth - (8 * literals.count).leadingZeroBitCount
        slotsShift = UInt64(64 - slotBits)
        var slots = [Slot](repeating: Slot(), count: 1 << slotBits)
        for literal in literals {
            precondition(literal.count >= Self.shortestBytes, "a literal too short for a gate")
            let range = bytes.count..<(bytes.count + literal.count)
            bytes += literal.map { $0 | 0x20 }
            for (offset, piece) in Self.pieces(of: literal) {
                let bit = Self.hash(piece) >> (64 - Self.filterBits)
                filter[Int(bit >> 6)] |= 1 << (bit & 63)
                let slot = Self.slot(of: piece, slots, slotsShift)
                places.append(Place(literal: range, offset: offset, next: slots[slot].place))
                slots[slot] = Slot(piece: piece, place: places.count - 1)
            }
        }
        self.filter = filter
        self.slots = slots
        self.places = places
        self.bytes = bytes
    }

    /// False when the text holds none of the literals, in whatever case.
    ///
    /// - Complexity: Linear in the text, but for places that look like many of the literals.
    package func mayHold(_ text: Span<UInt8>) -> Bool {
        unsafe text.withUnsafeBytes { raw in
            unsafe filter.withUnsafeBufferPointer { filter in
                unsafe mayHold(raw, filter)
            }
        }
    }

    @inline(__always)
    private func mayHold(
        _ text: UnsafeRawBufferPointer, _ filter: UnsafeBufferPointer<UInt64>
    ) -> Bool {
        var at = 0
        while at &+ 20 <= text.count {
            var seen = unsafe Self.mayBe(Self.word(text, at), filter)
            seen |= unsafe Self.mayBe(Self.word(text, at &+ 4), filter)
            seen |= unsafe Self.mayBe(Self.word(text, at &+ 8), filter)
            seen |= unsafe Self.mayBe(Self.word(text, at &+ 12), filter)
            if seen & 1 != 0, unsafe holdsLiteral(text, at..<(at &+ 16)) { return true }
            at &+= 16
        }
        return unsafe holdsLiteral(text, at..<text.count)
    }

    /// Whether a literal has a piece at one of the places that are looked at.
    @inline(never)
    private func holdsLiteral(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        for at in stride(from: range.lowerBound, to: range.upperBound, by: Self.pieceCount)
        where at + Self.pieceBytes <= text.count {
            let piece = Self.piece { unsafe text[at + $0] }
            if unsafe holdsLiteral(text, at, ofPiece: piece) { return true }
        }
        return false
    }

    private func holdsLiteral(
        _ text: UnsafeRawBufferPointer, _ at: Int, ofPiece piece: UInt64
    ) -> Bool {
        var next = slots[Self.slot(of: piece, slots, slotsShift)].place
        while next >= 0 {
            let place = places[next]
            if unsafe holds(place.literal, text, at - place.offset) { return true }
            next = place.next
        }
        return false
    }

    private func holds(
        _ literal: Range<Int>, _ text: UnsafeRawBufferPointer, _ start: Int
    ) -> Bool {
        guard start >= 0, literal.count <= text.count - start else { return false }
        for offset in 0..<literal.count
        where unsafe text[start + offset] | 0x20 != bytes[literal.lowerBound + offset] {
            return false
        }
        return true
    }

    /// The eight bytes at a place, folded.
    @inline(__always)
    private static func word(_ text: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
        let bytes = unsafe text.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        return UInt64(littleEndian: bytes) | folding
    }

    /// In its lowest bit, whether a word begins as some piece may.
    @inline(__always)
    private static func mayBe(_ word: UInt64, _ filter: UnsafeBufferPointer<UInt64>) -> UInt64 {
        let bit = hash(word & pieceMask) &>> (64 &- filterBits)
        let words = unsafe filter.baseAddress.unsafelyUnwrapped
        return unsafe words[Int(truncatingIfNeeded: bit &>> 6)] &>> (bit & 63)
    }

    @inline(__always)
    private static func hash(_ piece: UInt64) -> UInt64 { piece &* 0x9e37_79b9_7f4a_7c15 }

    /// Where the piece is, or would go.
    private static func slot(of piece: UInt64, _ slots: [Slot], _ shift: UInt64) -> Int {
        var at = Int(hash(piece) >> shift)
        while slots[at].piece != piece, slots[at].piece != 0 { at = (at + 1) & (slots.count - 1) }
        return at
    }

    /// The pieces of a literal, with their offsets: those one after the other that other texts
    /// hold least.
    private static func pieces(of literal: [UInt8]) -> [(offset: Int, piece: UInt64)] {
        let rarities = literal.map { commonest.firstIndex(of: $0 | 0x20) ?? commonest.count }
        func rareness(_ start: Int) -> Int {
            rarities[start..<(start + shortestBytes)].reduce(0, +)
        }
        let starts = 0...(literal.count - shortestBytes)
        let best = starts.max { rareness($0) < rareness($1) } ?? 0
        return (best..<(best + pieceCount)).map { start in
            (start, piece { literal[start + $0] })
        }
    }

    /// A piece from its bytes, folded, the first lowest.
    @inline(__always)
    private static func piece(_ byte: (_ offset: Int) -> UInt8) -> UInt64 {
        var piece: UInt64 = 0
        for offset in 0..<pieceBytes { piece |= UInt64(byte(offset) | 0x20) << UInt64(8 * offset) }
        return piece
    }

    /// Of English, the commonest first.
    private static let commonest = Array(" etaoinsrhldcumfpgwybvkxjqz".utf8)
}
