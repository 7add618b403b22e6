import Histogram

/// How often each latency was measured, in buckets like HdrHistogram's: 128 for each power of two, so that a value is
/// known to 0.8 % at worst. The loop counts here without allocation; `summary` makes an HdrHistogram of it.
public struct LatencyCounts {
    /// Up to 2^40 units of `MeasurementPayload.timeStamp`.
    private static var bucketCount: Int { @_noLocks @inline(__always) get { 33 * 128 + 256 } }

    private let buckets: UnsafeMutablePointer<UInt32>
    private var smallest: UInt64 = .max
    private var largest: UInt64 = 0

    public init() {
        buckets = .allocate(capacity: Self.bucketCount)
        buckets.initialize(repeating: 0, count: Self.bucketCount)
    }

    public func deallocate() { buckets.deallocate() }

    public mutating func reset() {
        buckets.update(repeating: 0, count: Self.bucketCount)
        smallest = .max
        largest = 0
    }

    /// - Parameter units: below 2^40.
    @_noLocks @inline(__always)
    public mutating func record(_ units: UInt64) {
        let value = units & MeasurementPayload.timeStampMask
        let magnitude = 63 &- (value | 1).leadingZeroBitCount
        let shift = magnitude > 7 ? magnitude &- 7 : 0
        let index = shift &* 128 &+ Int(truncatingIfNeeded: value >> UInt64(truncatingIfNeeded: shift))
        // Saturates: 2^32 packets of one latency.
        let (sum, overflow) = buckets[index].addingReportingOverflow(1)
        if !overflow { buckets[index] = sum }
        if value < smallest { smallest = value }
        if value > largest { largest = value }
    }

    /// The distribution in nanoseconds; `nil` when nothing was recorded.
    public func summary(nanosecondsPerUnit: Double) -> LatencySummary? {
        Self.summary(of: [self], nanosecondsPerUnit: nanosecondsPerUnit)
    }

    /// The distribution of all that several counted, in nanoseconds; `nil` when none has recorded anything.
    public static func summary(of all: [LatencyCounts], nanosecondsPerUnit: Double) -> LatencySummary? {
        let smallest = all.map(\.smallest).min() ?? .max
        let largest = all.map(\.largest).max() ?? 0
        guard smallest <= largest else { return nil }
        var histogram = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        for index in 0..<Self.bucketCount {
            let count = all.reduce(0) { $0 + UInt64($1.buckets[index]) }
            guard count > 0 else { continue }
            let shift = max(index / 128 - 1, 0)
            let lowest = UInt64(index - shift * 128) << UInt64(shift)
            let middle = lowest + (1 << UInt64(shift)) / 2
            let value = min(max(middle, smallest), largest)
            histogram.record(UInt64((Double(value) * nanosecondsPerUnit).rounded()), count: count)
        }
        return LatencySummary(
            samples: histogram.totalCount,
            minimumNanoseconds: UInt64((Double(smallest) * nanosecondsPerUnit).rounded()),
            medianNanoseconds: histogram.valueAtPercentile(50),
            percentile99Nanoseconds: histogram.valueAtPercentile(99),
            percentile999Nanoseconds: histogram.valueAtPercentile(99.9),
            maximumNanoseconds: UInt64((Double(largest) * nanosecondsPerUnit).rounded()),
            meanNanoseconds: histogram.mean)
    }
}
