import Testing
import TrafficGenerator

@Suite struct ProcedureTests {
    @Test(arguments: [2_000, 40_000, 1_234_567, 9_990_000])
    func throughputIsTheCapacity(_ capacity: Double) throws {
        var device = SimulatedDevice(capacityPacketsPerSecond: capacity)
        var procedure = ThroughputProcedure(
            minimumPacketsPerSecond: 1000, maximumPacketsPerSecond: 10e6, trialSeconds: 60, relativeWidth: 0.001)
        while let input = procedure.nextTrial() {
            #expect(input.durationSeconds == 60)
            procedure.add(device.measure(input))
        }
        let found = try #require(procedure.lossFreePacketsPerSecond)
        #expect(found <= capacity && found >= capacity * 0.998)
    }

    @Test func aDeviceAtLineRateTakesOneTrial() {
        var device = SimulatedDevice(capacityPacketsPerSecond: .infinity)
        var procedure = ThroughputProcedure(
            minimumPacketsPerSecond: 1000, maximumPacketsPerSecond: 10e6, trialSeconds: 60, relativeWidth: 0.001)
        while let input = procedure.nextTrial() { procedure.add(device.measure(input)) }
        #expect(device.trialCount == 1)
        #expect(procedure.lossFreePacketsPerSecond == 10e6)
    }

    @Test func aDeadDeviceHasNoThroughput() {
        var device = SimulatedDevice(capacityPacketsPerSecond: 0)
        var procedure = ThroughputProcedure(
            minimumPacketsPerSecond: 1000, maximumPacketsPerSecond: 10e6, trialSeconds: 1, relativeWidth: 0.001)
        while let input = procedure.nextTrial() { procedure.add(device.measure(input)) }
        #expect(procedure.lossFreePacketsPerSecond == nil)
        #expect(device.trialCount < 20)
    }

    @Test func theGeneratorsLimitEndsThroughput() {
        for slow in [3e6, 500] {
            var device = SimulatedDevice(capacityPacketsPerSecond: 5e6)
            device.generatorPacketsPerSecond = slow
            var procedure = ThroughputProcedure(
                minimumPacketsPerSecond: 1000, maximumPacketsPerSecond: 10e6, trialSeconds: 1, relativeWidth: 0.001)
            while let input = procedure.nextTrial() { procedure.add(device.measure(input)) }
            #expect(procedure.isGeneratorLimited)
            #expect(procedure.lossyPacketsPerSecond == nil)
            #expect(device.trialCount < 20)
        }
    }

    @Test func frameLossEndsAfterTwoRatesWithoutLoss() {
        var device = SimulatedDevice(capacityPacketsPerSecond: 650_000)
        var procedure = FrameLossProcedure(maximumPacketsPerSecond: 1e6, trialSeconds: 60)
        while let input = procedure.nextTrial() { procedure.add(device.measure(input)) }
        #expect(procedure.points.map(\.percentOfMaximum) == [100, 90, 80, 70, 60, 50])
        #expect(abs(procedure.points[0].lossPercent - 35) < 0.01)
        #expect(procedure.points.suffix(2).allSatisfy { $0.lossPercent == 0 })
    }

    @Test func frameLossEndsAtZeroForADeadDevice() {
        var device = SimulatedDevice(capacityPacketsPerSecond: 0)
        var procedure = FrameLossProcedure(maximumPacketsPerSecond: 1e6, trialSeconds: 1)
        while let input = procedure.nextTrial() { procedure.add(device.measure(input)) }
        #expect(procedure.points.count == 10)
    }

    @Test(arguments: [1, 99, 5000, 123_456] as [UInt64])
    func backToBackIsTheQueue(_ queue: UInt64) throws {
        var device = SimulatedDevice(capacityPacketsPerSecond: 1000)
        device.queuePackets = queue
        var procedure = BackToBackProcedure(
            packetsPerSecond: 14_880, largestBurstPackets: 1_000_000, repetitions: 3)
        while let input = procedure.nextTrial() { procedure.add(device.measure(input)) }
        #expect(procedure.burstPackets.count == 3)
        let mean = try #require(procedure.meanBurstPackets)
        #expect(mean <= Double(queue) && mean >= Double(queue) * 0.98 - 1)
    }

    @Test func backToBackOfADeviceWithoutAQueueIsZero() {
        var device = SimulatedDevice(capacityPacketsPerSecond: 1000)
        device.queuePackets = 0
        var procedure = BackToBackProcedure(packetsPerSecond: nil, largestBurstPackets: 1000, repetitions: 1)
        while let input = procedure.nextTrial() { procedure.add(device.measure(input)) }
        #expect(procedure.meanBurstPackets == 0)
    }

    @Test func allFourTestsForOneSize() throws {
        var device = SimulatedDevice(capacityPacketsPerSecond: 500_000)
        device.queuePackets = 2000
        var benchmark = Benchmark2544(
            settings: .quick, minimumPacketsPerSecond: 1000, maximumPacketsPerSecond: 1e6, hasLineRate: true)
        var news: [String] = []
        let result = try benchmark.run(on: &device, forwardingCase: .labelPop, frameBytes: 64, smallestFrameBytes: 64) {
            text, trial in if trial == nil { news.append(text) }
        }
        #expect(news.count == 4)
        #expect(benchmark.trials.count == device.trialCount)
        let throughput = try #require(result.throughputPacketsPerSecond)
        #expect((480_000...500_000).contains(throughput))
        #expect(result.latencyMedianNanoseconds == 2000)
        #expect(result.latencyPercentile999Nanoseconds == 4000)
        #expect(!result.isGeneratorLimited)
        let burst = try #require(result.backToBackPackets)
        #expect((1960...2000).contains(burst))
    }
}
