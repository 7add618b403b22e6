import CTableLayout
import ForwardingTables
import PacketFormats

/// What Departure and Imposition do, in one pass, for the common packet: one that came in by a port, may leave by a port,
/// fits, lives on, and has the traffic class that it came with. All others stay for the stages.
enum CommonDeparture {
    /// Takes what it can of the routed packets; where there are services on the way out, as far as those.
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let count = worker.pointee.routedCount
        let interfaces = worker.pointee.tables.interfaces
        var egressPorts: UInt64 = 0
        var left = 0
        var position = 0
        while position < count {
            let index = Int(burst.routed[position])
            position &+= 1
            let egress = interfaces + Int(burst.nextHop[index].interface)
            if hasPort(index, burst), isAllowed(index, egress, interfaces, burst) {
                guard egress.pointee.egress_features == 0 else {
                    EgressServices.enqueue(index, egress, worker)
                    continue
                }
                let port = leave(index, egress, burst)
                egressPorts |= port
                if port != 0 { continue }
            }
            burst.routed[left] = UInt8(truncatingIfNeeded: index)
            left &+= 1
        }
        worker.pointee.egressPorts |= egressPorts
        worker.pointee.routedCount = left
    }

    /// Takes what it can of the packets that have passed the services.
    @_noLocks
    static func runServed(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let outgoing = worker.pointee.serviceBurst.outgoing
        let count = worker.pointee.outgoingCount
        var egressPorts: UInt64 = 0
        var left = 0
        var position = 0
        while position < count {
            let index = Int(outgoing[position])
            position &+= 1
            if hasPort(index, burst) {
                let port = leave(index, worker.pointee.egress(of: index), burst)
                egressPorts |= port
                if port != 0 { continue }
            }
            outgoing[left] = UInt8(truncatingIfNeeded: index)
            left &+= 1
        }
        worker.pointee.egressPorts |= egressPorts
        worker.pointee.outgoingCount = left
    }

    /// Whether there is a port to leave by. The adjacency of a next hop that leads to no neighbor, or to one that is not
    /// resolved, has none; then the next hop may have no interface, either.
    @_noLocks @inline(__always)
    static func hasPort(_ index: Int, _ burst: Burst) -> Bool {
        burst.adjacency[index].pointee.port < UInt16(STILE_MAX_PORTS)
    }

    /// Whether rules 1 and 2 of Departure hold for a packet whose adjacency has a port.
    @_noLocks @inline(__always)
    static func isAllowed(
        _ index: Int, _ egress: UnsafePointer<stile_interface>, _ interfaces: UnsafePointer<stile_interface>,
        _ burst: Burst
    ) -> Bool {
        egress.pointee.vrf == burst.vrf[index]
            && (Departure.mayLeaveLabelled(burst.flags[index]) || !burst.nextHop[index].isLabelled
                || Departure.isAcross(index, egress, interfaces, burst) && !burst.nextHop[index].isMarked)
    }

    /// Lets a packet leave that meets rules 4 and 5 of Departure, and whose adjacency has a port, which it returns as a bit;
    /// 0: nothing has been done.
    @_noLocks @inline(__always)
    static func leave(_ index: Int, _ egress: UnsafePointer<stile_interface>, _ burst: Burst) -> UInt64 {
        let timeToLive = burst.timeToLive[index]
        let length = burst.packetLength[index]
        let flags = burst.flags[index]
        guard timeToLive > 1, length <= egress.pointee.mtu else { return 0 }
        guard burst.adjacency[index].pointee.has_transport == 0 else { return leaveByTransport(index, egress, burst) }
        guard flags.isOfCommonIPv4 else {
            return flags.isOfCommonPacket ? leave(ipv6: index, egress, burst) : 0
        }
        let packet = burst.packet[index]
        IPv4Header.lowerTimeToLive(to: timeToLive &- 1, of: packet)
        let adjacency = burst.adjacency[index]
        let frame = Imposition.impose(
            burst.nextHop[index], adjacency, egress, onto: packet,
            trafficClassOctet: IPv4Header(packet).trafficClassOctet, timeToLive: timeToLive &- 1)
        return Imposition.send(index, adjacency, frame, packetLength: length, burst)
    }

    /// As `leave`, into the core: a packet of either family that fits under all of its labels.
    @_noLocks @inline(never)
    private static func leaveByTransport(
        _ index: Int, _ egress: UnsafePointer<stile_interface>, _ burst: Burst
    ) -> UInt64 {
        let adjacency = burst.adjacency[index]
        let length = burst.packetLength[index]
        let flags = burst.flags[index]
        guard flags.isOfCommonPacket, length <= adjacency.transport.pointee.mtu else { return 0 }
        let packet = burst.packet[index]
        let timeToLive = burst.timeToLive[index] &- 1
        let trafficClassOctet: UInt8
        if flags.isOfCommonIPv4 {
            IPv4Header.lowerTimeToLive(to: timeToLive, of: packet)
            trafficClassOctet = IPv4Header(packet).trafficClassOctet
        } else {
            IPv6Header.setHopLimit(timeToLive, of: packet)
            trafficClassOctet = IPv6Header(packet).trafficClassOctet
        }
        if adjacency.transport.isOneLabel {
            let frame = Imposition.imposeUnderOneLabel(
                burst.nextHop[index], adjacency, egress, onto: packet, trafficClassOctet: trafficClassOctet,
                timeToLive: timeToLive)
            return Imposition.send(index, adjacency, frame, packetLength: length, burst)
        }
        let frame = Imposition.impose(
            burst.nextHop[index], adjacency, egress, onto: packet, trafficClassOctet: trafficClassOctet,
            timeToLive: timeToLive)
        Imposition.imposeTransport(
            adjacency, onto: packet, over: packet, isIPv6: !flags.isOfCommonIPv4,
            services: trafficClassOctet & ~TunnelCongestion.mask)
        return Imposition.send(index, adjacency, frame, packetLength: length, burst)
    }

    @_noLocks @inline(never)
    private static func leave(
        ipv6 index: Int, _ egress: UnsafePointer<stile_interface>, _ burst: Burst
    ) -> UInt64 {
        let packet = burst.packet[index]
        let timeToLive = burst.timeToLive[index] &- 1
        IPv6Header.setHopLimit(timeToLive, of: packet)
        let adjacency = burst.adjacency[index]
        let frame = Imposition.impose(
            burst.nextHop[index], adjacency, egress, onto: packet,
            trafficClassOctet: IPv6Header(packet).trafficClassOctet, timeToLive: timeToLive)
        return Imposition.send(index, adjacency, frame, packetLength: burst.packetLength[index], burst)
    }
}
