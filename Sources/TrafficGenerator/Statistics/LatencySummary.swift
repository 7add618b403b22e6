/// The distribution of the latency of a stream's packets.
///
/// From the time when the generator wrote the packet, just before it gave its burst to the device, until the burst that
/// the packet came back with was received: software time stamps, so that both drivers and queues are in it.
public struct LatencySummary: Codable, Hashable, Sendable {
    public let samples: UInt64
    public let minimumNanoseconds: UInt64
    public let medianNanoseconds: UInt64
    public let percentile99Nanoseconds: UInt64
    public let percentile999Nanoseconds: UInt64
    public let maximumNanoseconds: UInt64
    public let meanNanoseconds: Double

    public init(
        samples: UInt64, minimumNanoseconds: UInt64, medianNanoseconds: UInt64, percentile99Nanoseconds: UInt64,
        percentile999Nanoseconds: UInt64, maximumNanoseconds: UInt64, meanNanoseconds: Double
    ) {
        self.samples = samples
        self.minimumNanoseconds = minimumNanoseconds
        self.medianNanoseconds = medianNanoseconds
        self.percentile99Nanoseconds = percentile99Nanoseconds
        self.percentile999Nanoseconds = percentile999Nanoseconds
        self.maximumNanoseconds = maximumNanoseconds
        self.meanNanoseconds = meanNanoseconds
    }
}
