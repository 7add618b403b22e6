/// What a generator is told beside its profile.
public struct GeneratorSettings: Sendable {
    /// How long to wait for stragglers after the last packet; RFC 2544 §23 waits two seconds.
    public var drainSeconds = 0.5
    /// How far behind its pace the generator may be and still catch up.
    public var lagLimitSeconds = 0.0005
    /// The share of a trial's packets that may go unsent before the trial counts as limited by the generator.
    public var unsentTolerance = 0.005
    /// The largest IP packet.
    public var mtuBytes = 1500
    /// Of the devices, where they do not say it themselves.
    public var lineRateBitsPerSecond: Double?
    /// Of the random addresses.
    public var seed: UInt64 = 1
    /// What ends a trial before its time.
    public var stop: StopRequest

    public init(stop: StopRequest) { self.stop = stop }
}
