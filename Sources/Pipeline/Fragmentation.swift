import CTableLayout
import PacketFormats

/// IPv4 fragmentation (RFC 791 §3.2) into fresh frames of the owner's. Away from the common path.
enum Fragmentation {
    /// Sends packet `index`, whose TTL is already that of the next hop, as fragments of at most the MTU of the way out.
    /// Its own frame is free afterwards.
    @_noLocks
    static func run(
        _ index: Int, _ egress: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        guard cutUp(index, egress, worker) else {
            worker.pointee.drop(index, .noFrameForFragments)
            return
        }
        worker.pointee.burst.verdict[index] = .fragmented
    }

    /// The same without a verdict; `false`: there was no frame for one of the fragments, and those behind it are missing.
    @_noLocks
    static func cutUp(
        _ index: Int, _ egress: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let burst = worker.pointee.burst
        let packet = UnsafeRawPointer(burst.packet[index])
        let header = IPv4Header(packet)
        let headerBytes = header.headerBytes
        let payloadBytes = Int(burst.packetLength[index]) &- headerBytes
        let original = header.flagsAndFragmentOffset
        let laterHeaderBytes = IPv4Header.minimumByteCount &+ copiedOptionBytes(packet, headerBytes: headerBytes)
        let mtu = Int(worker.pointee.mtu(of: index, egress))
        let roomForLabels =
            worker.pointee.isSwapped(index) ? max(0, SwapImposition.keptLabelBytes(of: index, burst)) : 0
        var offset = 0
        while offset < payloadBytes {
            let isFirst = offset == 0
            let fragmentHeaderBytes = isFirst ? headerBytes : laterHeaderBytes
            let room = mtu &- fragmentHeaderBytes
            let remaining = payloadBytes &- offset
            let isLast = remaining <= room
            let fragmentBytes = isLast ? remaining : room & ~7
            let fresh = withUnsafePointer(to: &worker.pointee.frames) { stile_frame_allocate($0) }
            guard let handle = fresh.handle, let data = fresh.data else { return false }
            guard Int(fresh.capacity) >= roomForLabels &+ fragmentHeaderBytes &+ fragmentBytes else {
                withUnsafePointer(to: &worker.pointee.frames) { stile_frame_discard($0, handle) }
                return false
            }
            let fragment = UnsafeMutableRawPointer(data) + roomForLabels
            if isFirst {
                fragment.copyMemory(from: packet, byteCount: headerBytes)
            } else {
                fragment.copyMemory(from: packet, byteCount: IPv4Header.minimumByteCount)
                copyOptions(of: packet, headerBytes: headerBytes, to: fragment + IPv4Header.minimumByteCount)
                fragment.storeOctet(0x40 | UInt8(truncatingIfNeeded: laterHeaderBytes / 4), at: 0)
            }
            (fragment + fragmentHeaderBytes).copyMemory(from: packet + headerBytes + offset, byteCount: fragmentBytes)
            // The offset counts from the start of the datagram that this packet may itself be a fragment of.
            let place =
                (original & IPv4Header.fragmentOffsetMask) &+ UInt16(truncatingIfNeeded: offset / 8)
            let more = isLast ? original & IPv4Header.moreFragments : IPv4Header.moreFragments
            fragment.storeNetwork(UInt16(truncatingIfNeeded: fragmentHeaderBytes &+ fragmentBytes), at: 2)
            fragment.storeNetwork(place | more, at: 6)
            IPv4Header.storeChecksum(of: fragment)
            transmit(
                fragment, bytes: fragmentHeaderBytes &+ fragmentBytes, of: handle, index, egress, worker)
            offset &+= fragmentBytes
        }
        return true
    }

    @_noLocks
    private static func transmit(
        _ fragment: UnsafeMutableRawPointer, bytes: Int, of handle: UnsafeMutableRawPointer, _ index: Int,
        _ egress: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let start = Imposition.impose(burst.adjacency[index], egress, onto: fragment, of: index, worker)
        send(start, bytes: (fragment - start) &+ bytes, of: handle, index, egress, worker)
    }

    /// Sends a fresh frame, which begins at `start`, by the way out of packet `index`; returns whether it was taken.
    @_noLocks @discardableResult
    static func send(
        _ start: UnsafeMutableRawPointer, bytes length: Int, of handle: UnsafeMutableRawPointer, _ index: Int,
        _ egress: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let port = worker.pointee.burst.adjacency[index].pointee.port
        let isQueued = withUnsafePointer(to: &worker.pointee.frames) {
            stile_frame_transmit(
                $0, handle, start.assumingMemoryBound(to: UInt8.self), UInt32(truncatingIfNeeded: length), port)
        }
        guard isQueued == 1 else {
            worker.pointee.countDrop(.transmitQueueFull, counter: egress.pointee.counter)
            return false
        }
        worker.pointee.countTransmitted(counter: egress.pointee.counter, bytes: length)
        let carrier = worker.pointee.carrierCounter(of: index, egress)
        if carrier != egress.pointee.counter { worker.pointee.countTransmitted(counter: carrier, bytes: length) }
        return true
    }

    /// Octets of the options that every fragment carries (RFC 791 §3.1: the copied flag), rounded up to words.
    @_noLocks
    private static func copiedOptionBytes(_ packet: UnsafeRawPointer, headerBytes: Int) -> Int {
        var copied = 0
        var offset = IPv4Header.minimumByteCount
        while let length = optionBytes(packet, at: offset, headerBytes: headerBytes) {
            if packet.octet(at: offset) & 0x80 != 0 { copied &+= length }
            offset &+= length
        }
        return (copied &+ 3) & ~3
    }

    @_noLocks
    private static func copyOptions(
        of packet: UnsafeRawPointer, headerBytes: Int, to destination: UnsafeMutableRawPointer
    ) {
        var copied = 0
        var offset = IPv4Header.minimumByteCount
        while let length = optionBytes(packet, at: offset, headerBytes: headerBytes) {
            if packet.octet(at: offset) & 0x80 != 0 {
                (destination + copied).copyMemory(from: packet + offset, byteCount: length)
                copied &+= length
            }
            offset &+= length
        }
        while copied & 3 != 0 {
            destination.storeOctet(IPv4Option.endOfList, at: copied)
            copied &+= 1
        }
    }

    /// Octets of the option at `offset`; `nil` at the end of the list. The header check has found the list to be sound.
    @_noLocks
    private static func optionBytes(_ packet: UnsafeRawPointer, at offset: Int, headerBytes: Int) -> Int? {
        guard offset < headerBytes else { return nil }
        let type = packet.octet(at: offset)
        if type == IPv4Option.endOfList { return nil }
        if type == IPv4Option.noOperation { return 1 }
        guard offset &+ 1 < headerBytes else { return nil }
        let length = Int(packet.octet(at: offset &+ 1))
        return length >= 2 && offset &+ length <= headerBytes ? length : nil
    }
}
