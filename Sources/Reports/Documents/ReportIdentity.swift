// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Crypto

/// Makes the ids of events and reports, so that one event read twice gives one id and two events
/// give two.
///
/// An event is a turn; its id is what correlations name. A report's id is made of the rule's and the
/// event's. An id is SHA-256, in 64 hexadecimal digits, over the name of the form and its parts:
///
///     | length of part 1 (8 bytes, big-endian) | part 1 | length of part 2 | part 2 | …
///
/// Lengths keep ("ab", "c") and ("a", "bc") apart, and the name keeps the forms apart. A rule
/// counts by its id alone: a reworded rule does not raise its old findings again.
package enum ReportIdentity {
    /// A turn of a record that has an id of its own.
    ///
    /// - Parameter digest: The turn's message digest: one record id with another text is
    ///   another event.
    package static func event(recordID: String, turn: Int, digest: [UInt8]) -> String {
        hash("event/record", recordID.bytes, turn.bytes, digest)
    }

    /// A turn of a record without an id, but with a time: two people who send the same words
    /// are two events, one record in two files is one.
    ///
    /// - Parameter actor: The pseudonym, or empty when the record names nobody.
    package static func event(
        timeMilliseconds: Int, actor: String, digest: [UInt8]
    ) -> String {
        hash("event/time", timeMilliseconds.bytes, actor.bytes, digest)
    }

    /// A turn of a record with neither id nor time, known by where it lies in its stream.
    package static func event(stream: String, offset: Int, digest: [UInt8]) -> String {
        hash("event/place", stream.bytes, offset.bytes, digest)
    }

    /// A turn that was seen only as repeated history: every request of the conversation repeats
    /// it, so nothing of the request may count.
    package static func historyEvent(digest: [UInt8]) -> String { hash("event/history", digest) }

    /// What a rule found in an event.
    package static func detection(rule: String, event: String) -> String {
        hash("detection", rule.bytes, event.bytes)
    }

    /// What a correlation found, by what tells its window from others.
    package static func correlation(_ parts: [String]) -> String {
        hash("correlation", parts.map { "\($0.utf8.count):\($0)" }.joined().bytes)
    }

    /// The summary of what repeated a report.
    package static func repeats(of report: String) -> String { hash("repeats", report.bytes) }

    /// One episode of an alarm, from when it began.
    ///
    /// - Parameter host: Alarms are about one host's monitor.
    package static func alarm(
        _ name: Report.Alarm.Name, subject: String?, host: String, since: Timestamp
    ) -> String {
        hash(
            "alarm", name.rawValue.bytes, (subject ?? "").bytes, host.bytes,
            since.milliseconds.bytes)
    }

    /// A stretch that was not evaluated.
    package static func gap(stream: String, offset: Int, reason: String) -> String {
        hash("gap", stream.bytes, offset.bytes, reason.bytes)
    }

    private static func hash(_ form: String, _ parts: [UInt8]...) -> String {
        var hash = SHA256()
        for part in [form.bytes] + parts {
            hash.update(data: part.count.bytes)
            hash.update(data: part)
        }
        return Array(hash.finalize()).hexadecimal
    }
}

extension String {
    fileprivate var bytes: [UInt8] { Array(utf8) }
}

extension Int {
    /// Eight bytes, big-endian.
    fileprivate var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: Int64(self) >> Int64(56 - 8 * $0)) }
    }
}
