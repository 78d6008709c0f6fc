// SPDX-License-Identifier: Apache-2.0
internal import CTextScan

/// Writes a text in the ASCII that it looks like.
///
/// A character is replaced by what it stands for or can be confused with, as
/// `deploy/make-folding-table` says; what cannot be seen is left out; so are marks that
/// combine with ASCII, and Markdown's marks between two letters. Case is kept. Folding what is
/// folded changes nothing.
enum Folding {
    /// More marks than this between two letters are a line, not emphasis.
    private static let emphasisBytes = 3

    static func fold(_ text: Span<UInt8>, into folded: TextBuffer) {
        var copied = 0
        var index = 0
        while index < text.count, !folded.isFull {
            let byte = text[index]
            if byte < 0x80 {
                index &+= 1
                guard byte.isEmphasis else { continue }
                append(text.extracting(copied..<(index - 1)), to: folded)
                folded.append(byte)
                copied = index
            } else {
                let (form, end) = form(of: text, at: index)
                if form != Int(CTEXTSCAN_FOLD_KEEP) {
                    append(text.extracting(copied..<index), to: folded)
                    append(form, for: text.extracting(index..<end), to: folded)
                    copied = end
                }
                index = end
            }
        }
        append(text.extracting(copied..<text.count), to: folded)
        folded.endAtCharacter()
    }

    /// What the character at `start` is folded to, as the table tells, and where it ends.
    private static func form(of text: Span<UInt8>, at start: Int) -> (form: Int, end: Int) {
        let length = text[start] < 0xe0 ? 2 : text[start] < 0xf0 ? 3 : 4
        let end = min(start + length, text.count)
        var character = UInt32(text[start]) & (0x7f >> UInt32(length))
        for index in (start + 1)..<end { character = character << 6 | UInt32(text[index] & 0x3f) }
        return (Int(ctextscan_fold(character)), end)
    }

    private static func append(
        _ form: Int, for character: Span<UInt8>, to folded: TextBuffer
    ) {
        let written = folded.count
        switch form {
        case Int(CTEXTSCAN_FOLD_MARK):
            let bytes = folded.bytes
            guard let last = bytes.indices.last, bytes[last] < 0x80 else {
                folded.append(character)
                return
            }
        case Int(CTEXTSCAN_FOLD_REMOVE): break
        case 0..<Int(CTEXTSCAN_FOLD_STRING):
            append(UInt8(truncatingIfNeeded: form), to: folded)
        default:
            let string = unsafe ctextscan_fold_string(UInt16(truncatingIfNeeded: form))
            for offset in 1...Int(unsafe string[0]) {
                append(unsafe string[offset], to: folded)
            }
        }
        folded.noteChange(from: min(written, folded.count))
    }

    /// Appends bytes of which only the first may meet marks before it.
    private static func append(_ bytes: Span<UInt8>, to folded: TextBuffer) {
        guard bytes.count > 0 else { return }
        append(bytes[0], to: folded)
        folded.append(bytes.extracting(1..<bytes.count))
    }

    /// Appends a byte; before a letter, marks behind another letter are let go.
    private static func append(_ byte: UInt8, to folded: TextBuffer) {
        if byte.isLetter {
            let bytes = folded.bytes
            var start = bytes.count
            while start > 0, bytes.count - start <= emphasisBytes, bytes[start - 1].isEmphasis {
                start -= 1
            }
            let marks = bytes.count - start
            if marks > 0, marks <= emphasisBytes, start > 0, bytes[start - 1].isLetter {
                folded.truncate(to: start)
                folded.noteChange(from: start)
            }
        }
        folded.append(byte)
    }
}
