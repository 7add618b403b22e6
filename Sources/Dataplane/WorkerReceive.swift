import CDPDKShim
import CTableLayout
import Pipeline

/// Takes a burst from a receive queue, through the pipeline and out.
///
/// - Returns: whether there was anything.
@_noLocks
func receiveBurst(_ worker: UnsafeMutablePointer<Worker>, from source: ReceiveSource) -> Bool {
    let frames = worker.pointee.frames
    let received = Int(
        stile_receive(source.device, source.queue, frames, UInt16(truncatingIfNeeded: worker.pointee.burstCapacity)))
    guard received > 0 else { return false }
    let pipeline = worker.pointee.pipeline
    let burst = pipeline.pointee.burst

    // 1. Data pointers, lengths and the port. The pipeline works in one piece of memory with room in front of it;
    //    drivers give nothing else as the queues are set up, so what differs is dropped.
    var count = 0
    var index = 0
    while index < received {
        if let frame = frames[index] {
            if stile_mbuf_segments(frame) == 1, stile_mbuf_headroom(frame) >= worker.pointee.headroomBytes,
                let data = stile_mbuf_data(frame)
            {
                stile_prefetch(data)
                frames[count] = frame
                burst.frame[count] = UnsafeMutableRawPointer(data)
                burst.frameLength[count] = UInt16(truncatingIfNeeded: stile_mbuf_length(frame))
                burst.port[count] = source.port
                count &+= 1
            } else {
                pipeline.pointee.countDrop(.multipleSegments, counter: 0)
                stile_mbuf_free(frame)
            }
        }
        index &+= 1
    }
    let statistics = worker.pointee.statistics
    stile_store_relaxed_u64(&statistics.pointee.bursts, statistics.pointee.bursts &+ 1)
    stile_store_relaxed_u64(
        &statistics.pointee.packets, statistics.pointee.packets &+ UInt64(truncatingIfNeeded: received))
    guard count > 0 else { return true }

    // 2. The stages, and what they decided.
    Pipeline.process(pipeline, count: count, cycles: stile_cycles())
    carryOut(worker, count: count)
    return true
}
