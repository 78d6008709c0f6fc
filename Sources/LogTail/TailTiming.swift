// SPDX-License-Identifier: Apache-2.0

/// How long the reader waits for what.
package struct TailTiming: Sendable {
    /// A file that is shorter than a checkpoint that may be its own is taken for another stream
    /// once it has not grown for this long.
    package var settle: Duration = .seconds(5)
    /// A file that no watched name leads to any more is let go once it has not grown for this
    /// long: its writer may still hold it open after a rotation.
    package var grace: Duration = .seconds(30)
    /// Between two looks at all files, whatever inotify tells.
    package var rescan: Duration = .seconds(5)

    package init() {}
}

/// The clock of the reader: it only measures waiting, never the time of an event.
package typealias TailInstant = ContinuousClock.Instant
