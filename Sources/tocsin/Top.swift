// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Top: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch how the monitor is doing: logs, rates, queue, last reports.",
        discussion: """
            Shown anew every second on the whole terminal; q or Ctrl-C ends it. Logs with most to \
            read come first; REC/S are records a second over the last ten. Without colours where \
            NO_COLOR is set.
            """)

    @OptionGroup var control: ControlOptions

    func run() throws { try TopCommand(socket: control.socket).run() }
}
