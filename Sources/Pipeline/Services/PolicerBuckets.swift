import CTableLayout

/// The buckets of a policer, which all workers share: each draws what the packets of a run need, and a little ahead where it
/// keeps credit, by one exchange of a word, and gives back what it did not spend. Nobody waits.
///
/// Amounts are times, in the unit of `stile_policer` (2⁻¹⁸ ns): the time that so many octets take at the bucket's rate.
enum PolicerBuckets {
    /// A clock that is less than this behind another worker's is not an idle time of years.
    private static var clockSkew: UInt64 { @_noLocks @inline(__always) get { 1 << 48 } }

    /// Puts a worker's credit back into the bucket that was empty at `empty` and holds at most `depth`, and takes up to `wanted`
    /// out of it.
    ///
    /// - Parameter overflow: gets what would have come in while the bucket was full (RFC 2697 §3: it fills the excess
    ///   bucket).
    /// - Returns: what was taken, and when the bucket was empty now.
    @_noLocks @inline(__always)
    static func draw(
        _ wanted: UInt64, from empty: UnsafeMutablePointer<UInt64>, holding credit: PolicerCredit, depth: UInt64,
        now: UInt64, overflow: inout UInt64
    ) -> (taken: UInt64, empty: UInt64) {
        var seen = stile_load_relaxed_u64(empty)
        while true {
            let before = credit.empty(with: seen, now: now)
            let elapsed = now &- before
            // In the future: another worker's clock is a little ahead, and has taken all. Further away than that: the
            // bucket has not been used since the time last wrapped, and is full.
            let isAhead = elapsed > UInt64.max &- clockSkew
            let content = isAhead ? 0 : min(elapsed, depth)
            let taken = min(content, wanted)
            let after = isAhead ? before : now &- content &+ taken
            if after == seen || stile_compare_exchange_u64(empty, &seen, after) != 0 {
                overflow = isAhead ? 0 : before &- (seen &- credit.amount) &+ elapsed &- content
                return (taken, after)
            }
        }
    }

    /// Gives back what was drawn and not spent.
    @_noLocks @inline(__always)
    static func giveBack(_ amount: UInt64, to empty: UnsafeMutablePointer<UInt64>) {
        if amount > 0 { stile_add_relaxed_u64(empty, 0 &- amount) }
    }

    /// Puts a worker's credit back.
    /// - Returns: what would have come in while the bucket was full, as far as the worker knows.
    @_noLocks
    static func giveBack(_ credit: PolicerCredit, to empty: UnsafeMutablePointer<UInt64>, now: UInt64) -> UInt64 {
        var seen = stile_load_relaxed_u64(empty)
        while true {
            let after = credit.empty(with: seen, now: now)
            if after == seen || stile_compare_exchange_u64(empty, &seen, after) != 0 {
                return after &- (seen &- credit.amount)
            }
        }
    }

    /// Takes up to `wanted` out of a bucket that fills by what is put into it: its word is what it holds, at most `depth`.
    @_noLocks @inline(__always)
    static func take(_ wanted: UInt64, outOf content: UnsafeMutablePointer<UInt64>, depth: UInt64) -> UInt64 {
        var seen = stile_load_relaxed_u64(content)
        while true {
            let held = min(seen, depth)
            let taken = min(held, wanted)
            guard taken > 0 else { return 0 }
            if stile_compare_exchange_u64(content, &seen, held &- taken) != 0 { return taken }
        }
    }

    /// Puts up to `amount` into such a bucket, which holds at most `depth`.
    @_noLocks @inline(__always)
    static func put(_ amount: UInt64, into content: UnsafeMutablePointer<UInt64>, depth: UInt64) {
        var seen = stile_load_relaxed_u64(content)
        while seen < depth {
            let filled = seen &+ min(amount, depth &- seen)
            if stile_compare_exchange_u64(content, &seen, filled) != 0 { return }
        }
        if seen > depth { trim(content, to: depth) }
    }

    /// A bucket that was made smaller by a change of the configuration.
    @_noLocks @inline(never)
    private static func trim(_ content: UnsafeMutablePointer<UInt64>, to depth: UInt64) {
        var seen = stile_load_relaxed_u64(content)
        while seen > depth {
            if stile_compare_exchange_u64(content, &seen, depth) != 0 { return }
        }
    }
}
