import SeededRandom
import Testing
import TrafficGenerator

@Suite struct LatencyCountsTests {
    @Test func nothingRecordedIsNoSummary() {
        let counts = LatencyCounts()
        defer { counts.deallocate() }
        #expect(counts.summary(nanosecondsPerUnit: 1) == nil)
    }

    @Test func percentilesAreWithinOnePercentOfTheSortedValues() throws {
        var random = SeededGenerator()
        for scale in [100, 10_000, 1_000_000_000] {
            var counts = LatencyCounts()
            defer { counts.deallocate() }
            var values: [UInt64] = []
            for _ in 0..<20_000 {
                let value = UInt64(random.below(scale)) + 1
                values.append(value)
                counts.record(value)
            }
            values.sort()
            let summary = try #require(counts.summary(nanosecondsPerUnit: 2))
            func isClose(_ measured: UInt64, _ rank: Double) -> Bool {
                let exact = Double(values[min(Int(rank * Double(values.count)), values.count - 1)]) * 2
                return abs(Double(measured) - exact) <= max(exact * 0.02, 4)
            }
            #expect(summary.samples == 20_000)
            #expect(summary.minimumNanoseconds == values[0] * 2)
            #expect(summary.maximumNanoseconds == values[values.count - 1] * 2)
            #expect(isClose(summary.medianNanoseconds, 0.5))
            #expect(isClose(summary.percentile99Nanoseconds, 0.99))
            #expect(isClose(summary.percentile999Nanoseconds, 0.999))
        }
    }

    @Test func severalTogetherAreOneDistribution() throws {
        var few = LatencyCounts()
        var many = LatencyCounts()
        let none = LatencyCounts()
        defer { for counts in [few, many, none] { counts.deallocate() } }
        for _ in 0..<10 { few.record(50_000) }
        for _ in 0..<990 { many.record(100) }
        let summary = try #require(LatencyCounts.summary(of: [few, none, many], nanosecondsPerUnit: 1))
        #expect(summary.samples == 1000)
        #expect((summary.minimumNanoseconds, summary.maximumNanoseconds) == (100, 50_000))
        #expect((summary.medianNanoseconds, summary.percentile99Nanoseconds) == (100, 100))
        #expect(abs(Double(summary.percentile999Nanoseconds) - 50_000) <= 500)
        #expect(LatencyCounts.summary(of: [none], nanosecondsPerUnit: 1) == nil)
        #expect(LatencyCounts.summary(of: [], nanosecondsPerUnit: 1) == nil)
    }

    @Test(arguments: [0, 1, 127, 128, 129, 255, 256, 65_535, (1 << 40) - 1] as [UInt64])
    func oneValueIsItself(_ value: UInt64) throws {
        var counts = LatencyCounts()
        defer { counts.deallocate() }
        counts.record(value)
        let summary = try #require(counts.summary(nanosecondsPerUnit: 1))
        #expect(summary.minimumNanoseconds == value)
        #expect(summary.maximumNanoseconds == value)
        let difference = abs(Double(summary.medianNanoseconds) - Double(value))
        #expect(difference <= Double(value) * 0.01)
    }
}
