// SPDX-License-Identifier: Apache-2.0

/// How long the reader waits for what.
package struct TailTiming: Sendable {
    /// A file that is shorter than a checkpoint that may be its own is taken for another stream
    /// once it has not grown for this long.
    package var settle: Duration = .seconds(5)
    /// A file that no watched name leads to any more is let go once it has not grown for this
    /// long: its writer may still hold it open after a rotation.
    package var grace: Duration = .seconds(30)
    /// A file that was renamed and then not written to for this long is finished: if it ends
    /// inside a gzip member or zstd frame, that is told.
    package var abandon: Duration = .seconds(300)
    /// Between two looks at all files, whatever inotify tells; longer where looking takes long.
    package var rescan: Duration = .seconds(5)
    /// The same where file systems cannot tell of changes.
    package var poll: Duration = .milliseconds(250)
    /// A stream that no file has held for this long is forgotten.
    package var forget: Duration = .seconds(14 * 86_400)
    /// Between two looks for streams to forget.
    package var review: Duration = .seconds(600)

    /// The longest wait between two words to the receiver that the reader is alive.
    package var alive: Duration = .seconds(86_400)

    package init() {}
}

/// The clock of the reader: it only measures waiting, never the time of an event.
package typealias TailInstant = ContinuousClock.Instant
