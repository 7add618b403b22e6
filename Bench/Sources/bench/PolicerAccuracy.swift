import CTableLayout
import Pipeline

/// Whether a policer holds its rate: a clock of our own, twice the rate offered in bursts of up to 64 packets that two
/// workers meter in turns, whose clocks are a little apart.
struct PolicerAccuracy {
    struct Figure: Codable {
        var policer: String
        /// Which of the policer's rates: what is green against the committed one, or what is green or yellow against the
        /// peak rate.
        var rate: String
        var bitsPerSecond: UInt64
        /// What was let through, against the rate, in percent.
        var errorPercent: Double
    }

    /// From a telephone call to a port of 100 Gbit/s.
    static let rates: [UInt64] = [
        8_000, 64_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
    ]
    private static let lengths: [UInt32] = [64, 128, 594, 1_500]
    /// At least so many, in at least a second.
    private static let packets = 60_000
    private static let leastNanoseconds = 1e9
    /// Of the second worker's clock.
    private static let skewNanoseconds: UInt64 = 900

    let seed: UInt64

    func run() -> [Figure] {
        Self.rates.flatMap { rate in
            [MeteredPolicer.singleRate, .twoRate].flatMap { hold($0, rate) }
        }
    }

    /// The rates are counted from when the bursts have been used up.
    private func hold(_ policer: MeteredPolicer, _ rate: UInt64) -> [Figure] {
        var generator = SeededGenerator(seed: seed &+ rate)
        let rates = MeteredPolicer.Rates(committed: rate)
        var record = policer.record(rates)
        // An excess bucket of a single rate lets more than the rate pass once, and then nothing.
        if !policer.isTwoRate { record.excess_depth = 0 }
        var state = stile_policer_state()
        let offered = Double(policer.isTwoRate ? rates.peak : rates.committed) * 2
        let workers = (0..<2).map { _ in PolicerMeter(workers: 2) }
        defer { for worker in workers { worker.deallocate() } }
        var octets = [UInt32](repeating: 0, count: Burst.capacity)
        var colours = [UInt8](repeating: 0, count: Burst.capacity)
        var nanoseconds = 1e9
        var passed = [0.0, 0.0]
        var start = 0.0
        var done = 0
        // What comes at once is to fit in half of the bucket: while it is full, no credit comes in.
        let most = min(max(Int(rates.committedBurst) / 2 / 1_500, 1), Burst.capacity)
        let warmUp = 40 * Double(max(rates.committedBurst, rates.excessBurst)) * 8 / Double(rate) * 1e9
        while done < Self.packets || nanoseconds < start + Self.leastNanoseconds {
            let count = 1 + generator.below(most)
            var length = 0.0
            for index in 0..<count {
                octets[index] = Self.lengths[generator.below(Self.lengths.count)]
                length += Double(octets[index])
            }
            nanoseconds += length * 8 / offered * 1e9
            let second = generator.below(2)
            workers[second].meter(
                &record, &state, instance: 0, octets: octets, colours: &colours, count: count,
                now: PolicerMeter.time(nanoseconds: UInt64(nanoseconds) &+ UInt64(second) &* Self.skewNanoseconds))
            guard nanoseconds > 1e9 + warmUp else { continue }
            if start == 0 {
                start = nanoseconds
                continue
            }
            done += count
            for index in 0..<count where colours[index] != UInt8(STILE_RED.rawValue) {
                passed[1] += Double(octets[index])
                if colours[index] == UInt8(STILE_GREEN.rawValue) { passed[0] += Double(octets[index]) }
            }
        }
        func figure(_ name: String, _ wanted: UInt64, _ octets: Double) -> Figure {
            let measured = octets * 8 / (nanoseconds - start) * 1e9
            return Figure(
                policer: policer.rawValue, rate: name, bitsPerSecond: wanted,
                errorPercent: rounded((measured / Double(wanted) - 1) * 100, decimals: 3))
        }
        let committed = figure("committed", rates.committed, passed[0])
        return policer.isTwoRate ? [committed, figure("peak", rates.peak, passed[1])] : [committed]
    }
}
