/// A token bucket measured in cycles of the processor's counter: one packet costs as many cycles as lie between two
/// packets at the full rate, so that refilling it is an addition.
struct TokenBucket {
    private var credit: UInt64 = 0
    private var refilled: UInt64 = 0

    /// The price and depth of a rate.
    struct Rate {
        /// Cycles that one packet costs; 0: nothing passes.
        let cyclesPerPacket: UInt64
        /// Most credit that an idle bucket holds.
        let depthCycles: UInt64

        /// A rate of 0 lets nothing pass. The depth is a twentieth of a second's packets and eight at least.
        @_noLocks
        init(packetsPerSecond: UInt32, cyclesPerSecond: UInt64) {
            guard packetsPerSecond > 0, cyclesPerSecond > 0 else {
                cyclesPerPacket = 0
                depthCycles = 0
                return
            }
            let cost = max(cyclesPerSecond / UInt64(packetsPerSecond), 1)
            cyclesPerPacket = cost
            depthCycles = cost &* UInt64(max(packetsPerSecond / 20, 8))
        }

        /// At most one packet per interval, without a burst.
        @_noLocks
        init(intervalCycles: UInt64) {
            cyclesPerPacket = intervalCycles
            depthCycles = intervalCycles
        }
    }

    /// Takes one packet's credit at `now` (cycles); false if there is not enough. A bucket that was never used is full.
    @_noLocks @inline(__always)
    mutating func take(_ rate: Rate, at now: UInt64) -> Bool {
        guard rate.cyclesPerPacket > 0 else { return false }
        if refilled == 0 {
            credit = rate.depthCycles
        } else if now > refilled {
            let elapsed = now &- refilled
            credit = elapsed >= rate.depthCycles ? rate.depthCycles : min(credit &+ elapsed, rate.depthCycles)
        }
        refilled = max(now, 1)
        guard credit >= rate.cyclesPerPacket else { return false }
        credit &-= rate.cyclesPerPacket
        return true
    }
}
