// SPDX-License-Identifier: Apache-2.0
internal import Logging

/// Loads the rules anew at SIGHUP, beside the evaluation, and hands them to it.
///
/// The new set is parsed, checked, its tests run, and compiled on a thread of its own; the
/// evaluator takes it between two batches. With any fault the old rules stay and the fault is
/// told. A signal that comes meanwhile makes it load once more.
final class RuleReloader {
    private let requests = HandOver<Void>(capacity: 1)
    private let thread: WorkerThread

    /// - Parameters:
    ///   - load: Makes the rule set; may take seconds.
    ///   - swap: Hands it to the evaluator and returns when it evaluates by it; false when the
    ///     daemon ends.
    init(
        logger: Logger, load: @escaping @Sendable () throws -> RuleSet,
        swap: @escaping @Sendable (RuleSet) throws -> Bool
    ) {
        let requests = requests
        thread = WorkerThread("reload") {
            while case .element = requests.take() {
                ServiceManager.reloading()
                do {
                    let rules = try load()
                    for warning in rules.warnings { logger.warning("\(warning)") }
                    guard try swap(rules) else { return }
                    logger.notice("reloaded: \(rules.summary)")
                    ServiceManager.ready(status: "watching with \(rules.summary)")
                } catch {
                    logger.error("\(error)\nthe rules are not reloaded; those of before stay")
                    ServiceManager.ready(
                        status: "the last reload failed; watching with the rules of before")
                }
            }
        }
    }

    /// Asks for a reload; one that is asked for already is enough.
    func request() { requests.giveIfRoom(()) }

    func stop() {
        requests.close()
        thread.join()
    }
}
