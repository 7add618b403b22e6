import CTableLayout

/// The credit that one worker has of each policer, by the instance of its class. It goes back before the worker sleeps; one
/// that never does keeps it.
struct PolicerCredits {
    private let committed: UnsafeMutablePointer<PolicerCredit>
    /// Of policers of two rates.
    private let peak: UnsafeMutablePointer<PolicerCredit>
    /// Whose credit may be more than none, one bit each.
    private let holders: UnsafeMutablePointer<UInt64>

    /// How many workers share the policers.
    private let workers: UInt64

    private static var count: Int { @_noLocks @inline(__always) get { Int(STILE_MAX_CLASS_INSTANCES) } }

    init(workers: Int) {
        self.workers = UInt64(max(workers, 1))
        committed = ZeroedPages.need(PolicerCredit.self, count: Self.count)
        peak = ZeroedPages.need(PolicerCredit.self, count: Self.count)
        holders = ZeroedPages.need(UInt64.self, count: Self.count / 64)
    }

    func deallocate() {
        ZeroedPages.giveBack(committed, count: Self.count)
        ZeroedPages.giveBack(peak, count: Self.count)
        ZeroedPages.giveBack(holders, count: Self.count / 64)
    }

    /// Pays for packets that came green, if there is credit for all of them: then all are green.
    ///
    /// - Parameter instance: below `STILE_MAX_CLASS_INSTANCES`.
    @_noLocks @inline(__always)
    func pay(_ octets: UInt64, _ policer: UnsafePointer<stile_policer>, instance: Int, now: UInt64) -> Bool {
        let cost = octets &* policer.pointee.committed_cost
        guard committed[instance].pays(cost, depth: policer.pointee.committed_depth) else { return false }
        if policer.pointee.kind == UInt8(STILE_POLICER_TWO_RATE.rawValue) {
            let peakCost = octets &* policer.pointee.peak_cost
            guard peak[instance].pays(peakCost, depth: policer.pointee.excess_depth) else { return false }
            peak[instance].spend(peakCost, depth: policer.pointee.excess_depth, now: now)
        }
        committed[instance].spend(cost, depth: policer.pointee.committed_depth, now: now)
        return true
    }

    /// Fetches what `pay` looks at.
    @_noLocks @inline(__always)
    func prefetch(instance: Int) { stile_prefetch_for_write(committed + instance) }

    /// A run of packets that are metered in the buckets. It has the credit, until what is left of it is kept again.
    ///
    /// - Parameter isAhead: whether it draws credit for packets to come.
    @_noLocks @inline(__always)
    func begin(
        _ octets: UInt64, _ policer: UnsafePointer<stile_policer>, _ state: UnsafeMutablePointer<stile_policer_state>,
        instance: Int, now: UInt64, isAhead: Bool
    ) -> PolicerRun {
        let held = (committed[instance], peak[instance])
        (committed[instance], peak[instance]) = (.none, .none)
        return PolicerRun(
            policer, state, octets: octets, now: now, holding: held,
            workers: isAhead ? workers : nil)
    }

    /// Keeps what a run has left.
    @_noLocks @inline(__always)
    func keep(_ credit: (committed: PolicerCredit, peak: PolicerCredit), instance: Int) {
        (committed[instance], peak[instance]) = credit
        holders[instance >> 6] |= 1 &<< UInt64(truncatingIfNeeded: instance & 63)
    }

    /// Puts all of it back into the buckets.
    ///
    /// - Parameters:
    ///   - states: of all policers, by their instance.
    ///   - now: the policers' time.
    @_noLocks
    func giveBack(to states: UnsafeMutablePointer<stile_policer_state>, now: UInt64) {
        var word = 0
        while word < Self.count / 64 {
            while holders[word] != 0 {
                let instance = word &* 64 &+ holders[word].trailingZeroBitCount
                holders[word] &= holders[word] &- 1
                giveBack(instance, to: states + instance, now: now)
            }
            word &+= 1
        }
    }

    @_noLocks
    private func giveBack(_ instance: Int, to state: UnsafeMutablePointer<stile_policer_state>, now: UInt64) {
        let overflow = PolicerBuckets.giveBack(
            committed[instance], to: PolicerRun.committedBucket(state), now: now)
        // What the policer is now is not known here. Nobody takes more than its depth out of the excess bucket, or looks at it
        // with two rates.
        if overflow > 0 { PolicerBuckets.put(overflow, into: PolicerRun.excessBucket(state), depth: 1 << 60) }
        _ = PolicerBuckets.giveBack(peak[instance], to: PolicerRun.peakBucket(state), now: now)
        (committed[instance], peak[instance]) = (.none, .none)
    }
}
