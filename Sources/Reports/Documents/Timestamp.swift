// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A moment in UTC, to the millisecond, written as RFC 3339 wherever it leaves the process.
///
/// Milliseconds since 1970-01-01T00:00:00Z; written years reach from 0000 to 9999.
package struct Timestamp: Sendable, Hashable, Comparable {
    package var milliseconds: Int

    package init(milliseconds: Int) { self.milliseconds = milliseconds }

    /// The machine's clock.
    package static var now: Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }
}

extension Timestamp: CustomStringConvertible {
    private static let dayMilliseconds = 86_400_000
    /// 0000-01-01 and the last millisecond of 9999, which four digits of a year can hold.
    private static let writable = -62_167_219_200_000...253_402_300_799_999

    /// `2026-02-03T04:05:06.789Z`; a moment outside the years 0000 to 9999 becomes the
    /// nearest inside.
    package var description: String {
        let clamped = min(max(milliseconds, Self.writable.lowerBound), Self.writable.upperBound)
        let days = clamped.floorDivided(by: Self.dayMilliseconds)
        let inDay = clamped - days * Self.dayMilliseconds
        let (year, month, day) = Self.date(ofDay: days)
        let date = "\(year.padded(4))-\(month.padded(2))-\(day.padded(2))"
        let seconds = inDay / 1000
        let minutes = seconds / 60
        let clock =
            "\((minutes / 60).padded(2)):\((minutes % 60).padded(2)):\((seconds % 60).padded(2))"
        return "\(date)T\(clock).\((inDay % 1000).padded(3))Z"
    }

    /// Reads what `description` writes, and nothing else; nil for any other text.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 24 else { return nil }
        let separators: [(Int, Character)] = [
            (4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "."), (23, "Z"),
        ]
        for (index, separator) in separators where bytes[index] != separator.asciiValue {
            return nil
        }
        var numbers: [Int] = []
        for range in [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19, 20..<23] {
            var number = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                number = number * 10 + Int(byte - 0x30)
            }
            numbers.append(number)
        }
        let day = Self.day(year: numbers[0], month: numbers[1], day: numbers[2])
        let minutes = numbers[3] * 60 + numbers[4]
        milliseconds = day * Self.dayMilliseconds + (minutes * 60 + numbers[5]) * 1000 + numbers[6]
        // 30 February and 25 o'clock come out as another moment, hence as another text.
        guard description == text else { return nil }
    }

    // Both directions count in years that begin in March and eras of 400 years (146,097 days),
    // so that the leap day is a year's last: Howard Hinnant, "chrono-Compatible Low-Level Date
    // Algorithms".
    private static func date(ofDay days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * fromMarch + 2) / 5 + 1
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func day(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.floorDivided(by: 400)
        let yearOfEra = shifted - era * 400
        let fromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * fromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = Timestamp(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a time like 2026-02-03T04:05:06.789Z")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Int {
    fileprivate func floorDivided(by divisor: Int) -> Int {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The number with leading zeros up to `digits` digits.
    fileprivate func padded(_ digits: Int) -> String {
        let text = String(self)
        return String(repeating: "0", count: Swift.max(0, digits - text.count)) + text
    }
}
