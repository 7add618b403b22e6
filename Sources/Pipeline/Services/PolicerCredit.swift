import CTableLayout

/// What a worker has drawn of one policer's bucket ahead of its packets, in the bucket's unit (`PolicerBuckets`). As long
/// as it lasts, packets are metered without an exchange of the word that all workers share.
struct PolicerCredit: BitwiseCopyable {
    private(set) var amount: UInt64
    /// When the bucket was empty as far as this worker knows: at its draw, and by what it has spent since then.
    private var empty: UInt64
    /// Whether the bucket has been full since then. It took nothing more in, and what was spent lacks afterwards, although
    /// the shared word does not know of it yet.
    private var hasBeenFull = false

    /// - Parameter empty: when the bucket was empty, the credit in it.
    @_noLocks @inline(__always)
    init(_ amount: UInt64, empty: UInt64) {
        self.amount = amount
        self.empty = empty
    }

    static var none: Self { @_noLocks @inline(__always) get { Self(0, empty: 0) } }

    /// Most that is drawn of it: of all workers together 0.25 % of what the rate lets pass in a second, and little of the
    /// bucket, so that another worker does not miss what this one keeps. `nil`: none.
    @_noLocks @inline(__always)
    static func most(ofDepth depth: UInt64, workers: UInt64?) -> UInt64 {
        guard let workers else { return 0 }
        return min(depth >> 4, 2_500_000 << UInt64(STILE_POLICER_TIME_BITS)) / max(workers, 1)
    }

    /// Whether it pays for `cost`, of a bucket that holds at most `depth`. Credit of a larger bucket, which was configured
    /// before, pays for nothing: it goes back with the next draw.
    @_noLocks @inline(__always)
    func pays(_ cost: UInt64, depth: UInt64) -> Bool { amount >= cost && amount <= depth >> 4 }

    /// Pays `cost` at `now`, for which `pays` has said yes.
    @_noLocks @inline(__always)
    mutating func spend(_ cost: UInt64, depth: UInt64, now: UInt64) {
        if Int64(bitPattern: now &- empty) > Int64(bitPattern: depth) {
            empty = now &- depth
            hasBeenFull = true
        }
        empty &+= cost
        amount &-= cost
    }

    /// When the bucket was empty whose shared word is `shared`, with the credit in it. Of a bucket that has been full the
    /// worker knows a time before which it was not; unless its credit is older than half of the time's range. The bucket may
    /// have become smaller than what was paid: then that time is a little ahead.
    @_noLocks @inline(__always)
    func empty(with shared: UInt64, now: UInt64) -> UInt64 {
        let returned = shared &- amount
        guard hasBeenFull else { return returned }
        let knowsMore = Int64(bitPattern: empty &- returned) > 0 && Int64(bitPattern: now &- empty) > -(1 << 48)
        return knowsMore ? empty : returned
    }
}
