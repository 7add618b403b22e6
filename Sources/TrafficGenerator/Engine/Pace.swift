/// When packets are due, by the time-stamp counter.
///
/// A generator that was kept from running (another process had the processor) must not make up for it with a burst at
/// its own top speed: the device would lose packets that its load does not explain. So what is overdue by more than
/// `lagLimitTicks` is given up and counted as unsent, and when that is more than a small share of the trial, the trial is
/// the generator's failure and not the device's.
public struct Pace {
    /// Ticks since the start of the trial, with 16 bits behind the point: good for 30 hours at 2.6 GHz.
    private var dueAt: UInt64 = 0
    /// Ticks between packets, with 16 bits behind the point; 0: back to back.
    private var interval: UInt64 = 0
    private var lagLimit: UInt64 = 0
    public private(set) var remaining: UInt64 = 0
    public private(set) var unsent: UInt64 = 0
    private var endTicks: UInt64 = 0

    public init() {}

    /// - Parameters:
    ///   - packetsPerSecond: `nil`: as fast as possible; nothing is ever overdue then.
    ///   - packets: how many to send.
    ///   - endTicks: when to stop whatever is left.
    public init(
        packetsPerSecond: Double?, packets: UInt64, endTicks: UInt64, ticksPerSecond: UInt64, lagLimitSeconds: Double
    ) {
        remaining = packets
        self.endTicks = endTicks
        if let packetsPerSecond, packetsPerSecond > 0 {
            interval = max(UInt64(Double(ticksPerSecond) / packetsPerSecond * 65536), 1)
            lagLimit = UInt64(Double(ticksPerSecond) * lagLimitSeconds * 65536)
        }
    }

    /// Whether a packet is to be sent at `now`; takes it off what remains.
    @_noLocks @inline(__always)
    public mutating func take(at now: UInt64) -> Bool {
        guard remaining > 0, dueAt <= now << 16 else { return false }
        dueAt &+= interval
        remaining &-= 1
        return true
    }

    /// Gives up what is overdue by more than the limit. To be called after the packets of a turn have been taken.
    @_noLocks @inline(__always)
    public mutating func forgive(at now: UInt64) {
        let now = now << 16
        guard interval > 0, remaining > 0, now > dueAt, now &- dueAt > lagLimit else { return }
        var overdue = (now &- dueAt) / interval
        if overdue > remaining { overdue = remaining }
        dueAt &+= overdue &* interval
        remaining &-= overdue
        unsent &+= overdue
    }

    /// Whether there is nothing more to send, all being sent or the time being over.
    @_noLocks @inline(__always)
    public mutating func isOver(at now: UInt64) -> Bool {
        if remaining == 0 { return true }
        guard now >= endTicks else { return false }
        if interval > 0 { unsent &+= remaining }
        remaining = 0
        return true
    }
}
