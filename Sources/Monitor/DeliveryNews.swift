// SPDX-License-Identifier: Apache-2.0
internal import Reports

extension DeliveryEvent {
    /// Something is wrong, rather than mended.
    var isTrouble: Bool {
        switch self {
        case .unavailable, .unreadable, .storeFailed: true
        case .available, .readable, .storeWorks: false
        }
    }
}

extension DeliveryEvent: CustomStringConvertible {
    /// One line: what is the matter, and what becomes of the reports.
    package var description: String {
        switch self {
        case .unavailable(let reason):
            "the journal takes no entries: \(reason); reports wait in the queue and are sent later"
        case .available: "the journal takes entries again"
        case .unreadable(let reason):
            "the journal cannot be read: \(reason); reports are sent but not seen to arrive. "
                + "Add the user that runs tocsin to the group systemd-journal"
        case .readable: "the journal can be read again"
        case .storeFailed(let error): "\(error); delivery to the journal waits"
        case .storeWorks: "delivery to the journal goes on"
        }
    }
}
