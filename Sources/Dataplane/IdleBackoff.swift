/// How long a worker sleeps when nothing comes in: not at all for a while, then longer and longer up to a bound.
///
/// The bound is a latency that the first packet after a pause meets, and that a table's writer waits for.
public struct IdleBackoff: Sendable {
    /// Empty polls before the first sleep: some tens of microseconds, so that a gap in a stream costs nothing.
    public static let pollsBeforeSleep: UInt32 = 256
    public static let firstSleepNanoseconds: UInt32 = 10_000
    public static let longestSleepNanoseconds: UInt32 = 500_000

    /// A worker in busy mode never sleeps.
    public var isBusy: Bool
    private var emptyPolls: UInt32 = 0
    private var sleep: UInt32 = IdleBackoff.firstSleepNanoseconds

    public init(isBusy: Bool) { self.isBusy = isBusy }

    /// Told after each poll of everything a worker serves; says how long to sleep now, in nanoseconds (0: not).
    @_noLocks
    public mutating func afterPoll(foundWork: Bool) -> UInt32 {
        if foundWork {
            emptyPolls = 0
            sleep = IdleBackoff.firstSleepNanoseconds
            return 0
        }
        if isBusy { return 0 }
        if emptyPolls < IdleBackoff.pollsBeforeSleep {
            emptyPolls &+= 1
            return 0
        }
        let now = sleep
        sleep = min(sleep &* 2, IdleBackoff.longestSleepNanoseconds)
        return now
    }
}
