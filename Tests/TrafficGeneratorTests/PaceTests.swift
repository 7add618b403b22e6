import Testing
import TrafficGenerator

@Suite struct PaceTests {
    /// A counter of a million ticks a second.
    private func pace(_ packetsPerSecond: Double?, packets: UInt64, endTicks: UInt64 = 1_000_000) -> Pace {
        Pace(
            packetsPerSecond: packetsPerSecond, packets: packets, endTicks: endTicks, ticksPerSecond: 1_000_000,
            lagLimitSeconds: 0.001)
    }

    @Test func sendsWhatIsDueAndNoMore() {
        var pace = pace(10_000, packets: 10_000)
        var sent = 0
        for now in stride(from: UInt64(0), through: 999_999, by: 50) {
            while pace.take(at: now) { sent += 1 }
            pace.forgive(at: now)
            #expect(abs(sent - Int(now / 100) - 1) <= 1)
        }
        #expect(sent == 10_000)
        #expect(pace.unsent == 0)
        let isOver = pace.isOver(at: 999_999)
        #expect(isOver)
    }

    @Test func aLongPauseIsNotMadeUpFor() {
        var pace = pace(10_000, packets: 10_000)
        while pace.take(at: 0) {}
        // Half a second without the processor: thirty-two packets leave in the turn, the rest is given up.
        var sent = 0
        while sent < 32, pace.take(at: 500_000) { sent += 1 }
        pace.forgive(at: 500_000)
        #expect(sent == 32)
        #expect((4950...4970).contains(pace.unsent))
        #expect(pace.remaining + pace.unsent + 33 == 10_000)
    }

    @Test func aShortPauseIsMadeUpFor() {
        var pace = pace(10_000, packets: 10_000)
        var sent = 0
        while pace.take(at: 900) { sent += 1 }
        pace.forgive(at: 900)
        #expect(sent == 10)
        #expect(pace.unsent == 0)
    }

    @Test func timeOverLeavesTheRestUnsent() {
        var pace = pace(10, packets: 1000)
        while pace.take(at: 1_000_000) {}
        let isOver = pace.isOver(at: 1_000_000)
        #expect(isOver)
        #expect(pace.remaining == 0)
        #expect(pace.unsent > 900)
    }

    @Test func backToBackIsAlwaysDueAndNeverLate() {
        var pace = pace(nil, packets: 100)
        var sent = 0
        while pace.take(at: 0) { sent += 1 }
        pace.forgive(at: 900_000)
        #expect(sent == 100)
        #expect(pace.unsent == 0)
    }
}
