import CDPDKShim
import CTableLayout
import Pipeline

/// Takes a burst from a receive queue, through the pipeline and out, but for the frames whose flows belong to other
/// workers.
///
/// - Parameter unlessSpread: a queue whose flows are spread is left alone.
/// - Returns: whether there was anything.
@_noLocks
func receiveBurst(
    _ worker: UnsafeMutablePointer<Worker>, from source: ReceiveSource, unlessSpread: Bool
) -> Bool {
    if unlessSpread {
        guard case .none = source.spread else { return false }
    }
    let isClocked = worker.pointee.pipeline.pointee.isNextBurstClocked
    var clock = isClocked ? stile_cycles() : 0
    let received = Int(
        stile_receive(
            source.device, source.queue, worker.pointee.frames,
            UInt16(truncatingIfNeeded: worker.pointee.burstCapacity)))
    guard received > 0 else { return false }
    var count = accept(worker, received: received, port: source.port)
    if isClocked { worker.pointee.pipeline.pointee.countStage(.receive, since: &clock, packets: count) }
    switch source.spread {
    case .none: break
    case .labelled, .all:
        let accepted = count
        count = keepOwnFlows(worker, count: accepted, from: source)
        if isClocked { worker.pointee.pipeline.pointee.countStage(.spread, since: &clock, packets: accepted) }
    }
    let burst = worker.pointee.pipeline.pointee.burst
    var index = 0
    while index < count {
        burst.port[index] = source.port
        index &+= 1
    }
    process(worker, count: count)
    return true
}

/// Puts data pointers and lengths of received frames in the burst; returns how many are fit for it. The pipeline works
/// in one piece of memory with room in front of it; drivers give nothing else as the queues are set up, so what differs
/// is dropped.
@_noLocks @inline(__always)
private func accept(_ worker: UnsafeMutablePointer<Worker>, received: Int, port: UInt16) -> Int {
    let frames = worker.pointee.frames
    let pipeline = worker.pointee.pipeline
    let burst = pipeline.pointee.burst
    var count = 0
    var index = 0
    while index < received {
        if let frame = frames[index] {
            if stile_mbuf_provide_headroom(frame, worker.pointee.headroomBytes) == 1,
                let data = stile_mbuf_data(frame)
            {
                stile_prefetch(data)
                frames[count] = frame
                burst.frame[count] = UnsafeMutableRawPointer(data)
                burst.frameLength[count] = UInt16(truncatingIfNeeded: stile_mbuf_length(frame))
                count &+= 1
            } else {
                let counter = FrameInterface.counter(
                    of: stile_mbuf_data(frame), bytes: Int(stile_mbuf_length(frame)), port: port,
                    in: pipeline.pointee.tables)
                pipeline.pointee.countDrop(.multipleSegments, counter: counter)
                stile_mbuf_free(frame)
            }
        }
        index &+= 1
    }
    return count
}

/// Runs the burst in hand through the stages and does what they decided.
@_noLocks
func process(_ worker: UnsafeMutablePointer<Worker>, count: Int) {
    guard count > 0 else { return }
    let statistics = worker.pointee.statistics
    stile_store_relaxed_u64(&statistics.pointee.bursts, statistics.pointee.bursts &+ 1)
    stile_store_relaxed_u64(
        &statistics.pointee.packets, statistics.pointee.packets &+ UInt64(truncatingIfNeeded: count))
    let isClocked = worker.pointee.pipeline.pointee.isNextBurstClocked
    Pipeline.process(worker.pointee.pipeline, count: count, cycles: stile_cycles())
    var clock = isClocked ? stile_cycles() : 0
    carryOut(worker, count: count)
    if isClocked { worker.pointee.pipeline.pointee.countStage(.transmit, since: &clock, packets: count) }
}
