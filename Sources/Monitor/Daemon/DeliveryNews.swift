// SPDX-License-Identifier: Apache-2.0
internal import Reports

extension DeliveryEvent {
    /// Where it happened.
    enum Sink: Sendable {
        case journal
        /// The stream, and what goes to it: reports or findings.
        case stream(String)
    }

    /// Something is wrong, rather than mended.
    var isTrouble: Bool {
        switch self {
        case .unavailable, .unreadable, .dropping, .storeFailed: true
        case .available, .readable, .keeping, .storeWorks: false
        }
    }

    /// One line: what is the matter, and what becomes of the reports.
    func text(of sink: Sink) -> String {
        let (name, entries) =
            switch sink {
            case .journal: ("the journal", "entries")
            case .stream(let what): ("the stream", what)
            }
        return switch self {
        case .unavailable(let reason):
            "\(name) takes no \(entries): \(reason); they wait in the state directory and are sent later"
        case .available: "\(name) takes \(entries) again"
        case .unreadable(let reason):
            "\(name) cannot be read: \(reason); reports are sent but not seen to arrive. "
                + "Add the user that runs tocsin to the group systemd-journal"
        case .readable: "\(name) can be read again"
        case .dropping:
            "\(name) took \(entries) that it does not hold; they are sent again until it does. "
                + "See RateLimitBurst= and MaxLevelStore= in journald.conf(5), and its disk"
        case .keeping: "\(name) holds all \(entries) that were sent"
        case .storeFailed(let error): "\(error); delivery of \(entries) to \(name) waits"
        case .storeWorks: "delivery of \(entries) to \(name) goes on"
        }
    }
}
