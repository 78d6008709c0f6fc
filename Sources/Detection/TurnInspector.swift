// SPDX-License-Identifier: Apache-2.0
internal import Interactions

/// Is shown each turn that an evaluator evaluates, before its rules are worked out: how the
/// operators' tools see what the daemon would do, by the very same code.
///
/// Without one, evaluation pays a test for nil a turn.
package class TurnInspector {
    init() {}

    /// - Parameter excluded: Rules that the turn's request made true already, which count once.
    func inspect(
        _ turn: EvaluatedTurn, at place: LinePlace, excluding excluded: [Int32],
        _ decoder: InteractionDecoder, _ matcher: inout TurnMatcher
    ) {}
}
