// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Reload: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have the daemon load its rules anew, and wait until it evaluates by them.",
        discussion: "With any fault in them the rules of before stay, and the faults are shown.")

    @OptionGroup var control: ControlOptions

    func run() throws { try ReloadCommand.run(socket: control.socket) }
}
