import CDPDKShim
import CTableLayout
import PacketFormats
import Pipeline

/// Keeps those of a received burst's frames that belong to this worker and hands the others over, in order, so that a
/// flow's packets all take one way. Returns how many stay, at the front of the burst.
///
/// A worker never waits for another: what a full ring does not take is dropped.
@_noLocks
func keepOwnFlows(_ worker: UnsafeMutablePointer<Worker>, count: Int, from source: ReceiveSource) -> Int {
    let frames = worker.pointee.frames
    let burst = worker.pointee.pipeline.pointee.burst
    let spread = worker.pointee.spread
    let onlyUnderLabel = if case .labelled = source.spread { true } else { false }
    var kept = 0
    var index = 0
    while index < count {
        guard let frame = frames[index] else { break }
        let data = burst.frame[index]
        let bytes = burst.frameLength[index]
        if let hash = FlowHash(of: data, bytes: Int(bytes), onlyUnderLabel: onlyUnderLabel),
            let other = spread.otherWorker(for: hash)
        {
            stile_mbuf_note_arrival(frame, source.port)
            spread.stage(frame, for: other)
        } else {
            frames[kept] = frame
            burst.frame[kept] = data
            burst.frameLength[kept] = bytes
            kept &+= 1
        }
        index &+= 1
    }
    guard kept < count else { return kept }
    var other = 0
    while other < spread.workerCount {
        handOver(worker, to: other, port: source.port)
        other &+= 1
    }
    let statistics = worker.pointee.statistics
    stile_store_relaxed_u64(
        &statistics.pointee.spread_packets,
        statistics.pointee.spread_packets &+ UInt64(truncatingIfNeeded: count &- kept))
    return kept
}

@_noLocks @inline(__always)
private func handOver(_ worker: UnsafeMutablePointer<Worker>, to other: Int, port: UInt16) {
    let (frames, count) = worker.pointee.spread.takeStaged(for: other)
    guard count > 0, let ring = worker.pointee.spread.outgoingRing(other) else { return }
    let taken = Int(stile_spread_put(ring, frames, UInt32(truncatingIfNeeded: count)))
    if taken < count { discard(worker, frames + taken, count: count &- taken, port: port) }
}

/// Counts as the stages would: received on the interface, and dropped there.
@_noLocks @inline(never)
private func discard(
    _ worker: UnsafeMutablePointer<Worker>, _ frames: UnsafeMutablePointer<OpaquePointer?>, count: Int, port: UInt16
) {
    let pipeline = worker.pointee.pipeline
    var index = 0
    while index < count {
        if let frame = frames[index] {
            let bytes = Int(stile_mbuf_length(frame))
            let counter = FrameInterface.counter(
                of: stile_mbuf_data(frame), bytes: bytes, port: port, in: pipeline.pointee.tables)
            worker.pointee.countReceived(counter: counter, bytes: bytes)
            pipeline.pointee.countLost(.workerRingFull, counter: counter, bytes: bytes)
        }
        index &+= 1
    }
    stile_mbufs_free(frames, UInt32(truncatingIfNeeded: count))
    let statistics = worker.pointee.statistics
    stile_store_relaxed_u64(
        &statistics.pointee.spread_lost, statistics.pointee.spread_lost &+ UInt64(truncatingIfNeeded: count))
}

/// Takes a burst of the frames that another worker has received and handed over through the pipeline and out.
///
/// - Returns: whether there was anything.
@_noLocks
func takeSpread(_ worker: UnsafeMutablePointer<Worker>, from ring: OpaquePointer) -> Bool {
    let frames = worker.pointee.frames
    let isClocked = worker.pointee.pipeline.pointee.isNextBurstClocked
    var clock = isClocked ? stile_cycles() : 0
    let count = Int(stile_spread_take(ring, frames, UInt32(truncatingIfNeeded: worker.pointee.burstCapacity)))
    guard count > 0 else { return false }
    let burst = worker.pointee.pipeline.pointee.burst
    var index = 0
    while index < count {
        if let frame = frames[index] { stile_mbuf_prefetch(frame) }
        index &+= 1
    }
    index = 0
    while index < count, let frame = frames[index], let data = stile_mbuf_data(frame) {
        stile_prefetch(data)
        burst.frame[index] = UnsafeMutableRawPointer(data)
        burst.frameLength[index] = UInt16(truncatingIfNeeded: stile_mbuf_length(frame))
        burst.port[index] = stile_mbuf_arrival_port(frame)
        index &+= 1
    }
    if isClocked { worker.pointee.pipeline.pointee.countStage(.receive, since: &clock, packets: index) }
    process(worker, count: index)
    return true
}
