import CTableLayout
import Foundation

/// How far a running trial is.
public struct TrialProgress: Sendable, Equatable {
    /// Since the start of the trial.
    public var elapsedSeconds: Double
    /// In the time since the last report, which was `intervalSeconds`.
    public var intervalSeconds: Double
    public var offeredPackets: UInt64
    public var receivedPackets: UInt64
    /// Refused by a full ring and given up by the generator.
    public var refusedPackets: UInt64
    public var unsentPackets: UInt64
}

/// A thread beside the loop's that reports its totals each second and passes on the user's wish to stop.
final class TrialWatcher: @unchecked Sendable {
    private let totals: UnsafeMutablePointer<LoopTotals>
    private let stop: StopRequest
    private let watch: (@Sendable (TrialProgress) -> Void)?
    private let condition = NSCondition()
    private var isEnded = false
    private var hasReturned = false

    init(totals: UnsafeMutablePointer<LoopTotals>, stop: StopRequest, watch: (@Sendable (TrialProgress) -> Void)?) {
        self.totals = totals
        self.stop = stop
        self.watch = watch
        Thread.detachNewThread { self.run() }
    }

    /// Ends the thread and waits for it, so that nobody reads the totals afterwards.
    func end() {
        condition.lock()
        isEnded = true
        condition.broadcast()
        while !hasReturned { condition.wait() }
        condition.unlock()
    }

    private func run() {
        let start = Date()
        var reported = start
        var last = LoopTotals()
        condition.lock()
        while !isEnded {
            _ = condition.wait(until: Date(timeIntervalSinceNow: 0.05))
            if stop.isAsked { stile_store_release_u32(&totals.pointee.isAskedToStop, 1) }
            let now = Date()
            guard let watch, now.timeIntervalSince(reported) >= 1 else { continue }
            let current = read()
            watch(
                TrialProgress(
                    elapsedSeconds: now.timeIntervalSince(start), intervalSeconds: now.timeIntervalSince(reported),
                    offeredPackets: current.offered &- last.offered,
                    receivedPackets: current.received &- last.received,
                    refusedPackets: current.refused &- last.refused, unsentPackets: current.unsent &- last.unsent))
            last = current
            reported = now
        }
        hasReturned = true
        condition.broadcast()
        condition.unlock()
    }

    private func read() -> LoopTotals {
        LoopTotals(
            offered: stile_load_relaxed_u64(&totals.pointee.offered),
            refused: stile_load_relaxed_u64(&totals.pointee.refused),
            received: stile_load_relaxed_u64(&totals.pointee.received),
            unsent: stile_load_relaxed_u64(&totals.pointee.unsent))
    }
}
