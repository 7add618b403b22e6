/// RFC 2544 §26.4 as RFC 9004 restates it: the longest burst of frames with the smallest gaps that the device takes
/// without loss, as the mean over several searches.
public struct BackToBackProcedure: Sendable {
    /// Of a line-rate device; `nil`: as fast as the generator can.
    public let packetsPerSecond: Double?
    public let largestBurstPackets: UInt64
    public let repetitions: Int
    /// The longest loss-free burst of each search.
    public private(set) var burstPackets: [UInt64] = []
    private var lossFree: UInt64 = 0
    private var lossy: UInt64?
    private var next: UInt64

    /// - Parameters:
    ///   - largestBurstPackets: what would be two seconds or more at line rate (RFC 2544 §26.4); a device that takes it
    ///     has no limit that this test finds.
    ///   - repetitions: RFC 2544 wants at least 50.
    public init(packetsPerSecond: Double?, largestBurstPackets: UInt64, repetitions: Int) {
        self.packetsPerSecond = packetsPerSecond
        self.largestBurstPackets = max(largestBurstPackets, 1)
        self.repetitions = repetitions
        next = max(largestBurstPackets, 1)
    }

    public var meanBurstPackets: Double? {
        burstPackets.isEmpty ? nil : Double(burstPackets.reduce(0, +)) / Double(burstPackets.count)
    }

    public func nextTrial() -> TrialInput? {
        guard burstPackets.count < repetitions else { return nil }
        let seconds = packetsPerSecond.map { Double(next) / $0 * 2 } ?? 10
        return TrialInput(
            loadPacketsPerSecond: packetsPerSecond, durationSeconds: max(seconds, 0.01), burstPackets: next)
    }

    /// Takes a result: bisection to a hundredth, or to a single packet for short bursts.
    public mutating func add(_ result: TrialResult) {
        if result.lostPackets == 0, !result.isGeneratorLimited { lossFree = next } else { lossy = next }
        if let lossy, lossy - lossFree > max(lossy / 100, 1) {
            next = lossFree + (lossy - lossFree) / 2
            return
        }
        burstPackets.append(lossFree)
        lossFree = 0
        lossy = nil
        next = largestBurstPackets
    }
}
