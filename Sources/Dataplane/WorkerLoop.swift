import CDPDKShim
import CTableLayout
import Pipeline

/// A worker's life: turns of the loop until it is asked to stop, with sleeps when there is nothing to do.
func workerLoop(_ worker: UnsafeMutablePointer<Worker>) {
    let mailbox = worker.pointee.mailbox
    worker.pointee.turnEnd = stile_cycles()
    while !mailbox.isAskedToStop {
        if let published = mailbox.published, published != worker.pointee.assignment {
            worker.pointee.adopt(published)
        }
        mailbox.pause()
        let foundWork = workerTurn(worker)
        let sleep = worker.pointee.backoff.afterPoll(foundWork: foundWork)
        if sleep > 0 {
            worker.pointee.pipeline.pointee.giveBackPolicerCredit(cycles: stile_cycles())
            goOffline(worker)
            stile_sleep(sleep)
            worker.pointee.turnEnd = stile_cycles()
        }
    }
    worker.pointee.buffers.flush(
        departures: worker.pointee.assignment.pointee.departures, pipeline: worker.pointee.pipeline)
    worker.pointee.pipeline.pointee.giveBackPolicerCredit(cycles: stile_cycles())
    endFlows(worker)
    WorkerState.endAccessLog(worker.pointee.pipeline, worker.pointee.assignment.pointee.accessLog)
    goOffline(worker)
}

/// Hands what is in the flow cache to stiled, which empties the ring every few milliseconds if it is there. What it has
/// not taken in half a second is lost.
private func endFlows(_ worker: UnsafeMutablePointer<Worker>) {
    let statistics = worker.pointee.statistics
    let ring = worker.pointee.assignment.pointee.flows
    var left = WorkerState.endFlows(worker.pointee.pipeline, ring)
    var waits = 0
    while left > 0, waits < 250 {
        stile_sleep(2_000_000)
        waits += 1
        left = WorkerState.endFlows(worker.pointee.pipeline, ring)
    }
    stile_store_relaxed_u64(
        &statistics.pointee.flow_records_lost, statistics.pointee.flow_records_lost &+ UInt64(left))
}

/// One turn of the loop: everything that waits on the worker's queues and rings goes through the pipeline and leaves.
///
/// A function of its own in the program, where Tests/HotPath/check-disassembly begins.
///
/// - Returns: whether there was anything.
@_noLocks @inline(never)
func workerTurn(_ worker: UnsafeMutablePointer<Worker>) -> Bool {
    let statistics = worker.pointee.statistics
    let assignment = worker.pointee.assignment
    goOnline(worker)
    if worker.pointee.pipeline.pointee.needsTime {
        worker.pointee.pipeline.pointee.milliseconds = stile_wall_milliseconds()
    }
    // Release: who sees the new turn knows that the one before has done all of its work (ShareChange).
    stile_store_release_u64(&statistics.pointee.loops, statistics.pointee.loops &+ 1)

    let isChangingShares = worker.pointee.changeShares()
    var foundWork = isChangingShares
    var source = 0
    while source < assignment.pointee.sourceCount {
        if receiveBurst(worker, from: assignment.pointee.sources[source], unlessSpread: isChangingShares) {
            foundWork = true
        }
        source &+= 1
    }
    var ring = 0
    while ring < worker.pointee.spread.incomingCount {
        if let ring = worker.pointee.spread.incomingRing(ring), takeSpread(worker, from: ring) { foundWork = true }
        ring &+= 1
    }
    if takeHandedOver(worker) { foundWork = true }
    if assignment.pointee.inject != nil, takeInjected(worker) { foundWork = true }
    worker.pointee.buffers.flush(departures: assignment.pointee.departures, pipeline: worker.pointee.pipeline)
    WorkerState.sweepFlows(worker.pointee.pipeline, assignment.pointee.flows)
    WorkerState.sweepAccessLog(worker.pointee.pipeline, assignment.pointee.accessLog)
    worker.pointee.endTurn(foundWork: foundWork)
    return foundWork
}

/// The quiescent point (stile_control.h): what was unreachable at this epoch is not looked at any more.
@_noLocks
private func goOnline(_ worker: UnsafeMutablePointer<Worker>) {
    let epoch = stile_load_acquire_u64(worker.pointee.assignment.pointee.writerEpoch)
    stile_store_release_u64(&worker.pointee.statistics.pointee.epoch.value, epoch)
    if worker.pointee.isOffline {
        // A writer that still saw us offline has made its changes before this fence, one that frees later sees us.
        stile_fence()
        worker.pointee.isOffline = false
    }
}

@_noLocks
private func goOffline(_ worker: UnsafeMutablePointer<Worker>) {
    stile_store_release_u64(&worker.pointee.statistics.pointee.epoch.value, STILE_EPOCH_OFFLINE)
    worker.pointee.isOffline = true
}
