import CTableLayout

/// What the services ask of a worker.
extension WorkerState {
    /// The time of this burst as policers measure it: units of 2⁻¹⁸ ns since the processor's counter began.
    var policerTime: UInt64 {
        @_noLocks @inline(__always) get {
            let product = cycles.multipliedFullWidth(by: policerTimeScale)
            return product.high << 32 | product.low >> 32
        }
    }

    /// Puts back what this worker has drawn of policers' buckets and not spent, for other workers: before it sleeps.
    ///
    /// - Parameter cycles: now, as `Pipeline.process` is given it.
    @_noLocks
    public mutating func giveBackPolicerCredit(cycles: UInt64) {
        self.cycles = cycles
        policerCredits.giveBack(to: serviceMemory.policers, now: policerTime)
    }

    /// Units of 2⁻¹⁸ ns that a cycle takes, in 2⁻³².
    static func policerTimeScale(cyclesPerSecond: UInt64) -> UInt64 {
        guard cyclesPerSecond > 0 else { return 0 }
        let unitsPerSecond = UInt64(1_000_000_000) << UInt64(STILE_POLICER_TIME_BITS)
        return UInt64(clamping: UInt128(unitsPerSecond) << 32 / UInt128(cyclesPerSecond))
    }

    /// The packet's key, gathered when it is first asked for.
    @_noLocks @inline(__always)
    mutating func flowKey(of index: Int) -> UnsafeMutablePointer<stile_flow_key> {
        let key = serviceBurst.key(index)
        let bit = UInt64(1) &<< UInt64(truncatingIfNeeded: index)
        if keyed & bit == 0 {
            FlowKey.gather(
                burst.packet[index], length: Int(burst.packetLength[index]),
                isIPv6: burst.flags[index].contains(.isIPv6), into: key)
            keyed |= bit
        }
        return key
    }
}
