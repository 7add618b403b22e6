import CDPDKShim
import CTableLayout
import ForwardingTables
import Pipeline

/// Carries out the verdicts of the burst in hand: punts, transmits, and frees what is finished.
@_noLocks
func carryOut(_ worker: UnsafeMutablePointer<Worker>, count: Int) {
    let pipeline = worker.pointee.pipeline
    let burst = pipeline.pointee.burst
    worker.pointee.finishedCount = 0

    // 1. What stays: dropped, fragmented and replicated packets, and punted ones when they are copied.
    var index = 0
    while index < count {
        switch burst.verdict[index] {
        case .transmit:
            break
        case .punt:
            punt(worker, index)
            finish(worker, worker.pointee.frames[index])
        case .drop, .fragmented, .replicated, .pending:
            finish(worker, worker.pointee.frames[index])
        }
        index &+= 1
    }

    // 2. What leaves, port by port. Fragments and copies have left while the burst ran.
    let departures = worker.pointee.assignment.pointee.departures
    var ports = pipeline.pointee.egressPorts
    while ports != 0 {
        let port = ports.trailingZeroBitCount
        ports &= ports &- 1
        transmit(worker, port: port, by: departures[port])
    }
    let finishedCount = worker.pointee.finishedCount
    if finishedCount > 0 { stile_mbufs_free(worker.pointee.finished, UInt32(truncatingIfNeeded: finishedCount)) }
}

/// Sends the packets of the burst that leave by one port.
@_noLocks
private func transmit(_ worker: UnsafeMutablePointer<Worker>, port: Int, by departure: PortDeparture) {
    let pipeline = worker.pointee.pipeline
    let burst = pipeline.pointee.burst
    let departing = worker.pointee.departing
    let gathered = Transmit.gather(pipeline, port: UInt16(truncatingIfNeeded: port))
    var count = 0
    var position = 0
    while position < gathered {
        let index = Int(burst.outgoing[position])
        position &+= 1
        guard let frame = worker.pointee.frames[index] else { continue }
        let delta = burst.frame[index] - UnsafeMutableRawPointer(stile_mbuf_data(frame))
        guard stile_mbuf_adjust(frame, Int32(truncatingIfNeeded: delta), UInt32(burst.frameLength[index])) == 0 else {
            // Outside of the frame's storage: the pipeline's headroom was not enough.
            pipeline.pointee.countDrop(.packetTooBig, counter: burst.counter[index])
            finish(worker, frame)
            continue
        }
        if case .handOver = departure.way {
            let egress = pipeline.pointee.egress(of: index)
            stile_mbuf_note_departure(
                frame,
                stile_departure_note(
                    port: UInt16(truncatingIfNeeded: port), counter: egress.pointee.counter,
                    nni_counter: pipeline.pointee.carrierCounter(of: index, egress), is_counted: 0))
        }
        burst.outgoing[count] = UInt8(truncatingIfNeeded: index)
        departing[count] = frame
        count &+= 1
    }
    let sent = departure.send(departing, count: count)
    if case .handOver = departure.way {
        settleHandedOver(worker, count: count, taken: sent, otherwise: departure.lossReason)
    } else {
        Transmit.settle(pipeline, count: count, sent: sent, otherwise: departure.lossReason)
    }
    position = sent
    while position < count {
        finish(worker, departing[position])
        position &+= 1
    }
}

/// Counts the gathered packets that the ring to the queue's owner did not take. The owner counts the others, as sent or
/// as lost.
@_noLocks
private func settleHandedOver(
    _ worker: UnsafeMutablePointer<Worker>, count: Int, taken: Int, otherwise reason: DropReason
) {
    guard taken < count else { return }
    let outgoing = worker.pointee.pipeline.pointee.burst.outgoing
    var position = taken
    while position < count {
        outgoing[position &- taken] = outgoing[position]
        position &+= 1
    }
    Transmit.settle(worker.pointee.pipeline, count: count &- taken, sent: 0, otherwise: reason)
}

/// Copies a punted packet into the ring to the control process. When there is no place for it, the packet is lost.
@_noLocks
private func punt(_ worker: UnsafeMutablePointer<Worker>, _ index: Int) {
    let pipeline = worker.pointee.pipeline
    let burst = pipeline.pointee.burst
    guard let record = burst.puntRecord(index) else { return }
    let ring = worker.pointee.assignment.pointee.punt
    guard Int(record.length) <= PuntRing.dataCapacity,
        let slot = worker.pointee.puntPlaces.reserve(for: record.counter, isNeighbors: false, in: ring)
            ?? (KnownNeighbor.sentPunted(index, pipeline)
                ? worker.pointee.puntPlaces.reserve(for: record.counter, isNeighbors: true, in: ring) : nil)
    else {
        let statistics = worker.pointee.statistics
        stile_store_relaxed_u64(&statistics.pointee.punt_ring_full, statistics.pointee.punt_ring_full &+ 1)
        pipeline.pointee.countDrop(.puntRingFull, counter: record.counter)
        return
    }
    PuntSlot.fill(slot, from: record)
    ring.commit()
}

/// Notes a frame that nobody needs any more; the burst's are freed together.
@_noLocks
private func finish(_ worker: UnsafeMutablePointer<Worker>, _ frame: OpaquePointer?) {
    // A burst has no more frames than the array has room.
    guard worker.pointee.finishedCount < worker.pointee.burstCapacity else { return }
    worker.pointee.finished[worker.pointee.finishedCount] = frame
    worker.pointee.finishedCount &+= 1
}
