// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// Where reports and checkpoints are when nobody says it.
package enum StateFolder {
    /// The folder that systemd made for the service (`StateDirectory=`, systemd.exec(5)), or what
    /// the package's unit would make.
    package static var usual: String {
        let given = ProcessInfo.processInfo.environment["STATE_DIRECTORY"]
        // Of several, apart by colons, the first.
        return given?.split(separator: ":").first.map(String.init) ?? "/var/lib/tocsin"
    }
}
