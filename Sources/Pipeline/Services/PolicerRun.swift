import CTableLayout

/// What a packet's policer says of it; the raw value indexes counters and actions.
enum Colour: UInt8 {
    case green = 0
    case yellow = 1
    case red = 2

    /// The raw value, as the forwarding path takes it; see `DropReason.number`.
    var number: UInt32 { @_noLocks @inline(__always) get { UInt32(unsafeBitCast(self, to: UInt8.self)) } }
}

/// Metering of packets of one policer that follow each other in a burst: single-rate (RFC 2697) and two-rate
/// (RFC 2698), colour-blind and colour-aware. Credit for all of them, and for packets to come, is drawn at once.
struct PolicerRun {
    private let policer: UnsafePointer<stile_policer>
    private let state: UnsafeMutablePointer<stile_policer_state>
    private let isTwoRate: Bool
    /// What the run may still spend.
    private var committed: UInt64
    private var excess: UInt64
    /// Octets of the packets that have not been metered.
    private var octetsLeft: UInt64
    /// When the buckets were empty after the draw.
    private let committedEmpty: UInt64
    private let excessEmpty: UInt64

    /// - Parameters:
    ///   - octets: of all packets of the run, as measured.
    ///   - credit: what the worker holds of the committed and the peak bucket, and hands over.
    ///   - workers: how many share the policer, where credit for packets to come is drawn as well.
    @_noLocks @inline(__always)
    init(
        _ policer: UnsafePointer<stile_policer>, _ state: UnsafeMutablePointer<stile_policer_state>, octets: UInt64,
        now: UInt64, holding credit: (committed: PolicerCredit, peak: PolicerCredit), workers: UInt64?
    ) {
        self.policer = policer
        self.state = state
        octetsLeft = octets
        isTwoRate = policer.pointee.kind == UInt8(STILE_POLICER_TWO_RATE.rawValue)
        let depth = policer.pointee.committed_depth
        var overflow: UInt64 = 0
        (committed, committedEmpty) = PolicerBuckets.draw(
            octets &* policer.pointee.committed_cost &+ PolicerCredit.most(ofDepth: depth, workers: workers),
            from: Self.committedBucket(state), holding: credit.committed, depth: depth, now: now, overflow: &overflow)
        if isTwoRate {
            let depth = policer.pointee.excess_depth
            (excess, excessEmpty) = PolicerBuckets.draw(
                octets &* policer.pointee.peak_cost &+ PolicerCredit.most(ofDepth: depth, workers: workers),
                from: Self.peakBucket(state), holding: credit.peak, depth: depth, now: now, overflow: &overflow)
            return
        }
        (excess, excessEmpty) = (0, 0)
        if overflow > 0, policer.pointee.excess_depth > 0 {
            PolicerBuckets.put(overflow, into: Self.excessBucket(state), depth: policer.pointee.excess_depth)
        }
    }

    /// Whether all packets of the run, which came green, are green, as they are when there is credit for all of them: then
    /// they are metered.
    @_noLocks @inline(__always)
    mutating func meterAll(octets: UInt64) -> Bool {
        let cost = octets &* policer.pointee.committed_cost
        let peakCost = isTwoRate ? octets &* policer.pointee.peak_cost : 0
        guard committed >= cost, excess >= peakCost else { return false }
        committed &-= cost
        excess &-= peakCost
        return true
    }

    /// The colour of the next packet of the run, of `octets` as measured, which came with a colour (green where the
    /// policer is blind to it).
    @_noLocks @inline(__always)
    mutating func meter(octets: UInt64, incoming: Colour) -> Colour {
        octetsLeft &-= octets
        let cost = octets &* policer.pointee.committed_cost
        guard isTwoRate else { return meterSingleRate(octets: octets, cost: cost, incoming: incoming) }
        let peakCost = octets &* policer.pointee.peak_cost
        guard incoming != .red, excess >= peakCost else { return .red }
        excess &-= peakCost
        guard incoming == .green, committed >= cost else { return .yellow }
        committed &-= cost
        return .green
    }

    @_noLocks @inline(__always)
    private mutating func meterSingleRate(octets: UInt64, cost: UInt64, incoming: Colour) -> Colour {
        if incoming == .green, committed >= cost {
            committed &-= cost
            return .green
        }
        guard incoming != .red, policer.pointee.excess_depth > 0 else { return .red }
        // Only a run that exceeds the committed burst needs the excess bucket.
        if excess < cost {
            let rest = (octets &+ octetsLeft) &* policer.pointee.committed_cost
            excess &+= PolicerBuckets.take(
                rest &- min(excess, rest), outOf: Self.excessBucket(state), depth: policer.pointee.excess_depth)
        }
        guard excess >= cost else { return .red }
        excess &-= cost
        return .yellow
    }

    /// What no packet took, for the worker to keep; instead of `end`.
    var credit: (committed: PolicerCredit, peak: PolicerCredit) {
        @_noLocks @inline(__always) get {
            (
                PolicerCredit(committed, empty: committedEmpty &- committed),
                isTwoRate ? PolicerCredit(excess, empty: excessEmpty &- excess) : .none
            )
        }
    }

    /// Gives back what no packet took.
    @_noLocks @inline(__always)
    func end() {
        PolicerBuckets.giveBack(committed, to: Self.committedBucket(state))
        if isTwoRate {
            PolicerBuckets.giveBack(excess, to: Self.peakBucket(state))
        } else if excess > 0 {
            PolicerBuckets.put(excess, into: Self.excessBucket(state), depth: policer.pointee.excess_depth)
        }
    }

    // stile_services.h asserts the size; the buckets are its first three words.
    @_noLocks @inline(__always)
    static func committedBucket(_ state: UnsafeMutablePointer<stile_policer_state>) -> UnsafeMutablePointer<
        UInt64
    > {
        UnsafeMutableRawPointer(state).assumingMemoryBound(to: UInt64.self)
    }
    /// Of two rates.
    @_noLocks @inline(__always)
    static func peakBucket(_ state: UnsafeMutablePointer<stile_policer_state>) -> UnsafeMutablePointer<UInt64> {
        UnsafeMutableRawPointer(state).assumingMemoryBound(to: UInt64.self) + 1
    }
    /// Of a single rate.
    @_noLocks @inline(__always)
    static func excessBucket(_ state: UnsafeMutablePointer<stile_policer_state>) -> UnsafeMutablePointer<UInt64> {
        UnsafeMutableRawPointer(state).assumingMemoryBound(to: UInt64.self) + 2
    }
}
