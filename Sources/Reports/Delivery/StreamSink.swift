// SPDX-License-Identifier: Apache-2.0
package import JetStream
internal import Foundation
internal import Synchronization

/// A NATS JetStream stream as a sink: a report is confirmed when JetStream has acknowledged it.
///
/// A report's subject is its own, and the stream takes one message of a subject: what it holds, it
/// refuses, and the refusal is proof that it is there. So what an earlier process may have sent
/// is found out by sending it, and a report is in the stream once however often it is sent.
///
/// Of a conversation, a report goes out only when the one before it is held.
package final class StreamSink: ReportSink {
    package let name = "nats"
    private let host: String
    private let subject: String
    private let state: Mutex<State>

    private struct State {
        var publisher: StreamPublisher
        /// Reports that are held, until the store has noted it.
        var held: Set<String> = []
    }

    /// - Parameters:
    ///   - stream: The stream's name.
    ///   - subject: What the subjects of all messages begin with.
    ///   - host: This machine's name: the part of the subjects after `PREFIX.report`.
    package init(_ settings: NatsSettings, stream: String, subject: String, host: String) {
        self.host = SubjectToken.of(host)
        self.subject = subject
        state = Mutex(
            State(
                publisher: StreamPublisher(
                    settings, stream: Self.configuration(stream: stream, subject: subject))))
    }

    /// The stream that holds reports.
    package static func configuration(stream: String, subject: String) -> StreamConfiguration {
        .ofOnce(name: stream, subject: "\(subject).report.>")
    }

    /// Publishes the reports and waits for their acknowledgements.
    package func send(_ deliveries: [PendingDelivery]) -> SendOutcome {
        state.withLock { state in
            let bytesMax: Int
            do throws(StreamError) {
                bytesMax = try state.publisher.prepare()
            } catch {
                return .unavailable(sent: 0, reason: error.description)
            }
            let fresh = deliveries.filter { !state.held.contains($0.report.id) }
            let result = state.publisher.publish(
                fresh.map { message($0.report, bytesMax: bytesMax) })
            for (delivery, isHeld) in zip(fresh, result.isHeld) where isHeld {
                state.held.insert(delivery.report.id)
            }
            let first = deliveries.firstIndex { !state.held.contains($0.report.id) }
            guard let first else { return .sent }
            let reason = result.trouble?.description ?? "not all reports were acknowledged"
            return .unavailable(sent: first, reason: reason)
        }
    }

    /// Which of the reports were acknowledged lately; for any other the answer is to send it.
    package func confirm(_ ids: [String], patience: Int) -> ConfirmOutcome {
        state.withLock { state in
            let found = state.held.intersection(ids)
            state.held.subtract(found)
            return .found(found)
        }
    }

    private func message(_ report: Report, bytesMax: Int) -> StreamMessage {
        StreamMessage.of(
            report, subject: "\(subject).report.\(host).\(report.id)", bytesMax: bytesMax)
    }
}

extension StreamMessage {
    /// Room for a message's headers beside its body.
    private static let headerBytes = 1_024

    /// A report as a message, with the report's id as the message's.
    ///
    /// - Parameter bytesMax: What the server takes. A report that is larger is told by what
    ///   identifies it, so that it holds up none of the others; the whole of it is in the queue.
    package static func of(
        _ report: Report, subject: String, bytesMax: Int, headers: [String: String] = [:]
    ) -> StreamMessage {
        var headers = headers
        headers["Nats-Msg-Id"] = report.id
        var body = Array(report.json.utf8)
        if body.count + headerBytes > bytesMax {
            headers["Tocsin-Omitted-Bytes"] = "\(body.count)"
            body = Array(ReportOutline(report).json.utf8)
        }
        return StreamMessage(
            subject: subject, line: report.conversation, headers: headers, body: body)
    }
}

/// What identifies a report, in place of the whole.
private struct ReportOutline: Encodable {
    let version: Int
    let id: String
    let kind: Report.Kind
    let level: Report.Level

    init(_ report: Report) {
        version = report.version
        id = report.id
        kind = report.kind
        level = report.level
    }

    var json: String { JSONDocument.certainLine(of: self) }
}

/// One part of a subject.
package enum SubjectToken {
    /// The name with all but letters, digits, `-` and `_` as `_`; never empty.
    package static func of(_ name: String) -> String {
        let token = name.unicodeScalars.map { scalar -> Character in
            let isPlain =
                scalar.isASCII
                && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || scalar == "-")
            return isPlain ? Character(scalar) : "_"
        }
        return token.isEmpty ? "_" : String(token)
    }
}
