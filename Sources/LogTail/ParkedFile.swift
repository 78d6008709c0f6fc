// SPDX-License-Identifier: Apache-2.0
internal import Decompression

/// What is remembered of a file while it is closed.
struct ParkedFile {
    let marks: FileMarks
    let stamp: FileStamp
    let readBytes: Int
    /// What is the matter with it if nothing is added: it ends inside a member.
    let unfinished: DecodeDamage?

    init(_ file: DecodedFile) {
        marks = file.marks
        stamp = file.stamp
        readBytes = file.rawOffset
        unfinished = file.unfinished
    }
}
