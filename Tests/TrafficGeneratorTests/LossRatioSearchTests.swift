import Testing
import TrafficGenerator

@Suite struct LossRatioSearchTests {
    private func search(
        _ device: inout SimulatedDevice, goals: [SearchGoal] = [.ndr, .pdr], minimum: Double = 1000,
        maximum: Double = 20e6
    ) throws -> LossRatioSearch {
        var search = LossRatioSearch(goals: goals, minimumPacketsPerSecond: minimum, maximumPacketsPerSecond: maximum)
        try search.run(on: &device)
        return search
    }

    @Test(arguments: [5_000, 123_456, 1_000_000, 7_777_777, 19_800_000])
    func findsAKnownCapacity(_ capacity: Double) throws {
        var device = SimulatedDevice(capacityPacketsPerSecond: capacity)
        let results = try search(&device).results
        for (result, limit) in zip(results, [capacity, capacity / 0.995]) {
            let lower = try #require(result.relevantLowerBoundPacketsPerSecond)
            let upper = try #require(result.relevantUpperBoundPacketsPerSecond)
            #expect(result.irregularity == nil)
            #expect(lower <= limit && limit <= upper + 1, "\(lower) \(limit) \(upper)")
            #expect((upper - lower) / upper <= 0.005)
            let throughput = try #require(result.conditionalThroughputPacketsPerSecond)
            #expect(throughput <= lower)
            #expect(throughput >= lower * 0.994)
        }
        // Bisection alone would take 21 seconds for each of some twenty loads and two goals.
        #expect(device.seconds < 200)
    }

    @Test func noiseBelowTheExceedRatioIsTolerated() throws {
        var device = SimulatedDevice(capacityPacketsPerSecond: 3_000_000)
        device.disturbanceProbability = 0.2
        let results = try search(&device).results
        for result in results {
            #expect(result.irregularity == nil)
            let lower = try #require(result.relevantLowerBoundPacketsPerSecond)
            #expect((2_900_000...3_020_000).contains(lower), "\(result)")
        }
    }

    @Test func noiseAboveItLowersTheStrictGoalOnly() throws {
        // Nine of ten trials lose a thousandth, whatever the load: there is no load without loss.
        var device = SimulatedDevice(capacityPacketsPerSecond: 3_000_000)
        device.disturbanceProbability = 0.9
        let results = try search(&device, minimum: 100_000).results
        #expect(results[0].irregularity == .minimumLoad)
        #expect(results[0].conditionalThroughputPacketsPerSecond == nil)
        #expect(results[1].irregularity == nil)
        let lower = try #require(results[1].relevantLowerBoundPacketsPerSecond)
        #expect((2_980_000...3_020_000).contains(lower))
    }

    @Test func aDeviceWithoutALimitIsReportedAtTheMaximumLoad() throws {
        var device = SimulatedDevice(capacityPacketsPerSecond: .infinity)
        let results = try search(&device).results
        for result in results {
            #expect(result.irregularity == .maximumLoad)
            #expect(result.relevantLowerBoundPacketsPerSecond == 20_000_000)
            #expect(result.relevantUpperBoundPacketsPerSecond == nil)
        }
    }

    @Test func theGeneratorsLimitIsNotTheDevices() throws {
        var device = SimulatedDevice(capacityPacketsPerSecond: 50_000_000)
        device.generatorPacketsPerSecond = 4_000_000
        let found = try search(&device)
        #expect(found.isGeneratorLimited)
        for result in found.results {
            #expect(result.irregularity == .generatorLimited)
            let lower = try #require(result.relevantLowerBoundPacketsPerSecond)
            #expect(lower <= 4_000_000 && lower > 3_500_000)
        }
    }

    @Test func aFewTrialsThatTheGeneratorMissedAreRepeated() throws {
        // Every other trial at first, as when another process has the processor.
        var search = LossRatioSearch(goals: [.pdr], minimumPacketsPerSecond: 1000, maximumPacketsPerSecond: 2e6)
        var device = SimulatedDevice(capacityPacketsPerSecond: 1_000_000)
        var count = 0
        while let input = search.nextTrial() {
            count += 1
            device.generatorPacketsPerSecond = count < 40 && count.isMultiple(of: 2) ? 1000 : .infinity
            search.add(device.measure(input))
        }
        #expect(!search.isGeneratorLimited)
        let result = search.results[0]
        #expect(result.irregularity == nil)
        #expect((990_000...1_010_000).contains(try #require(result.relevantLowerBoundPacketsPerSecond)))
    }

    @Test func aGeneratorThatIsHeldUpBelowWhatItReachedIsGivenTime() throws {
        var search = LossRatioSearch(goals: [.ndr], minimumPacketsPerSecond: 1000, maximumPacketsPerSecond: 2e6)
        var device = SimulatedDevice(capacityPacketsPerSecond: 1_000_000)
        while let input = search.nextTrial() {
            device.generatorPacketsPerSecond = (6...15).contains(search.trialCount) ? 500 : .infinity
            search.add(device.measure(input))
        }
        #expect(!search.isGeneratorLimited)
        #expect(search.results[0].irregularity == nil)
    }

    @Test func aGeneratorThatFailsBelowWhatItReachedEndsTheSearch() throws {
        var search = LossRatioSearch(goals: [.ndr], minimumPacketsPerSecond: 1000, maximumPacketsPerSecond: 2e6)
        var device = SimulatedDevice(capacityPacketsPerSecond: 1_000_000)
        while let input = search.nextTrial() {
            if search.trialCount > 5 { device.generatorPacketsPerSecond = 500 }
            search.add(device.measure(input))
        }
        #expect(search.isGeneratorLimited)
        #expect(search.results[0].irregularity == .generatorLimited)
        #expect(device.trialCount < 20)
    }

    @Test func aGeneratorThatIsFasterThanTheDeviceDoesNotLimit() throws {
        var device = SimulatedDevice(capacityPacketsPerSecond: 1_000_000)
        device.generatorPacketsPerSecond = 4_000_000
        let results = try search(&device).results
        #expect(results.allSatisfy { $0.irregularity == nil })
    }

    @Test func aDeviceThatForwardsNothingEndsTheSearchSoon() throws {
        var device = SimulatedDevice(capacityPacketsPerSecond: 0)
        let results = try search(&device).results
        #expect(results.allSatisfy { $0.irregularity == .minimumLoad })
        #expect(device.trialCount < 500)
    }

    @Test func noLoadIsOutsideOfTheLimits() throws {
        var search = LossRatioSearch(
            goals: [.ndr, .pdr], minimumPacketsPerSecond: 50_000, maximumPacketsPerSecond: 2_000_000)
        var device = SimulatedDevice(capacityPacketsPerSecond: 60_000)
        device.disturbanceProbability = 0.4
        try search.run(on: &device) { result, _ in
            #expect((50_000...2_000_000).contains(result.input.loadPacketsPerSecond ?? 0))
        }
        #expect(search.results.count == 2)
    }

    @Test func aSearchGivesUpAfterItsTrials() throws {
        var search = LossRatioSearch(
            goals: [.ndr], minimumPacketsPerSecond: 1000, maximumPacketsPerSecond: 1e6, largestTrialCount: 5)
        var device = SimulatedDevice(capacityPacketsPerSecond: 300_000)
        try search.run(on: &device)
        #expect(device.trialCount == 5)
        #expect(search.results[0].irregularity == .unfinished)
    }

    @Test func theGoalOfRFC2544TakesOneLongTrialALoad() throws {
        var device = SimulatedDevice(capacityPacketsPerSecond: 1_500_000)
        let result = try search(&device, goals: [.rfc2544]).results[0]
        #expect(result.irregularity == nil)
        #expect(try #require(result.conditionalThroughputPacketsPerSecond) <= 1_500_000)
        #expect(try #require(result.relevantUpperBoundPacketsPerSecond) > 1_500_000)
    }
}
