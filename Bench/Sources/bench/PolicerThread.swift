import CTableLayout

/// A policer and its bucket, which several threads use at the same time.
final class SharedPolicer: @unchecked Sendable {
    let policer = UnsafeMutablePointer<stile_policer>.allocate(capacity: 1)
    let state = UnsafeMutablePointer<stile_policer_state>.allocate(capacity: 1)

    init(_ record: stile_policer) {
        policer.initialize(to: record)
        state.initialize(to: stile_policer_state())
    }

    deinit {
        policer.deallocate()
        state.deallocate()
    }
}

/// A thread that meters all the time.
final class PolicerThread: @unchecked Sendable {
    private let bursts: PolicerBursts
    private let cyclesPerSecond: Double
    /// Of the last run's processor time.
    private(set) var cyclesPerPacket = 0.0

    init(seed: UInt64, cyclesPerSecond: Double) {
        bursts = PolicerBursts(seed: seed, cyclesPerSecond: cyclesPerSecond, workers: 2)
        self.cyclesPerSecond = cyclesPerSecond
    }

    func run(_ shared: SharedPolicer, until: UInt64) {
        var packets = 0
        let start = ThreadTime.seconds
        while stile_cycles() < until {
            for _ in 0..<64 { _ = bursts.meter(shared.policer, shared.state, run: PolicerBursts.burst) }
            packets += 64 * PolicerBursts.burst
        }
        cyclesPerPacket = (ThreadTime.seconds - start) * cyclesPerSecond / Double(max(packets, 1))
    }
}
