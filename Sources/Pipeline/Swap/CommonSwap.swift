import CTableLayout
import ForwardingTables
import PacketFormats

/// What the stages do, in one pass, for the common packet whose label is swapped: its stack is that label, another takes its
/// place, and the packet under it is common and fits. All others stay for the stages.
enum CommonSwap {
    /// Takes the packets from frame `first` on that are such, with its header, and returns the first that is not. They are ready
    /// to leave then.
    @_noLocks @inline(never)
    static func take(
        from first: Int, _ header: CommonHeader, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Int {
        let burst = worker.pointee.burst
        let count = worker.pointee.count
        let tables = worker.pointee.tables
        let labels = tables.labels(of: header.interface)
        let headerBytes = header.payloadOffset &+ LabelStackEntry.byteCount
        var egressPorts: UInt64 = 0
        var octets = 0
        var index = first
        while index < count, header.isOf(index, payloadBytes: CommonHeader.labelledBytes, burst) {
            if index &+ CommonIngress.prefetchDistance < count {
                CommonIngress.prefetch(burst.frame[index &+ CommonIngress.prefetchDistance])
            }
            let frameLength = burst.frameLength[index]
            let packet = burst.frame[index] + headerBytes
            let stackEntry = LabelStackEntry(UnsafeRawPointer(packet) - LabelStackEntry.byteCount)
            let entry = PacketOwner(rawValue: labels.entryWord(stackEntry.label))
            guard stackEntry.isBottomOfStackAndForwardable, entry.isCommonSwap else { break }
            // The packet under the label.
            let available = Int(frameLength) &- headerBytes
            let length: Int
            let isIPv6 = IPv6Header(packet).version == 6
            if isIPv6 {
                guard CommonPacket.isIPv6(packet, available: available) else { break }
                length = IPv6Header.byteCount &+ IPv6Header(packet).payloadLength
            } else {
                guard CommonPacket.isIPv4(packet, available: available) else { break }
                length = IPv4Header(packet).totalLength
            }
            // The way out.
            let nextHop = tables.nextHop(entry.swapNextHop)
            let adjacency = tables.adjacencies + Int(tables.adjacency(of: nextHop))
            let egress = tables.interfaces + Int(nextHop.interface)
            let mtu = adjacency.pointee.has_transport == 0 ? egress.pointee.mtu : adjacency.transport.pointee.mtu
            guard nextHop.isSwap, nextHop.label != STILE_LABEL_NONE,
                adjacency.pointee.port < UInt16(STILE_MAX_PORTS),
                LabelSwap.mayCross(entry, from: header.interface, to: egress), length <= Int(mtu)
            else { break }
            burst.owner[index] = isIPv6 ? header.owner.with(.isIPv6) : header.owner
            burst.packet[index] = packet
            burst.packetLength[index] = UInt16(truncatingIfNeeded: length)
            burst.nextHop[index] = nextHop
            burst.adjacency[index] = adjacency
            SwapImposition.write(adjacency, top: SwapImposition.entry(nextHop.label, stackEntry), onto: packet)
            if adjacency.pointee.has_transport != 0 { imposeTransport(adjacency, onto: packet, isIPv6: isIPv6) }
            egressPorts |= Imposition.send(
                index, adjacency, packet - Int(adjacency.pointee.rewrite_bytes),
                packetLength: UInt16(truncatingIfNeeded: length), burst)
            octets &+= Int(frameLength)
            index &+= 1
        }
        worker.pointee.egressPorts |= egressPorts
        worker.pointee.countReceived(counter: header.owner.counter, packets: index &- first, bytes: octets)
        return index
    }

    /// Out of line, so that packets to an NNI need none of its registers.
    @_noLocks @inline(never)
    private static func imposeTransport(
        _ adjacency: UnsafePointer<stile_adjacency>, onto packet: UnsafeMutableRawPointer, isIPv6: Bool
    ) {
        Imposition.imposeTransport(
            adjacency, onto: packet, over: packet, isIPv6: isIPv6,
            services: TunnelEncapsulation.services(of: packet, isIPv6 ? .isIPv6 : .none, markedAs: 0))
    }
}
