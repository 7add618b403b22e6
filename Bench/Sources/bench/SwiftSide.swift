import CTableLayout
import ForwardingTables
import Pipeline

/// A worker of the product's pipeline over frames of the pool.
final class SwiftSide {
    let worker: UnsafeMutablePointer<WorkerState>
    let statistics: UnsafeMutablePointer<stile_worker>
    private let counters: UnsafeMutablePointer<stile_interface_counters>
    private let drops: UnsafeMutablePointer<stile_interface_drops>

    init(tables: TablesReader, counterCount: Int) {
        counters = WorkerMemory.counters(counterCount)
        drops = WorkerMemory.drops(counterCount)
        statistics = WorkerMemory.statistics()
        let frames = stile_frame_source(
            context: nil, allocate: { _ in stile_frame() }, transmit: { _, _, _, _, _ in 0 }, discard: { _, _ in },
            copy: { _, _ in 0 })
        worker = WorkerState.make(
            tables: tables, counters: counters, drops: drops, counterCount: counterCount, statistics: statistics,
            frames: frames)
        // Policers measure time; nothing is punted.
        let rates = [UInt32](repeating: 0, count: PuntLimiter.sharesPerInterface)
        worker.pointee.setRates(
            puntPacketsPerSecond: rates, puntSumPerSecond: 0, icmpPerSecond: 0, cyclesPerSecond: Self.cyclesPerSecond)
    }

    private static let cyclesPerSecond = UInt64(EnvironmentReport.measureCyclesPerSecond())

    deinit {
        WorkerState.destroy(worker)
        counters.deallocate()
        drops.deallocate()
        statistics.deallocate()
    }

    /// Gives the burst `Burst.capacity` frames of the pool, as a receive queue does.
    @inline(__always)
    func take(from pool: FramePool, first: Int, store: FrameStore, storeFirst: Int, port: UInt16) {
        let burst = worker.pointee.burst
        var index = 0
        while index < Burst.capacity {
            burst.frame[index] = pool.frame(first &+ index)
            burst.frameLength[index] = store.lengths[storeFirst &+ index]
            burst.port[index] = port
            index &+= 1
        }
    }

    /// Runs the burst and returns the cycles that it took.
    @inline(__always)
    func process() -> UInt64 {
        let start = stile_cycles()
        Pipeline.process(worker, count: Burst.capacity, cycles: start)
        return stile_cycles() &- start
    }

    /// What has left since the burst was given: the frames in order, and how many packets had another end.
    func departures() -> (frames: [[UInt8]], others: Int) {
        let burst = worker.pointee.burst
        var frames: [[UInt8]] = []
        for index in 0..<Burst.capacity {
            guard case .transmit(let port) = burst.verdict[index] else { continue }
            frames.append(
                [UInt8(truncatingIfNeeded: port)]
                    + UnsafeRawBufferPointer(start: burst.frame[index], count: Int(burst.frameLength[index])))
        }
        return (frames, Burst.capacity - frames.count)
    }

    /// Cycles of each stage so far, indexed by `Stage`.
    var stageCycles: [UInt64] {
        withUnsafeBytes(of: &statistics.pointee.stage_cycles) { Array($0.bindMemory(to: UInt64.self)) }
    }
}
