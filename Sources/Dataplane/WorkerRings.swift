import CDPDKShim
import CTableLayout
import ForwardingTables
import Pipeline

/// Queues the frames that other workers handed over for ports whose transmit queue is this worker's.
@_noLocks
func takeHandedOver(_ worker: UnsafeMutablePointer<Worker>) -> Bool {
    let frames = worker.pointee.frames
    let count = Int(
        stile_handover_take(worker.pointee.handover, frames, UInt32(truncatingIfNeeded: worker.pointee.burstCapacity)))
    var index = 0
    while index < count {
        if let frame = frames[index] {
            let note = stile_mbuf_departure(frame)
            if note.port < UInt16(STILE_MAX_PORTS) {
                worker.pointee.buffers.add(
                    frame, note, departures: worker.pointee.assignment.pointee.departures,
                    pipeline: worker.pointee.pipeline)
            } else {
                stile_mbuf_free(frame)
            }
        }
        index &+= 1
    }
    return count > 0
}

/// Takes up to a burst from the control process's ring: frames to transmit as they are, and packets to forward as if
/// the box had made them.
@_noLocks
func takeInjected(_ worker: UnsafeMutablePointer<Worker>) -> Bool {
    guard let ring = worker.pointee.assignment.pointee.inject else { return false }
    let pipeline = worker.pointee.pipeline
    let burst = pipeline.pointee.burst
    let statistics = worker.pointee.statistics
    var taken = 0
    var forwarded = 0
    while taken < worker.pointee.burstCapacity, let slot = ring.next() {
        taken &+= 1
        // Read once: what is checked is what is used, whatever the other process writes meanwhile.
        let head = stile_inject_read(slot)
        if let frame = copyInjected(worker, head, UnsafeRawPointer(slot) + InjectRing.dataOffset) {
            stile_store_relaxed_u64(&statistics.pointee.injected, statistics.pointee.injected &+ 1)
            if head.kind == UInt16(STILE_INJECT_TRANSMIT.rawValue) {
                pipeline.pointee.countOwn(counter: head.counter, bytes: Int(head.length))
                let note = stile_departure_note(
                    port: head.port, counter: head.counter, nni_counter: head.counter,
                    is_counted: 0)
                worker.pointee.buffers.add(
                    frame, note, departures: worker.pointee.assignment.pointee.departures, pipeline: pipeline)
            } else {
                worker.pointee.frames[forwarded] = frame
                burst.packet[forwarded] = UnsafeMutableRawPointer(stile_mbuf_data(frame))
                burst.packetLength[forwarded] = UInt16(truncatingIfNeeded: head.length)
                burst.vrf[forwarded] = head.vrf
                burst.counter[forwarded] = head.because_of
                burst.flags[forwarded] = injectedFlags(head.flags)
                burst.answeredNNI[forwarded] = head.flags & STILE_INJECT_ANSWER.rawValue != 0 ? head.counter : 0
                forwarded &+= 1
            }
        }
        ring.release()
    }
    if forwarded > 0 {
        Pipeline.inject(pipeline, count: forwarded, cycles: stile_cycles())
        carryOut(worker, count: forwarded)
    }
    return taken > 0
}

/// What `stile_inject_flags` say of a packet.
@_noLocks @inline(__always)
private func injectedFlags(_ flags: UInt32) -> PacketFlags {
    let said: PacketFlags = flags & STILE_INJECT_ANSWER.rawValue != 0 ? .saidByTheBox : .none
    if flags & STILE_INJECT_CAME_FROM_CORE.rawValue != 0 { return said.with(.cameLabelled.with(.heldFromCore)) }
    guard flags & STILE_INJECT_CAME_FROM_NNI.rawValue != 0 else { return said }
    let crossing: PacketFlags =
        flags & STILE_INJECT_MAY_TRANSIT.rawValue != 0 ? .cameLabelled.with(.mayTransit) : .cameLabelled
    return said.with(crossing)
}

/// A frame with a slot's data, or `nil` where the slot makes no sense or no frame is free.
@_noLocks
private func copyInjected(
    _ worker: UnsafeMutablePointer<Worker>, _ head: stile_inject_head, _ data: UnsafeRawPointer
) -> OpaquePointer? {
    let length = head.length
    let vrfCount = worker.pointee.pipeline.pointee.tables.header.pointee.vrfs.count
    let leastBytes: UInt32
    switch UInt32(head.kind) {
    case STILE_INJECT_TRANSMIT.rawValue where head.port < UInt16(STILE_MAX_PORTS):
        leastBytes = 14  // an Ethernet header
    case STILE_INJECT_FORWARD.rawValue where UInt64(head.vrf) < UInt64(vrfCount):
        leastBytes = 20  // an IPv4 header
    default:
        leastBytes = .max
    }
    guard length >= leastBytes, length <= UInt32(InjectRing.dataCapacity) else {
        let statistics = worker.pointee.statistics
        stile_store_relaxed_u64(&statistics.pointee.inject_invalid, statistics.pointee.inject_invalid &+ 1)
        return nil
    }
    let counter = head.kind == UInt16(STILE_INJECT_TRANSMIT.rawValue) ? head.counter : head.because_of
    guard let frame = stile_mbuf_allocate(worker.pointee.ownFrames) else {
        worker.pointee.pipeline.pointee.countDrop(.noFrameForFragments, counter: counter)
        return nil
    }
    guard stile_mbuf_adjust(frame, 0, length) == 0 else {
        stile_mbuf_free(frame)
        worker.pointee.pipeline.pointee.countDrop(.noFrameForFragments, counter: counter)
        return nil
    }
    UnsafeMutableRawPointer(stile_mbuf_data(frame)).copyMemory(from: data, byteCount: Int(length))
    return frame
}
