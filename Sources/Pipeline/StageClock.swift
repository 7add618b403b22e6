import CTableLayout

/// Reads the processor's counter behind each stage of the bursts that are clocked, and accounts the stage's cycles.
struct StageClock {
    private let isRunning: Bool
    private var last: UInt64

    /// For the next burst, which it counts.
    @_noLocks @inline(__always)
    init(_ worker: UnsafeMutablePointer<WorkerState>) {
        isRunning = worker.pointee.isNextBurstClocked
        worker.pointee.bursts &+= 1
        last = isRunning ? stile_cycles() : 0
    }

    @_noLocks @inline(__always)
    mutating func note(_ stage: Stage, packets: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        guard isRunning else { return }
        worker.pointee.countStage(stage, since: &last, packets: packets)
    }
}
