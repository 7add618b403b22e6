import SeededRandom
import TrafficGenerator

/// A device whose loss is a function of the load, with noise.
struct SimulatedDevice: TrialMeasurer {
    /// What it forwards.
    var capacityPacketsPerSecond: Double
    /// What the generator in front of it can offer.
    var generatorPacketsPerSecond = Double.infinity
    /// The chance that a trial of a second below the capacity loses some packets.
    var disturbanceProbability = 0.0
    /// What such a trial loses.
    var disturbanceLossRatio = 0.001
    /// Bursts that its queue takes at any rate.
    var queuePackets: UInt64 = .max
    var random = SeededGenerator()
    private(set) var trialCount = 0
    private(set) var seconds = 0.0

    init(capacityPacketsPerSecond: Double) { self.capacityPacketsPerSecond = capacityPacketsPerSecond }

    mutating func measure(_ input: TrialInput) -> TrialResult {
        trialCount += 1
        let wanted = input.loadPacketsPerSecond ?? min(generatorPacketsPerSecond, 20e6)
        let offeredRate = min(wanted, generatorPacketsPerSecond)
        var offered = UInt64(offeredRate * input.durationSeconds)
        var duration = input.durationSeconds
        if let burst = input.burstPackets, burst < offered {
            offered = burst
            duration = Double(burst) / offeredRate
        }
        seconds += duration
        let unsent = UInt64(max(wanted * duration - Double(offered), 0))
        var lossRatio = max(0, 1 - capacityPacketsPerSecond / offeredRate)
        if lossRatio == 0, random.fraction() < disturbanceProbability * min(duration, 1) {
            lossRatio = disturbanceLossRatio
        }
        var received = UInt64((Double(offered) * (1 - lossRatio)).rounded())
        // A burst that the queue takes is not lost.
        if input.burstPackets != nil { received = offered <= queuePackets ? offered : queuePackets }
        let stream = StreamResult(
            name: "simulated", vrf: nil, attack: nil, offeredPackets: offered, refusedPackets: 0,
            receivedPackets: min(received, offered), duplicatePackets: 0, reorderedPackets: 0,
            largestReorderingDistancePackets: 0, beyondWindowPackets: 0,
            latency: LatencySummary(
                samples: 1, minimumNanoseconds: 1000, medianNanoseconds: 2000, percentile99Nanoseconds: 3000,
                percentile999Nanoseconds: 4000, maximumNanoseconds: 5000, meanNanoseconds: 2000))
        return TrialResult(
            input: input, transmitSeconds: duration, unsentPackets: unsent, foreignPackets: 0,
            answeredNeighborRequests: 0, isGeneratorLimited: Double(unsent) > wanted * duration * 0.005,
            wasInterrupted: false, streams: [stream])
    }
}
