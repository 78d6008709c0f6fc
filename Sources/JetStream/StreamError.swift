// SPDX-License-Identifier: Apache-2.0
internal import CNats

/// Something asked of NATS was not done: what, of which server or stream, why, and what to do.
///
/// The description is one line and holds nothing of a message.
package struct StreamError: Error, Equatable, CustomStringConvertible {
    /// What is wrong, for callers that act on it.
    package enum Kind: Sendable, Equatable {
        /// There is no connection; there may be one later.
        case unreachable
        /// No answer came in time: whether it was done is not known.
        case unanswered
        /// Nobody takes messages of the subject.
        case noResponders
        /// The server said no.
        case refused
        /// There is no such stream or message.
        case missing
        /// Another one changed it first.
        case conflict
        /// What the operator set cannot work.
        case settings
    }

    package let kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// A call of libnats that failed; `what` is in the form "nats://a: cannot subscribe".
    init(_ status: natsStatus, _ what: String) {
        switch status {
        case NATS_TIMEOUT: kind = .unanswered
        case NATS_NO_RESPONDERS: kind = .noResponders
        case NATS_NOT_PERMITTED, NATS_MAX_PAYLOAD: kind = .refused
        case NATS_INVALID_ARG, NATS_INVALID_SUBJECT, NATS_ADDRESS_MISSING: kind = .settings
        default: kind = .unreachable
        }
        description = "\(what): \(Self.text(of: status))"
    }

    /// libnats' word for a status and, where it has one, the reason in detail.
    private static func text(of status: natsStatus) -> String {
        var last = NATS_OK
        let detail = unsafe nats_GetLastError(&last).map { unsafe String(cString: $0) }
        guard let text = detail, !text.isEmpty, last == status else {
            return unsafe natsStatus_GetText(status).map { unsafe String(cString: $0) } ?? "failed"
        }
        // It begins with the C function that found it.
        guard text.hasPrefix("("), let end = text.firstRange(of: "): ") else { return text }
        return String(text[end.upperBound...])
    }
}

/// Turns a failed call of libnats into an error.
func check(_ status: natsStatus, _ what: @autoclosure () -> String) throws(StreamError) {
    guard status == NATS_OK else { throw StreamError(status, what()) }
}
