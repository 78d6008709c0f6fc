// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A thread that writes logs beside a test until told to end.
final class WritingThread<Written: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var isEnding = false
    private var written: Written
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameter nothing: What is told as written where writing failed.
    init(nothing: Written) { written = nothing }

    /// - Parameter write: Ends soon after what it is given says so; gives what is to be reported.
    ///   An error fails the test.
    func start(_ write: @escaping @Sendable (_ isEnding: () -> Bool) throws -> Written) {
        let thread = Thread { [self] in
            do { written = try write { lock.withLock { isEnding } } } catch { Issue.record(error) }
            ended.signal()
        }
        thread.start()
    }

    /// Ends the writing, once; what is to be reported.
    func finish() -> Written {
        lock.withLock { isEnding = true }
        ended.wait()
        return written
    }
}
