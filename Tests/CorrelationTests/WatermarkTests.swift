// SPDX-License-Identifier: Apache-2.0
import Correlation
import Testing

@Suite struct WatermarkTests {
    private var mark = Watermark(latenessSeconds: 10)

    @Test mutating func `the watermark lies the lateness behind the newest time of all`() {
        #expect(mark.milliseconds(now: 0) == nil)
        #expect(mark.observe(stream: "a", eventTime: 50_000, now: 100_000) == 50_000)
        #expect(mark.milliseconds(now: 100_000) == 40_000)
        _ = mark.observe(stream: "b", eventTime: 70_000, now: 100_001)
        #expect(mark.milliseconds(now: 100_001) == 60_000)
        _ = mark.observe(stream: "b", eventTime: 55_000, now: 100_002)
        #expect(mark.milliseconds(now: 100_002) == 60_000)
    }

    @Test mutating func `a stream with more to read holds it back until it is at rest`() {
        _ = mark.observe(stream: "old", eventTime: 20_000, now: 100_000)
        mark.markBehind(stream: "old")
        _ = mark.observe(stream: "new", eventTime: 90_000, now: 100_000)
        #expect(mark.milliseconds(now: 100_000) == 10_000)
        _ = mark.observe(stream: "old", eventTime: 60_000, now: 100_001)
        #expect(mark.milliseconds(now: 100_001) == 50_000)
        mark.markBehind(stream: "unread")
        _ = mark.observe(stream: "old", eventTime: 80_000, now: 100_001)
        #expect(mark.milliseconds(now: 100_001) == 50_000)
        mark.markAtRest(stream: "unread")
        mark.markAtRest(stream: "old")
        #expect(mark.milliseconds(now: 100_001) == 80_000)
    }

    @Test mutating func `when nothing comes for the lateness nothing is waited for`() {
        _ = mark.observe(stream: "a", eventTime: 105_000, now: 100_000)
        mark.markBehind(stream: "a")
        #expect(mark.milliseconds(now: 109_999) == 95_000)
        #expect(mark.milliseconds(now: 110_000) == 105_000)
        #expect(mark.milliseconds(now: 200_000) == 190_000)
        _ = mark.observe(stream: "a", eventTime: 106_000, now: 200_001)
        #expect(mark.milliseconds(now: 200_001) == 190_000)
    }

    @Test mutating func `a time that cannot be true is that of reading, and counted`() {
        let day = Watermark.aheadMilliseconds
        #expect(mark.observe(stream: "a", eventTime: day + 1_000, now: 1_000) == day + 1_000)
        #expect(mark.clampedCount == 0)
        #expect(mark.observe(stream: "a", eventTime: day + 1_001, now: 1_000) == 1_000)
        #expect(mark.observe(stream: "a", eventTime: .max, now: 1_000) == 1_000)
        #expect(mark.clampedCount == 2)
        #expect(mark.observe(stream: "a", eventTime: nil, now: 7_000) == 7_000)
    }

    @Test func `the oldest time there is does no harm`() {
        var mark = Watermark(latenessSeconds: .max)
        _ = mark.observe(stream: "a", eventTime: .min, now: 7_000)
        #expect(mark.milliseconds(now: 7_000) != nil)
    }
}
