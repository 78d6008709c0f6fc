// SPDX-License-Identifier: Apache-2.0
package import Decompression

/// Reads one file from its first byte to its last, as it is now.
package struct FileScan {
    private let path: String
    private let inflater: Inflater
    private let pool: BlockPool
    private let events: any TailEvents

    package init(path: String, inflater: Inflater, pool: BlockPool, events: any TailEvents) {
        self.path = path
        self.inflater = inflater
        self.pool = pool
        self.events = events
    }

    /// Hands on all lines and gaps; false when the receiver wanted no more or the file cannot
    /// be read, which is then told as a notice.
    ///
    /// - Parameter progress: Called after each turn with the bytes of the file read so far.
    package func run(progress: (Int) -> Void) -> Bool {
        do {
            var timing = TailTiming()
            timing.grace = .zero
            let now = TailInstant.now
            let context = TailContext(
                inflater: inflater, timing: timing, pool: pool, events: events)
            let file = try DecodedFile(path: path, inflater: inflater, buffer: context.buffer)
            let follower = FileFollower(path: path, open: file, context: context, now: now)
            follower.vanishedAt = now
            var table = StreamTable([])
            while try follower.turn(&table, now: now) != .finished { progress(file.rawOffset) }
            return true
        } catch let failure as DecodedFile.OpenFailure {
            events.notice(failure.notice(of: path))
        } catch let error as SystemError {
            events.notice(.cannotRead(path: path, reason: error.text))
        } catch {}
        return false
    }
}
