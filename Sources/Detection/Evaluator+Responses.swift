// SPDX-License-Identifier: Apache-2.0
internal import Interactions

/// Responses that a streaming log writes in pieces: each is evaluated like any other turn, where
/// its last piece stands, and its findings name the line of its first.
extension Evaluator {
    /// Responses are being written that are not finished, or requests wait for theirs.
    package var hasOpenResponses: Bool { assembler.isWaiting }

    /// Where the line begins from which a stream has to be read again after a restart, for the
    /// responses of it that are not finished.
    package func heldOffset(ofStream stream: UInt64) -> Int? {
        assembler.heldOffset(ofStream: stream)
    }

    /// Evaluates the responses that have waited too long for their end.
    package func expireResponses(now: Int64, into findings: inout [Finding]) {
        guard assembler.isWaiting else { return }
        assembler.expire(now: now, conversations)
        evaluateResponses(now: now, into: &findings)
    }

    /// Evaluates all responses that are not finished, at the end of what there is to read.
    package func flushResponses(now: Int64, into findings: inout [Finding]) {
        assembler.flush(now: now, conversations)
        evaluateResponses(now: now, into: &findings)
    }

    /// Forgets a stream, whose responses that are not finished are evaluated first.
    package func forget(stream: UInt64, now: Int64, into findings: inout [Finding]) {
        assembler.forget(stream: stream, now: now, conversations)
        evaluateResponses(now: now, into: &findings)
    }

    /// Takes the decoder's current interaction, a piece of a response.
    func evaluatePiece(at place: RecordPlace, into findings: inout [Finding]) {
        noteTime()
        assembler.take(decoder, at: place, conversations)
        evaluateResponses(now: place.now, into: &findings)
    }

    private func evaluateResponses(now: Int64, into findings: inout [Finding]) {
        while let response = assembler.next() {
            decoder.adopt(response)
            evaluateInteraction(
                at: LinePlace(response.first, now: now), answering: response.request,
                into: &findings)
            assembler.recycle(response)
        }
    }
}
