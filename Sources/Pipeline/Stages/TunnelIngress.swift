import CTableLayout
import ForwardingTables
import PacketFormats

/// MPLS over UDP (RFC 7510) that comes in on a core interface: what is in it goes on to the label check as if it had come with
/// the label on the link. Nothing of the outer header is taken over but congestion (RFC 6040).
enum TunnelIngress {
    /// Whether packet `index` is a UDP datagram to the port, or the first fragment of one. Later fragments have no port: they
    /// are for none of the box's services.
    @_noLocks
    static func isTunnelled(_ index: Int, _ burst: Burst) -> Bool {
        let packet = UnsafeRawPointer(burst.packet[index])
        let bytes = Int(burst.packetLength[index])
        let offset: Int
        if burst.flags[index].contains(.isIPv6) {
            let upper = IPv6UpperLayer(of: packet, packetBytes: bytes)
            guard upper.isComplete, !upper.isNonInitialFragment, upper.protocolNumber == IPProtocol.udp else {
                return false
            }
            offset = upper.offset
        } else {
            let header = IPv4Header(packet)
            guard header.protocolNumber == IPProtocol.udp, !header.isNonInitialFragment else { return false }
            offset = header.headerBytes
        }
        return offset &+ TransportPorts.byteCount <= bytes
            && TransportPorts(packet + offset).destination == UDPHeader.mplsPort
    }

    @_noLocks
    static func accept(
        _ index: Int, _ interface: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let packet = burst.packet[index]
        let bytes = Int(burst.packetLength[index])
        let isIPv6 = burst.flags[index].contains(.isIPv6)
        // 1. A tunnel ends at the address, and its sender is one whose packets are taken.
        var endsHere = false
        guard let tunnel = tunnel(of: packet, isIPv6: isIPv6, on: interface, &endsHere, worker) else {
            worker.pointee.drop(index, endsHere ? .tunnelSourceUnlisted : .tunnelNotHere)
            return
        }
        // 2. A whole datagram behind a plain IP header, with a label stack entry in it.
        let headerBytes = isIPv6 ? IPv6Header.byteCount : IPv4Header.minimumByteCount
        let datagram = UDPHeader(packet + headerBytes)
        let udpBytes = bytes &- headerBytes
        guard isPlain(packet, isIPv6: isIPv6), udpBytes >= UDPHeader.byteCount &+ LabelStackEntry.byteCount,
            datagram.length == udpBytes
        else {
            worker.pointee.drop(index, .tunnelMalformed)
            return
        }
        // 3. The checksum. Without one: over IPv4 always (RFC 768), over IPv6 from whom it is allowed (RFC 7510 §3.1).
        if datagram.checksum == 0 {
            guard !isIPv6 || tunnel.pointee.use == UInt8(STILE_SERVICE_TUNNEL_WITHOUT_CHECKSUM.rawValue) else {
                worker.pointee.drop(index, .tunnelChecksumInvalid)
                return
            }
        } else {
            let addressBytes = isIPv6 ? 32 : 8
            let sum = datagram.sum(
                bytes: udpBytes, addresses: packet + (headerBytes &- addressBytes), addressBytes: addressBytes)
            guard InternetChecksum.fold(sum) == 0xFFFF else {
                worker.pointee.drop(index, .tunnelChecksumInvalid)
                return
            }
        }
        // 4. What congestion has marked on the way.
        let services = isIPv6 ? IPv6Header(packet).trafficClassOctet : IPv4Header(packet).trafficClassOctet
        let inner = packet + (headerBytes &+ UDPHeader.byteCount &+ LabelStackEntry.byteCount)
        let innerBytes = udpBytes &- UDPHeader.byteCount &- LabelStackEntry.byteCount
        guard takeOver(services & TunnelCongestion.mask, by: inner, bytes: innerBytes) else {
            worker.pointee.drop(index, .tunnelCongestion)
            return
        }
        // 5. The frame ends where the datagram does: what pads it is no part of what is in the tunnel.
        burst.packet[index] = inner
        // Length and family were the outer packet's. Nothing is known of the inner one before the label check, and
        // FlowMeter takes a packet with a length for one that was checked.
        burst.packetLength[index] = 0
        burst.flags[index] = .none
        burst.frameLength[index] = UInt16(truncatingIfNeeded: (packet + bytes) - burst.frame[index])
        burst.labelled[worker.pointee.labelledCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.labelledCount &+= 1
    }

    /// The tunnel that takes a packet, by the longest prefix that its source is in; `nil`: none. `endsHere`: whether there is
    /// one at its destination.
    @_noLocks
    private static func tunnel(
        of packet: UnsafeRawPointer, isIPv6: Bool, on interface: UnsafePointer<stile_interface>, _ endsHere: inout Bool,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> UnsafePointer<stile_local_service>? {
        let services = worker.pointee.tables.localServices + Int(interface.pointee.local_first)
        let count = Int(interface.pointee.local_count)
        var found: UnsafePointer<stile_local_service>?
        var position = 0
        while position < count {
            let service = services + position
            position &+= 1
            guard isTunnel(service), LocalServices.isSent(packet, to: service, isIPv6: isIPv6) else { continue }
            endsHere = true
            guard LocalServices.isSent(packet, from: service, isIPv6: isIPv6) else { continue }
            if let former = found, former.pointee.remote_bits >= service.pointee.remote_bits { continue }
            found = service
        }
        return found
    }

    @_noLocks @inline(__always)
    private static func isTunnel(_ service: UnsafePointer<stile_local_service>) -> Bool {
        let use = UInt32(service.pointee.use)
        return use == STILE_SERVICE_TUNNEL.rawValue || use == STILE_SERVICE_TUNNEL_WITHOUT_CHECKSUM.rawValue
    }

    /// Whether UDP follows the IP header at once, and the packet is no fragment.
    @_noLocks @inline(__always)
    private static func isPlain(_ packet: UnsafeRawPointer, isIPv6: Bool) -> Bool {
        guard !isIPv6 else { return IPv6Header(packet).nextHeader == IPProtocol.udp }
        let header = IPv4Header(packet)
        return header.headerBytes == IPv4Header.minimumByteCount
            && header.flagsAndFragmentOffset & (IPv4Header.moreFragments | IPv4Header.fragmentOffsetMask) == 0
    }

    /// Brings the packet behind the label to what the outer header's congestion field makes of its own; `false`: it is to be
    /// dropped. What is no IP packet, the label check refuses.
    @_noLocks @inline(__always)
    private static func takeOver(_ outer: UInt8, by inner: UnsafeMutableRawPointer, bytes: Int) -> Bool {
        guard outer & TunnelCongestion.capable1 != 0, bytes >= IPv4Header.minimumByteCount,
            LabelStackEntry(UnsafeRawPointer(inner) - LabelStackEntry.byteCount).isBottomOfStack
        else { return true }
        let version = IPv4Header(inner).version
        guard version == 4 || version == 6 && bytes >= IPv6Header.byteCount else { return true }
        let isIPv6 = version == 6
        let octet = isIPv6 ? IPv6Header(inner).trafficClassOctet : IPv4Header(inner).trafficClassOctet
        let own = octet & TunnelCongestion.mask
        guard let merged = TunnelCongestion.merged(outer: outer, inner: own) else { return false }
        if merged != own {
            if isIPv6 {
                IPv6Header.setCongestion(merged, of: inner)
            } else {
                IPv4Header.setCongestion(merged, of: inner)
            }
        }
        return true
    }
}
