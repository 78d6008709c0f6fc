// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// What JetStream answered to a message that was published.
enum PublishReply: Equatable {
    /// The stream holds the message, now or since before.
    case held
    case refused(String)

    private struct Answer: Decodable {
        let stream: String?
        let error: NatsConnection.Refusal?
    }

    /// "Cannot be stored", whatever the reason, which is in the text only.
    private static let storeFailed = 10077
    /// nats-server's `ErrMaxMsgsPerSubject`: what a stream that holds each subject once, and
    /// discards what is new, says to a second message. It is looked for before the stream's size,
    /// so a full stream says it too; 2.9 says it also where the stream has copies.
    private static let subjectIsHeld = "maximum messages per subject exceeded"

    init(_ message: NatsMessage) {
        if let status = message.status {
            self = .refused(status == "503" ? "no stream takes it" : "status \(status)")
            return
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(message.body)) else {
            self = .refused("an answer that is none of JetStream's")
            return
        }
        guard let error = answer.error else {
            self = answer.stream == nil ? .refused("an answer without a stream") : .held
            return
        }
        let reason = error.description ?? "code \(error.code)"
        let isHeld = error.errorCode == Self.storeFailed && reason == Self.subjectIsHeld
        self = isHeld ? .held : .refused(reason)
    }
}
