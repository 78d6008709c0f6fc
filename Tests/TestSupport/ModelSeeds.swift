// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// The seeds of random programs that one run of a model test goes through.
///
/// From 1 on, for as many seconds as `TOCSIN_MODEL_SECONDS` says; `TOCSIN_MODEL_SEED` names the
/// one to run again. `TOCSIN_MODEL_FIRST` begins elsewhere.
package final class ModelSeeds: @unchecked Sendable {
    private let lock = NSLock()
    private let chosen: UInt64?
    private let end: Date
    private let first: UInt64
    private var next: UInt64
    private var found: [String] = []

    package init(usualSeconds: Double) {
        let environment = ProcessInfo.processInfo.environment
        chosen = environment["TOCSIN_MODEL_SEED"].flatMap { UInt64($0) }
        first = chosen ?? environment["TOCSIN_MODEL_FIRST"].flatMap { UInt64($0) } ?? 1
        next = first
        end = Date() + (environment["TOCSIN_MODEL_SECONDS"].flatMap { Double($0) } ?? usualSeconds)
    }

    /// Runs `body` with one seed after another, some at a time, and prints which.
    ///
    /// - Parameter body: Says what is wrong after the program of a seed.
    /// - Returns: What was wrong, each with its seed.
    package func run(
        _ name: String, atATime count: Int, _ body: @escaping @Sendable (UInt64) throws -> [String]
    ) -> [String] {
        DispatchQueue.concurrentPerform(iterations: chosen == nil ? count : 1) { _ in
            while let seed = take() {
                do {
                    note(try body(seed), seed)
                } catch {
                    note(["\(error)"], seed)
                }
            }
        }
        print("\(name): seeds \(first) to \(next - 1)")
        return lock.withLock { found }
    }

    private func take() -> UInt64? {
        lock.withLock {
            let isLeft = next == first || chosen == nil && Date() < end && found.isEmpty
            guard isLeft else { return nil }
            defer { next += 1 }
            return next
        }
    }

    private func note(_ faults: [String], _ seed: UInt64) {
        lock.withLock { found += faults.map { "seed \(seed): \($0)" } }
    }
}
