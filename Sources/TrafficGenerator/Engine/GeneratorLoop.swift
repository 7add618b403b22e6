import CDPDKShim
import CTableLayout
import PacketFormats

/// Why the loop comes back.
enum LoopOutcome {
    /// Everything is sent and the time for stragglers is over.
    case finished
    /// There are frames that want an answer.
    case foreignFrames
    case stopped
}

/// Sends what is due and receives what comes, on all devices, until something has to be done outside.
@_noLocks
func runLoop(_ loop: UnsafeMutablePointer<LoopState>) -> LoopOutcome {
    var turn: UInt32 = 0
    while true {
        let now = stile_time_stamp() &- loop.pointee.startTicks
        if loop.pointee.isSending { send(loop, now: now) }
        let count = receive(loop)
        if count == 0 { stile_pause() }
        turn &+= 1
        if turn & 63 == 0 { publish(loop) }
        if loop.pointee.foreignCount > 0 { return .foreignFrames }
        if stile_load_acquire_u32(&loop.pointee.totals.pointee.isAskedToStop) != 0 {
            publish(loop)
            return .stopped
        }
        if !loop.pointee.isSending {
            let isComplete = loop.pointee.receivedPackets &+ loop.pointee.refusedPackets >= loop.pointee.offeredPackets
            // When all are back, a tenth of the time is enough for duplicates to show.
            let patience = isComplete ? loop.pointee.drainTicks / 10 : loop.pointee.drainTicks
            if now &- loop.pointee.lastSentAt > patience {
                publish(loop)
                return .finished
            }
        }
    }
}

/// Makes the packets that are due and gives them to their devices.
@_noLocks @inline(__always)
private func send(_ loop: UnsafeMutablePointer<LoopState>, now: UInt64) {
    var room = LoopDevice.burst
    let timeStamp = (loop.pointee.startTicks &+ now) >> MeasurementPayload.timeStampShift
    while room > 0 {
        let template = loop.pointee.templates + Int(loop.pointee.schedule[loop.pointee.schedulePosition])
        let stream = loop.pointee.streams + Int(template.pointee.stream)
        let device = loop.pointee.devices + stream.pointee.device
        guard device.pointee.pendingCount < LoopDevice.burst, loop.pointee.pace.take(at: now) else { break }
        room &-= 1
        loop.pointee.schedulePosition &+= 1
        if loop.pointee.schedulePosition == loop.pointee.scheduleCount { loop.pointee.schedulePosition = 0 }
        prepare(loop, template, stream, device, timeStamp: timeStamp)
    }
    var index = 0
    while index < loop.pointee.deviceCount {
        let device = loop.pointee.devices + index
        if device.pointee.pendingCount > 0 { flush(loop, device, now: now) }
        index &+= 1
    }
    loop.pointee.pace.forgive(at: now)
    if loop.pointee.pace.isOver(at: now) {
        var waiting = 0
        index = 0
        while index < loop.pointee.deviceCount {
            waiting &+= loop.pointee.devices[index].pendingCount
            index &+= 1
        }
        if waiting == 0 { loop.pointee.isSending = false }
    }
}

/// Makes one packet and puts it with those that wait for the device.
@_noLocks @inline(__always)
private func prepare(
    _ loop: UnsafeMutablePointer<LoopState>, _ template: UnsafeMutablePointer<FrameTemplate>,
    _ stream: UnsafeMutablePointer<LoopStream>, _ device: UnsafeMutablePointer<LoopDevice>, timeStamp: UInt64
) {
    let sequence = stream.pointee.nextSequence
    stream.pointee.nextSequence = sequence &+ 1
    stream.pointee.offered &+= 1
    loop.pointee.offeredPackets &+= 1
    let fields = VaryingFields(
        source: stream.pointee.sources.next(&loop.pointee.random),
        destination: stream.pointee.destinations.next(&loop.pointee.random),
        labelStackEntry: stream.pointee.labels?.next() ?? 0, sequence: sequence, timeStamp: timeStamp,
        trial: loop.pointee.trial)
    guard let frame = stile_mbuf_allocate(device.pointee.pool), let data = stile_mbuf_data(frame) else {
        // All frames are with a receiver that does not take them: its queue is full.
        stream.pointee.refused &+= 1
        loop.pointee.refusedPackets &+= 1
        return
    }
    // Cannot fail: a profile's frames are checked against the frames' storage before it begins.
    _ = stile_mbuf_adjust(frame, 0, UInt32(template.pointee.frameBytes))
    template.pointee.write(fields, to: UnsafeMutableRawPointer(data))
    let place = device.pointee.pendingCount
    device.pointee.pending[place] = frame
    device.pointee.pendingStreams[place] = template.pointee.stream
    device.pointee.pendingCount = place &+ 1
}

@_noLocks @inline(__always)
private func flush(
    _ loop: UnsafeMutablePointer<LoopState>, _ device: UnsafeMutablePointer<LoopDevice>, now: UInt64
) {
    let count = device.pointee.pendingCount
    let pending = device.pointee.pending
    let sent = Int(stile_transmit(device.pointee.number, 0, pending, UInt16(truncatingIfNeeded: count)))
    if sent > 0 {
        if loop.pointee.firstSentAt == 0 { loop.pointee.firstSentAt = now }
        loop.pointee.lastSentAt = now
    }
    if sent < count, device.pointee.losesWhatItRefuses {
        var index = sent
        while index < count {
            loop.pointee.streams[Int(device.pointee.pendingStreams[index])].refused &+= 1
            index &+= 1
        }
        loop.pointee.refusedPackets &+= UInt64(count &- sent)
        stile_mbufs_free(pending + sent, UInt32(truncatingIfNeeded: count &- sent))
        loop.pointee.lastSentAt = now
        device.pointee.pendingCount = 0
        return
    }
    var index = sent
    while index < count {
        pending[index &- sent] = pending[index]
        device.pointee.pendingStreams[index &- sent] = device.pointee.pendingStreams[index]
        index &+= 1
    }
    device.pointee.pendingCount = count &- sent
}

/// Receives a burst from each device; returns how many frames there were.
@_noLocks @inline(__always)
private func receive(_ loop: UnsafeMutablePointer<LoopState>) -> Int {
    var total = 0
    var index = 0
    while index < loop.pointee.deviceCount {
        let frames = loop.pointee.received
        let burst = UInt16(truncatingIfNeeded: LoopDevice.burst)
        let count = Int(stile_receive(loop.pointee.devices[index].number, 0, frames, burst))
        if count > 0 {
            let timeStamp = stile_time_stamp() >> MeasurementPayload.timeStampShift
            var finished = 0
            var position = 0
            while position < count {
                if let frame = frames[position] {
                    if account(loop, frame, device: index, timeStamp: timeStamp) {
                        frames[finished] = frame
                        finished &+= 1
                    }
                }
                position &+= 1
            }
            if finished > 0 { stile_mbufs_free(frames, UInt32(truncatingIfNeeded: finished)) }
            total &+= count
        }
        index &+= 1
    }
    return total
}

/// Counts a received frame; returns whether it is done with.
@_noLocks @inline(__always)
private func account(
    _ loop: UnsafeMutablePointer<LoopState>, _ frame: OpaquePointer, device: Int, timeStamp: UInt64
) -> Bool {
    guard let octets = stile_mbuf_data(frame) else { return true }
    let data = UnsafeRawPointer(octets)
    let length = Int(stile_mbuf_length(frame))
    if let place = locatePayload(data, length: length), let payload = MeasurementPayload(at: place) {
        guard payload.trial == loop.pointee.trial, Int(payload.stream) < loop.pointee.streamCount else {
            loop.pointee.foreignPackets &+= 1
            return true
        }
        let stream = loop.pointee.streams + Int(payload.stream)
        if stream.pointee.arrivals.observe(payload.sequence) { loop.pointee.receivedPackets &+= 1 }
        stream.pointee.latencies.record((timeStamp &- payload.timeStamp) & MeasurementPayload.timeStampMask)
        return true
    }
    guard isNeighborRequest(data, length: length), loop.pointee.foreignCount < LoopState.foreignCapacity else {
        loop.pointee.foreignPackets &+= 1
        return true
    }
    loop.pointee.foreign[loop.pointee.foreignCount] = frame
    loop.pointee.foreignDevices[loop.pointee.foreignCount] = device
    loop.pointee.foreignCount &+= 1
    return false
}

/// Whether a frame may be an ARP request or a neighbor solicitation, so that a closer look is worth while.
@_noLocks @inline(__always)
private func isNeighborRequest(_ frame: UnsafeRawPointer, length: Int) -> Bool {
    guard length >= 42 else { return false }
    var offset = 12
    var etherType = frame.networkUInt16(at: offset)
    while (etherType == EtherType.customerVLAN || etherType == EtherType.serviceVLAN) && offset < 20 {
        offset &+= 4
        etherType = frame.networkUInt16(at: offset)
    }
    if etherType == EtherType.arp { return true }
    // 58 is ICMPv6 (IANA, Protocol Numbers), 135 a neighbor solicitation (RFC 4861 §4.3).
    return etherType == EtherType.ipv6 && length >= offset &+ 2 &+ 64 && frame.octet(at: offset &+ 8) == 58
        && frame.octet(at: offset &+ 42) == 135
}

/// Tells the watcher where the trial is.
@_noLocks @inline(__always)
private func publish(_ loop: UnsafeMutablePointer<LoopState>) {
    let totals = loop.pointee.totals
    stile_store_relaxed_u64(&totals.pointee.offered, loop.pointee.offeredPackets)
    stile_store_relaxed_u64(&totals.pointee.refused, loop.pointee.refusedPackets)
    stile_store_relaxed_u64(&totals.pointee.received, loop.pointee.receivedPackets)
    stile_store_relaxed_u64(&totals.pointee.unsent, loop.pointee.pace.unsent)
}
