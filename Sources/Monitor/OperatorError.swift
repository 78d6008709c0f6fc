// SPDX-License-Identifier: Apache-2.0
package import Evaluation
package import Reports
package import Varlink

/// An error whose description tells the operator all: what failed, on which thing, why, and
/// what to do.
package protocol OperatorError: Error, CustomStringConvertible {}

extension CorpusError: OperatorError {}
extension SettingsError: OperatorError {}
extension RuleFaults: OperatorError {}
extension StoreError: OperatorError {}
extension QueueError: OperatorError {}
extension ControlError: OperatorError {}
extension VarlinkServerError: OperatorError {}
