import SeededRandom
import Testing
import TrafficGenerator

@Suite struct ArrivalTrackerTests {
    /// Sequence numbers in the order of arrival; what is to be counted.
    static let table:
        [(arrivals: [UInt32], received: UInt64, reordered: UInt64, duplicates: UInt64, distance: UInt64)] = [
            ([], 0, 0, 0, 0),
            ([0, 1, 2, 3], 4, 0, 0, 0),
            // Packet 1 is lost.
            ([0, 2, 3], 3, 0, 0, 0),
            // 2 overtook 1: one packet is reordered (RFC 4737 §3.3), by two.
            ([0, 2, 1, 3], 4, 1, 0, 2),
            // 4 overtook three.
            ([0, 4, 1, 2, 3, 5], 6, 3, 0, 4),
            ([3, 2, 1, 0], 4, 3, 0, 4),
            // A duplicate at once, a late one, and one of a reordered packet; none of them is reordered.
            ([0, 1, 1, 2], 3, 0, 1, 0),
            ([0, 1, 2, 3, 0], 4, 0, 1, 0),
            ([0, 2, 1, 1], 3, 1, 1, 2),
            // The first packets are lost.
            ([9000, 9001], 2, 0, 0, 0),
        ]

    @Test(arguments: table.indices) func countsByTheDefinition(_ index: Int) {
        let row = Self.table[index]
        var tracker = ArrivalTracker()
        defer { tracker.deallocate() }
        for sequence in row.arrivals { tracker.observe(sequence) }
        #expect(tracker.received == row.received)
        #expect(tracker.reordered == row.reordered)
        #expect(tracker.duplicates == row.duplicates)
        #expect(tracker.largestReorderingDistance == row.distance)
        #expect(tracker.beyondWindow == 0)
    }

    @Test func aPacketFromBeforeTheWindowIsCountedApart() {
        var tracker = ArrivalTracker()
        defer { tracker.deallocate() }
        for sequence in 0...UInt32(ArrivalTracker.windowPackets) where sequence != 0 { tracker.observe(sequence) }
        tracker.observe(0)
        #expect(tracker.beyondWindow == 1)
        #expect(tracker.reordered == 1)
        #expect(tracker.received == ArrivalTracker.windowPackets + 1)
    }

    @Test func sequenceNumbersGoOnBehindThirtyTwoBits() {
        var tracker = ArrivalTracker()
        defer { tracker.deallocate() }
        // In steps that stay near the next expected number, as a stream does.
        for sequence in [0, 0x7000_0000, 0xE000_0000, 0xFFFF_FFFF, 1, 0, 2] as [UInt32] { tracker.observe(sequence) }
        #expect(tracker.nextExpected == 0x1_0000_0003)
        #expect(tracker.reordered == 1)
        #expect(tracker.received == 7)
    }

    @Test func agreesWithAModelThatRemembersEverything() {
        var random = SeededGenerator()
        for _ in 0..<50 {
            var tracker = ArrivalTracker()
            defer { tracker.deallocate() }
            var seen: Set<UInt32> = []
            var expected: UInt32 = 0
            var (reordered, duplicates) = (UInt64(0), UInt64(0))
            var front: UInt32 = 0
            for _ in 0..<2000 {
                let sequence = random.below(4) == 0 ? front &- min(front, UInt32(random.below(3000))) : front
                if sequence == front { front += UInt32(1 + random.below(3)) }
                tracker.observe(sequence)
                if seen.contains(sequence) {
                    duplicates += 1
                } else {
                    seen.insert(sequence)
                    if sequence < expected { reordered += 1 } else { expected = sequence + 1 }
                }
            }
            #expect(tracker.received == UInt64(seen.count))
            #expect(tracker.reordered == reordered)
            #expect(tracker.duplicates == duplicates)
        }
    }

    @Test func resetForgets() {
        var tracker = ArrivalTracker()
        defer { tracker.deallocate() }
        for sequence in [0, 2, 1, 1] as [UInt32] { tracker.observe(sequence) }
        tracker.reset()
        let first = [tracker.observe(0), tracker.observe(1)]
        #expect(first == [true, true])
        #expect((tracker.received, tracker.reordered, tracker.duplicates) == (2, 0, 0))
    }
}
