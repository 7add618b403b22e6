import CTableLayout

/// A worker's policers without packets: the metering of classes by itself, as `Bench/run policer` measures it beside DPDK's
/// and over a clock of its own. It belongs to one thread.
public struct PolicerMeter {
    private let credits: PolicerCredits

    /// Freed by `deallocate`.
    ///
    /// - Parameter workers: how many meters share the buckets.
    public init(workers: Int) { credits = PolicerCredits(workers: workers) }

    public func deallocate() { credits.deallocate() }

    /// A time as policers measure it.
    public static func time(nanoseconds: UInt64) -> UInt64 { nanoseconds << UInt64(STILE_POLICER_TIME_BITS) }

    /// Puts the credit of all policers back, as a worker does before it sleeps.
    public func giveBack(to states: UnsafeMutablePointer<stile_policer_state>, now: UInt64) {
        credits.giveBack(to: states, now: now)
    }

    /// Meters packets of one class that follow each other in a burst.
    ///
    /// - Parameters:
    ///   - state: the buckets, which other meters may draw from at the same time.
    ///   - instance: the policer's number, below `STILE_MAX_CLASS_INSTANCES`.
    ///   - octets: of each packet; together below 2³².
    ///   - colours: of each packet (`STILE_GREEN` and so on): what it came with, read where the policer is aware of
    ///     colours; afterwards what the policer says.
    ///   - now: as `time` gives it.
    @_noLocks
    public func meter(
        _ policer: UnsafePointer<stile_policer>, _ state: UnsafeMutablePointer<stile_policer_state>, instance: Int,
        octets: UnsafePointer<UInt32>, colours: UnsafeMutablePointer<UInt8>, count: Int, now: UInt64
    ) {
        var total: UInt64 = 0
        var index = 0
        while index < count {
            total &+= UInt64(octets[index])
            index &+= 1
        }
        let isAware = policer.pointee.is_colour_aware != 0
        if !isAware, credits.pay(total, policer, instance: instance, now: now) {
            colours.update(repeating: UInt8(truncatingIfNeeded: STILE_GREEN.rawValue), count: count)
            return
        }
        var run = credits.begin(total, policer, state, instance: instance, now: now, isAhead: !isAware)
        if !isAware, run.meterAll(octets: total) {
            credits.keep(run.credit, instance: instance)
            colours.update(repeating: UInt8(truncatingIfNeeded: STILE_GREEN.rawValue), count: count)
            return
        }
        index = 0
        while index < count {
            let incoming = isAware ? Self.colour(colours[index]) : .green
            let said = run.meter(octets: UInt64(octets[index]), incoming: incoming)
            colours[index] = UInt8(truncatingIfNeeded: said.number)
            index &+= 1
        }
        run.end()
    }

    @_noLocks @inline(__always)
    private static func colour(_ number: UInt8) -> Colour {
        switch UInt32(number) {
        case STILE_GREEN.rawValue: .green
        case STILE_YELLOW.rawValue: .yellow
        default: .red
        }
    }
}
