// SPDX-License-Identifier: Apache-2.0

/// `tocsin reload`: has the daemon load its rules anew, and says how that ended.
package enum ReloadCommand {
    /// - Throws: ``ControlError``, which tells every fault of the rules.
    package static func run(socket: String) throws {
        let reply = try ControlClient(socket: socket).call(
            "\(MonitorInterface.name).Reload", MonitorInterface.Nothing(),
            returning: MonitorInterface.ReloadReply.self)
        print("reloaded: \(reply.rules.summary)")
    }
}
