/// How many packets a worker hands to the control process.
///
/// Every interface has a share of its own for each class, so that a flood on one takes nothing from another. What
/// neighbors that are known say of themselves has a share besides: strangers on the same interface cannot make them be
/// forgotten. Classes that anybody can provoke also share a sum, which bounds the control process's work whatever the
/// number of interfaces; no interface's share is more than a small part of it, and BGP, BFD, routing protocols of the core and known
/// neighbors are outside of it.
public struct PuntLimiter {
    /// Nine buckets an interface: the classes by their numbers, and behind them the confirmations.
    private let buckets: InterfaceBuckets
    private let rates: UnsafeMutablePointer<TokenBucket.Rate>
    private var sum = TokenBucket()
    private var sumRate = TokenBucket.Rate(intervalCycles: 0)
    /// One packet a second to unreachable next hops of an interface asks the control process to try again.
    private let probes: InterfaceBuckets
    private var probeRate = TokenBucket.Rate(intervalCycles: 0)

    /// The classes, and what known neighbors say of themselves.
    public static var sharesPerInterface: Int { @_noLocks @inline(__always) get { 9 } }
    private static var confirmation: Int { @_noLocks @inline(__always) get { 8 } }

    init(_ numbers: CounterNumbers) {
        buckets = InterfaceBuckets(numbers, sharesPerInterface: Self.sharesPerInterface)
        rates = .allocate(capacity: Self.sharesPerInterface)
        rates.initialize(repeating: .init(intervalCycles: 0), count: Self.sharesPerInterface)
        probes = InterfaceBuckets(numbers)
    }

    func deallocate() {
        buckets.deallocate()
        rates.deallocate()
        probes.deallocate()
    }

    /// Sets the rates; buckets keep what they hold.
    ///
    /// - Parameters:
    ///   - packetsPerSecond: nine numbers for one interface: by `PuntClass`, then confirmations, as in
    ///     `stile_control_header.punt_rate`.
    ///   - sumPerSecond: of all interfaces together, for the classes that anybody can provoke.
    mutating func setRates(
        packetsPerSecond: UnsafePointer<UInt32>, sumPerSecond: UInt32, cyclesPerSecond: UInt64
    ) {
        for share in 0..<Self.sharesPerInterface {
            rates[share] = TokenBucket.Rate(
                packetsPerSecond: packetsPerSecond[share], cyclesPerSecond: cyclesPerSecond)
        }
        sumRate = TokenBucket.Rate(packetsPerSecond: sumPerSecond, cyclesPerSecond: cyclesPerSecond)
        probeRate = TokenBucket.Rate(intervalCycles: cyclesPerSecond)
    }

    /// From now on no packet asks for an unreachable next hop.
    mutating func stopProbing() { probeRate = TokenBucket.Rate(intervalCycles: 0) }

    /// Whether a packet of the class that came in on the interface may go to the control process at `now` (cycles).
    @_noLocks
    mutating func admits(_ puntClass: PuntClass, counter: UInt16, at now: UInt64) -> Bool {
        guard take(Int(puntClass.number), counter, at: now) else { return false }
        return !puntClass.canAnybodyProvoke || sum.take(sumRate, at: now)
    }

    /// As ``admits(_:counter:at:)``, for what a known neighbor says of itself.
    @_noLocks
    func admitsConfirmation(counter: UInt16, at now: UInt64) -> Bool { take(Self.confirmation, counter, at: now) }

    /// Whether a packet to an unreachable next hop on the interface asks for it again.
    @_noLocks
    func admitsProbe(counter: UInt16, at now: UInt64) -> Bool {
        probes.take(probeRate, counter: counter, at: now)
    }

    @_noLocks @inline(__always)
    private func take(_ share: Int, _ counter: UInt16, at now: UInt64) -> Bool {
        buckets.take(rates[share], share: share, counter: counter, at: now)
    }
}
