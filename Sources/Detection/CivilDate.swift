// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Sigma

/// A date and time as a text writes it (`2026-11-24`, `2026-11-24 06:10`, RFC 3339).
///
/// The parts are taken as they stand; a zone after them is not converted (Sigma specification,
/// "Time Modifiers": not designed to handle time zones).
struct CivilDate {
    private var year = 0
    private var month = 0
    private var day = 0
    private var hour = 0
    private var minute = 0

    /// Nil when the text does not begin as a date.
    init?(text: Span<UInt8>) {
        guard text.count >= 10, text.count <= 40, text[4] == UInt8(ascii: "-"),
            text[7] == UInt8(ascii: "-"), let year = text.decimal(0..<4),
            let month = text.decimal(5..<7), let day = text.decimal(8..<10),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
        guard text.count >= 16 else { return }
        guard [UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " ")].contains(text[10]),
            text[13] == UInt8(ascii: ":"), let hour = text.decimal(11..<13),
            let minute = text.decimal(14..<16), hour < 24, minute < 60
        else { return nil }
        (self.hour, self.minute) = (hour, minute)
    }

    subscript(part: DatePart) -> Int {
        switch part {
        case .minute: minute
        case .hour: hour
        case .day: day
        case .week: week
        case .month: month
        case .year: year
        }
    }

    /// The week of the year whose first Monday begins week 1, from 0 (strftime(3), `%W`).
    private var week: Int { (dayOfYear + 7 - (weekday + 6) % 7) / 7 }

    /// From 0.
    private var dayOfYear: Int {
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return before[month - 1] + day - 1 + (isLeap && month > 2 ? 1 : 0)
    }

    /// 0 is Sunday (Sakamoto's method).
    private var weekday: Int {
        let offsets = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        let year = month < 3 ? year - 1 : year
        return (year + year / 4 - year / 100 + year / 400 + offsets[month - 1] + day) % 7
    }
}

extension Span<UInt8> {
    /// The number that decimal digits write, or nil when there is another character.
    fileprivate func decimal(_ range: Range<Int>) -> Int? {
        var value = 0
        for index in range {
            guard (0x30...0x39).contains(self[index]) else { return nil }
            value = value * 10 + Int(self[index] - 0x30)
        }
        return value
    }
}
