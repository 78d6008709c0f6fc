// SPDX-License-Identifier: Apache-2.0

/// Where a record lies in its stream, and when it was read.
package struct RecordPlace: Sendable {
    /// The stream's number, the same after a restart.
    package var stream: UInt64
    /// Where the line begins.
    package var offset: Int
    /// The line, from 1.
    package var line: Int
    /// Which of the line's records it is, from 0.
    package var record: Int
    /// Milliseconds since 1970 by the clock.
    package var now: Int64

    package init(stream: UInt64, offset: Int, line: Int, record: Int, now: Int64) {
        self.stream = stream
        self.offset = offset
        self.line = line
        self.record = record
        self.now = now
    }

    /// Grows from record to record of a stream: a line has fewer records than bytes.
    var position: Int { offset + record }
}

/// A response of which pieces were read.
///
/// Its report names the line of its first piece.
package final class OpenResponse {
    /// Where its first piece stands; of one that goes on after it became too long, the first
    /// that came then.
    package internal(set) var first = RecordPlace(
        stream: 0, offset: 0, line: 0, record: 0, now: 0)
    /// The request that it answers, where that was a record of its own.
    package internal(set) var request: WaitingRequest?
    /// What the stream has to be read from again after a restart.
    var heldOffset = 0
    var key: UInt64 = 0
    /// Where the piece stands that was taken last.
    var lastPosition = 0
    var lastTime: Int64 = 0
    /// Some of its pieces named no response.
    var hasUnnamedPieces = false
    /// The choices that were spoken of, and those that are finished, as bits.
    private var choices: UInt64 = 0
    private var finishedChoices: UInt64 = 0
    private(set) var isFinished = false
    let gathered = GatheredTexts()
    /// Two places to read it again from: from the older on, the last `markedBytes` come again.
    private var marks = (older: RecordPlace?.none, newer: RecordPlace?.none)
    private var bytesAtMark = 0

    var cost: Int { gathered.cost + (request?.gathered.cost ?? 0) }

    /// Begins as a new one; it is cleared.
    func begin(_ key: UInt64, at place: RecordPlace) {
        self.key = key
        first = place
        heldOffset = place.offset
    }

    /// Makes room for another.
    func clear() {
        isFinished = false
        (choices, finishedChoices) = (0, 0)
        hasUnnamedPieces = false
        request = nil
        marks = (nil, nil)
        bytesAtMark = 0
        gathered.clear()
    }

    /// Takes the decoder's current interaction, a piece of this response.
    func take(
        _ fragment: ResponseFragment, _ decoder: InteractionDecoder, at place: RecordPlace,
        markedBytes: Int
    ) {
        lastPosition = place.position
        lastTime = place.now
        let texts = decoder.interaction.texts.indices
        // A failed response that is repeated without its texts loses none of them.
        if fragment.isWhole, !texts.isEmpty {
            gathered.clearTexts()
            bytesAtMark = 0
        }
        if marks.newer == nil || gathered.byteCount - bytesAtMark >= markedBytes {
            marks = (marks.newer, place)
            bytesAtMark = gathered.byteCount
        }
        gathered.append(texts, arePieces: !fragment.isWhole, of: decoder)
        gathered.takeMetadata(of: decoder)
        choices |= fragment.choices
        finishedChoices |= fragment.finishedChoices
        isFinished =
            fragment.isLast || choices != 0 && finishedChoices & choices == choices
    }

    /// Goes on from a response that has become too long; returns the position of the first
    /// piece that is read again after a restart.
    func goOn(from whole: OpenResponse, at place: RecordPlace, repeatingBytes: Int) -> Int {
        begin(whole.key, at: place)
        request = whole.request
        (choices, finishedChoices) = (whole.choices, whole.finishedChoices)
        hasUnnamedPieces = whole.hasUnnamedPieces
        gathered.goOn(from: whole.gathered, repeatingBytes: repeatingBytes)
        let mark = whole.marks.older ?? whole.marks.newer ?? whole.first
        heldOffset = mark.offset
        return mark.position
    }
}

/// A request whose response is still to come, in records of its own.
package final class WaitingRequest {
    /// The turn's place in its conversation.
    package let place: TurnPlace
    /// The rules that the request alone made true.
    package internal(set) var firedRules: [Int32]
    let stream: UInt64
    let offset: Int
    let time: Int64
    let gathered = GatheredTexts()

    init(_ record: RecordPlace, turn: TurnPlace, firedRules: [Int32]) {
        stream = record.stream
        offset = record.offset
        time = record.now
        place = turn
        self.firedRules = firedRules
    }
}
