import CTableLayout
import ForwardingTables
import PacketFormats

/// What the stages do, in one pass, for the common packet whose label has its next hop. Where it cannot leave at once, for
/// instance since there are services on its way, it goes on from there as if it had been looked up. All others stay for the
/// stages.
enum CommonPop {
    /// Takes the packets from frame `first` on that are such, with its header, and returns the first that is not.
    @_noLocks @inline(never)
    static func take(
        from first: Int, _ header: CommonHeader, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Int {
        let burst = worker.pointee.burst
        let count = worker.pointee.count
        let tables = worker.pointee.tables
        let labels = tables.labels(of: header.interface)
        let headerBytes = header.payloadOffset &+ LabelStackEntry.byteCount
        // FlowMeter reads the label in front of the packet when the burst has come in.
        let isMetering = worker.pointee.isMetering
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
            guard stackEntry.isBottomOfStackAndForwardable, entry.isCommonPop else { break }
            // The packet under the label, of a family that the label is for.
            let available = Int(frameLength) &- headerBytes
            let length: Int
            let timeToLive: UInt8
            let isIPv6 = IPv6Header(packet).version == 6
            if isIPv6 {
                guard entry.has(STILE_FLAG_IPV6), CommonPacket.isIPv6(packet, available: available) else { break }
                length = IPv6Header.byteCount &+ IPv6Header(packet).payloadLength
                timeToLive = IPv6Header(packet).hopLimit
            } else {
                guard entry.has(STILE_FLAG_IPV4), CommonPacket.isIPv4(packet, available: available) else { break }
                length = IPv4Header(packet).totalLength
                timeToLive = IPv4Header(packet).timeToLive
            }
            // The way out.
            let wayOut = WayOut(number: entry.popNextHop, tables)
            guard LabelPop.mayLead(wayOut.nextHop) else { break }
            let unit = tables.interfaces + Int(entry.interface)
            let owner = entry.poppedOwner(unit)
            burst.owner[index] = isIPv6 ? owner.with(.isIPv6) : owner
            burst.packet[index] = packet
            burst.packetLength[index] = UInt16(truncatingIfNeeded: length)
            burst.timeToLive[index] = UInt8(
                truncatingIfNeeded: min(UInt32(timeToLive), LabelCheck.bound(of: stackEntry, entry)))
            worker.pointee.countReceived(counter: owner.counter, bytes: frameLength)
            octets &+= Int(frameLength)
            egressPorts |= leave(
                index, by: wayOut, features: unit.pointee.features, isMetering: isMetering, burst, worker)
            index &+= 1
        }
        worker.pointee.egressPorts |= egressPorts
        worker.pointee.countReceived(counter: header.owner.counter, packets: index &- first, bytes: octets)
        return index
    }

    /// Lets a packet leave by its next hop, and returns the port as a bit; 0: it goes on to the services of its unit, or to
    /// Departure.
    @_noLocks @inline(__always)
    private static func leave(
        _ index: Int, by wayOut: WayOut, features: UInt8, isMetering: Bool, _ burst: Burst,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> UInt64 {
        let interfaces = worker.pointee.tables.interfaces
        guard features == 0 else {
            worker.pointee.lead(index, byNextHop: wayOut.number)
            IngressServices.enqueue(index, features: features, worker)
            return 0
        }
        burst.nextHop[index] = wayOut.nextHop
        burst.adjacency[index] = worker.pointee.tables.adjacencies + Int(wayOut.adjacency)
        let egress = interfaces + Int(wayOut.nextHop.interface)
        if !isMetering, CommonDeparture.hasPort(index, burst),
            CommonDeparture.isAllowed(index, egress, interfaces, burst), egress.pointee.egress_features == 0
        {
            let port = CommonDeparture.leave(index, egress, burst)
            if port != 0 { return port }
        }
        worker.pointee.lead(index, byNextHop: wayOut.number)
        burst.routed[worker.pointee.routedCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.routedCount &+= 1
        return 0
    }
}
