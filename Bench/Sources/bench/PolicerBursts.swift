import CDPDKLookup
import CTableLayout
import Foundation
import Pipeline

/// Packets that are metered in bursts of 64, by the product's policers or by DPDK's: lengths as in the Internet's mix,
/// one packet in eight yellow and one in eight red where colours are looked at.
final class PolicerBursts {
    static let burst = Burst.capacity
    private static let count = 4_096
    private static let mix: [UInt32] = [64, 64, 64, 64, 64, 64, 64, 594, 594, 594, 594, 1_500]

    private let octets: UnsafeMutablePointer<UInt32>
    private let incoming: UnsafeMutablePointer<UInt8>
    private let colours: UnsafeMutablePointer<UInt8>
    private let meter: PolicerMeter
    /// Units of a policer's time in a cycle, in 2⁻³².
    private let timeScale: UInt64
    private var first = 0

    /// - Parameter workers: how many such threads share the policers.
    init(seed: UInt64, cyclesPerSecond: Double, workers: Int = 1) {
        meter = PolicerMeter(workers: workers)
        var generator = SeededGenerator(seed: seed)
        timeScale = UInt64(Double(PolicerMeter.time(nanoseconds: 1_000_000_000)) / cyclesPerSecond * 4_294_967_296)
        octets = .allocate(capacity: Self.count)
        incoming = .allocate(capacity: Self.count)
        colours = .allocate(capacity: Self.burst)
        colours.initialize(repeating: 0, count: Self.burst)
        for index in 0..<Self.count {
            (octets + index).initialize(to: Self.mix[generator.below(Self.mix.count)])
            (incoming + index).initialize(to: [0, 0, 0, 0, 0, 0, 1, 2][generator.below(8)])
        }
    }

    deinit {
        octets.deallocate()
        incoming.deallocate()
        colours.deallocate()
        meter.deallocate()
    }

    /// The next burst's place, its colours as they came.
    @inline(__always)
    private func next() -> UnsafeMutablePointer<UInt32> {
        first = (first &+ Self.burst) % Self.count
        colours.update(from: incoming + first, count: Self.burst)
        return octets + first
    }

    /// Cycles of a burst whose packets follow each other in runs of `run`, each of another of the policers.
    @inline(__always)
    func meter(
        _ policer: UnsafePointer<stile_policer>, _ states: UnsafeMutablePointer<stile_policer_state>, run: Int
    ) -> Double {
        let octets = next()
        let start = stile_cycles()
        // As a worker makes its burst's time of the counter.
        let product = start.multipliedFullWidth(by: timeScale)
        let now = product.high << 32 | product.low >> 32
        var index = 0
        while index < Self.burst {
            meter.meter(
                policer, states + index / run, instance: index / run, octets: octets + index, colours: colours + index,
                count: run, now: now)
            index &+= run
        }
        return Double(stile_cycles() &- start)
    }

    @inline(__always)
    func meter(_ meters: UnsafeMutablePointer<dpdk_meter_storage>, run: Int) -> Double {
        let octets = next()
        let start = stile_cycles()
        var index = 0
        while index < Self.burst {
            dpdk_meter_burst(meters + index / run, octets + index, colours + index, UInt32(run), start)
            index &+= run
        }
        return Double(stile_cycles() &- start)
    }

    /// Whether the policer lets most of a burst that comes green pass.
    func isGreen(
        _ policer: UnsafePointer<stile_policer>, _ states: UnsafeMutablePointer<stile_policer_state>
    ) -> Bool {
        _ = meter(policer, states, run: Self.burst)
        return (0..<Self.burst).count { colours[$0] == UInt8(STILE_GREEN.rawValue) } > Self.burst / 2
    }
}
