// SPDX-License-Identifier: Apache-2.0

/// Reads when a record says that it was made, in milliseconds since 1970.
enum RecordTime {
    /// The time that a number means: seconds, or the unit in which it lies between 1973 and
    /// 5138: milliseconds from 1e11, microseconds from 1e14, nanoseconds from 1e17.
    static func milliseconds(_ value: Double) -> Int64? {
        guard value > 0, value < 1e20 else { return nil }
        let milliseconds =
            switch value {
            case ..<1e11: value * 1000
            case ..<1e14: value
            case ..<1e17: value / 1000
            default: value / 1_000_000
            }
        return Int64(milliseconds)
    }

    /// The time that a text means: a decimal number, or a date and time of RFC 3339.
    ///
    /// A space may stand for the `T`, and without an offset the time counts as UTC, as loggers
    /// write it.
    static func milliseconds(_ text: Span<UInt8>) -> Int64? {
        if let number = decimal(text) { return milliseconds(number) }
        return rfc3339(text)
    }

    /// A number written as digits with at most one point; the digits past 2^53 are rounded.
    static func decimal(_ text: Span<UInt8>) -> Double? {
        guard (1...32).contains(text.count) else { return nil }
        var value = 0.0
        var scale = 0.0
        for index in 0..<text.count {
            if text[index] == UInt8(ascii: "."), scale == 0, index > 0, index + 1 < text.count {
                scale = 1
            } else if let digit = digit(text, index) {
                value = value * 10 + Double(digit)
                scale *= 10
            } else {
                return nil
            }
        }
        return scale > 1 ? value / scale : value
    }

    private static func digit(_ text: Span<UInt8>, _ index: Int) -> Int? {
        let byte = text[index]
        return (0x30...0x39).contains(byte) ? Int(byte - 0x30) : nil
    }

    /// The number of exactly `count` digits at `start`, or nil.
    private static func digits(_ text: Span<UInt8>, _ start: Int, _ count: Int) -> Int? {
        guard start + count <= text.count else { return nil }
        var value = 0
        for index in start..<(start + count) {
            guard let digit = digit(text, index) else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    private static func has(_ byte: UInt8, _ text: Span<UInt8>, _ index: Int) -> Bool {
        index < text.count && text[index] == byte
    }

    /// `2026-11-24T06:21:38.123Z`, or with an offset such as `+01:00`.
    private static func rfc3339(_ text: Span<UInt8>) -> Int64? {
        guard let year = digits(text, 0, 4), has(0x2d, text, 4),
            let month = digits(text, 5, 2), (1...12).contains(month), has(0x2d, text, 7),
            let day = digits(text, 8, 2), (1...31).contains(day),
            has(0x54, text, 10) || has(0x74, text, 10) || has(0x20, text, 10),
            let hour = digits(text, 11, 2), hour < 24, has(0x3a, text, 13),
            let minute = digits(text, 14, 2), minute < 60, has(0x3a, text, 16),
            let second = digits(text, 17, 2), second <= 60
        else { return nil }
        var index = 19
        var millisecond = 0
        if has(0x2e, text, index) {
            index += 1
            var weight = 100
            let start = index
            while index < text.count, let digit = digit(text, index) {
                millisecond += digit * weight
                weight /= 10
                index += 1
            }
            guard index > start else { return nil }
        }
        guard let offset = offsetMinutes(text, index) else { return nil }
        let days = daysSince1970(year: year, month: month, day: day)
        let minutes = days * 1440 + hour * 60 + minute - offset
        let total = Int64(minutes * 60 + second) * 1000 + Int64(millisecond)
        return total > 0 ? total : nil
    }

    /// The offset from UTC that ends the text; nil when something else does.
    private static func offsetMinutes(_ text: Span<UInt8>, _ index: Int) -> Int? {
        guard index < text.count else { return 0 }
        switch text[index] {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): return index + 1 == text.count ? 0 : nil
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard index + 6 == text.count, let hours = digits(text, index + 1, 2), hours < 24,
                has(0x3a, text, index + 3), let minutes = digits(text, index + 4, 2),
                minutes < 60
            else { return nil }
            return (text[index] == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
        default: return nil
        }
    }

    /// Days of the proleptic Gregorian calendar.
    ///
    /// - Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
