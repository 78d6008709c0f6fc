// SPDX-License-Identifier: Apache-2.0

extension Report.Rule {
    /// The program's own rule, which finds the records that the monitor writes itself.
    package static let canaryID = "5d00ea7b-0556-47e1-8d86-887443fba983"
}

/// What only reports of one kind have.
extension Report {
    /// How much of a log was not evaluated, and why.
    package struct Gap: Sendable, Equatable, Codable {
        /// Whether bytes are counted as they lie in the file or as they come out of the decoder.
        package enum Space: String, Sendable, Codable {
            case compressed, decompressed
        }

        package var bytes: Int
        package var space: Space
        package var reason: String

        package init(bytes: Int, space: Space, reason: String) {
            self.bytes = bytes
            self.space = space
            self.reason = reason
        }
    }

    /// What a correlation found.
    package struct Correlation: Sendable, Equatable, Codable {
        /// The window; both ends belong to it.
        package var start: Timestamp
        package var end: Timestamp
        /// What the findings have in common; actors as pseudonyms.
        package var group: [String: String]
        /// What was worked out: a number of findings, of values, of rules, a sum or the like.
        package var value: Double
        /// How many events are in it.
        package var count: Int
        /// The events in it; the last ones, where they are many.
        package var events: [String]

        package init(
            start: Timestamp, end: Timestamp, group: [String: String], value: Double, count: Int,
            events: [String]
        ) {
            self.start = start
            self.end = end
            self.group = group
            self.value = value
            self.count = count
            self.events = events
        }
    }

    /// How often something was found again while it was suppressed.
    package struct Repeats: Sendable, Equatable, Codable {
        /// The report that is repeated.
        package var of: String
        package var count: Int
        package var first: Timestamp
        package var last: Timestamp

        package init(of: String, count: Int, first: Timestamp, last: Timestamp) {
            self.of = of
            self.count = count
            self.first = first
            self.last = last
        }
    }

    /// What the monitor tells of itself.
    package struct Alarm: Sendable, Equatable, Codable {
        /// What is the matter.
        package enum Name: String, Sendable, Codable, CaseIterable {
            /// The store is nearly as large as it may be.
            case queueNearLimit = "queue_near_limit"
            /// A log is read too far behind its writer.
            case lagOverLimit = "lag_over_limit"
            /// Too many records of a log are not of its shape.
            case malformedOverLimit = "malformed_over_limit"
            /// A log that was written to is written to no more.
            case logSilent = "log_silent"
            /// The rules on disk are not the rules that are evaluated.
            case reloadFailed = "reload_failed"
            /// A marked record that the monitor wrote itself did not come back as a report.
            case canaryMissed = "canary_missed"
        }

        package var name: Name
        /// What it is about: a file, or nothing where it is about the whole.
        package var subject: String?
        /// One line: what was seen, against which limit, and what to do.
        package var message: String

        package init(name: Name, subject: String?, message: String) {
            self.name = name
            self.subject = subject
            self.message = message
        }
    }
}
