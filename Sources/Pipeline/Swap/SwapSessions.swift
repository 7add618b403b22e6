import CTableLayout
import ForwardingTables
import PacketFormats

/// What a label may carry that leads to a route reflector of another operator, or to one of ours: BGP sessions (TCP port 179) and
/// ICMP between addresses that are listed where the packet came in (`STILE_SWAP_SESSIONS`), and what others on the way say to these of
/// such packets.
enum SwapSessions {
    private static var bgpPort: UInt16 { @_noLocks @inline(__always) get { 179 } }

    @_noLocks @inline(never)
    static func admit(
        _ packet: UnsafeRawPointer, bytes: Int, isIPv6: Bool, _ interface: UnsafePointer<stile_interface>,
        _ tables: TablesReader
    ) -> Bool {
        let sessions = ListedSessions(of: interface, tables, isIPv6: isIPv6)
        if sessions.haveOnTheirWay(packet) { return isOfSession(packet, bytes: bytes, isIPv6: isIPv6) }
        guard let quoted = quotedPacket(of: packet, bytes: bytes, isIPv6: isIPv6) else { return false }
        return sessions.have(error: packet, about: quoted)
    }

    /// The packet that an ICMP error is about; `nil`: it is none, or has not that packet's addresses.
    @_noLocks
    private static func quotedPacket(
        of packet: UnsafeRawPointer, bytes: Int, isIPv6: Bool
    ) -> UnsafeRawPointer? {
        guard isIPv6 else {
            let header = IPv4Header(packet)
            let quoted = IPv4Header.minimumByteCount &+ ICMPType.errorHeaderBytes
            guard header.protocolNumber == IPProtocol.icmp, header.headerBytes == IPv4Header.minimumByteCount,
                header.flagsAndFragmentOffset & (IPv4Header.moreFragments | IPv4Header.fragmentOffsetMask) == 0,
                bytes >= quoted &+ IPv4Header.minimumByteCount,
                ICMPType.isAboutDelivery(packet.octet(at: IPv4Header.minimumByteCount)),
                packet.octet(at: quoted) >> 4 == 4
            else { return nil }
            return packet + quoted
        }
        let quoted = IPv6Header.byteCount &+ ICMPType.errorHeaderBytes
        guard IPv6Header(packet).nextHeader == IPProtocol.icmpv6, bytes >= quoted &+ IPv6Header.byteCount,
            ICMPv6Type.isAboutDelivery(packet.octet(at: IPv6Header.byteCount)),
            packet.octet(at: quoted) >> 4 == 6
        else { return nil }
        return packet + quoted
    }

    /// Behind the plain header: options and routing headers could send it elsewhere. A fragment of TCP behind the first has no ports
    /// to compare. From port 179 to another one anybody could open a connection: what belongs to one has ACK or RST.
    @_noLocks
    private static func isOfSession(_ packet: UnsafeRawPointer, bytes: Int, isIPv6: Bool) -> Bool {
        let payloadOffset: Int
        let payloadProtocol: UInt8
        let isFirst: Bool
        let isFragment: Bool
        if isIPv6 {
            let upper = IPv6UpperLayer(of: packet, packetBytes: bytes)
            let next = IPv6Header(packet).nextHeader
            guard upper.isComplete || upper.isNonInitialFragment,
                next == upper.protocolNumber
                    || next == IPProtocol.fragmentHeader && upper.offset == IPv6Header.byteCount &+ 8
            else { return false }
            payloadOffset = upper.offset
            payloadProtocol = upper.protocolNumber
            isFirst = !upper.isNonInitialFragment
            isFragment = upper.fragmentField != 0
        } else {
            let header = IPv4Header(packet)
            guard header.headerBytes == IPv4Header.minimumByteCount else { return false }
            payloadOffset = header.headerBytes
            payloadProtocol = header.protocolNumber
            isFirst = !header.isNonInitialFragment
            isFragment = header.flagsAndFragmentOffset & IPv4Header.moreFragments != 0
        }
        guard payloadProtocol == IPProtocol.tcp else {
            return payloadProtocol == (isIPv6 ? IPProtocol.icmpv6 : IPProtocol.icmp)
        }
        guard isFirst, payloadOffset &+ TransportPorts.byteCount <= bytes else { return false }
        let ports = TransportPorts(packet + payloadOffset)
        guard ports.destination != bgpPort else { return true }
        return ports.source == bgpPort && !isFragment
            && LocalServices.belongsToConnection(packet + payloadOffset, bytes: bytes &- payloadOffset)
    }
}
