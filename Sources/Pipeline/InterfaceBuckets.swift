/// Interfaces by the numbers of their counters, as far as there is room for them: number 0 stands for every other one.
struct CounterNumbers {
    /// 1 or more.
    let count: Int

    /// Where what belongs to the interface stands in an array of `count`.
    @_noLocks @inline(__always)
    func place(of counter: UInt16) -> Int { Int(counter) < count ? Int(counter) : 0 }
}

/// Token buckets, the same number for each interface.
struct InterfaceBuckets {
    private let numbers: CounterNumbers
    private let sharesPerInterface: Int
    private let buckets: UnsafeMutablePointer<TokenBucket>

    /// Buckets that were never used, and so are full; freed by `deallocate`.
    init(_ numbers: CounterNumbers, sharesPerInterface: Int = 1) {
        self.numbers = numbers
        self.sharesPerInterface = sharesPerInterface
        buckets = ZeroedPages.need(TokenBucket.self, count: numbers.count * sharesPerInterface)
    }

    func deallocate() { ZeroedPages.giveBack(buckets, count: numbers.count * sharesPerInterface) }

    /// Takes one packet's credit from a bucket of the interface at `now` (cycles); false if there is not enough.
    @_noLocks @inline(__always)
    func take(_ rate: TokenBucket.Rate, share: Int = 0, counter: UInt16, at now: UInt64) -> Bool {
        buckets[numbers.place(of: counter) &* sharesPerInterface &+ share].take(rate, at: now)
    }
}
