import CTableLayout
import ForwardingTables
import PacketFormats

/// What a label may carry that leads to a route reflector of another operator, or to one of ours: BGP sessions (TCP port 179) and
/// ICMP between addresses that are listed where the packet came in (`STILE_SWAP_SESSIONS`).
enum SwapSessions {
    private static var bgpPort: UInt16 { @_noLocks @inline(__always) get { 179 } }

    @_noLocks @inline(never)
    static func admit(
        _ packet: UnsafeRawPointer, bytes: Int, isIPv6: Bool, _ interface: UnsafePointer<stile_interface>,
        _ tables: TablesReader
    ) -> Bool {
        isOfSession(packet, bytes: bytes, isIPv6: isIPv6) && isBetweenListed(packet, isIPv6: isIPv6, interface, tables)
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

    @_noLocks
    private static func isBetweenListed(
        _ packet: UnsafeRawPointer, isIPv6: Bool, _ interface: UnsafePointer<stile_interface>, _ tables: TablesReader
    ) -> Bool {
        let listed = tables.localServices + Int(interface.pointee.local_first)
        let count = Int(interface.pointee.local_count)
        var isToListed = false
        var isFromListed = false
        var position = 0
        while position < count {
            let entry = listed + position
            position &+= 1
            switch UInt32(entry.pointee.use) {
            case STILE_SERVICE_SESSIONS_TO.rawValue:
                isToListed = isToListed || LocalServices.isCovered(destinationOf: packet, by: entry, isIPv6: isIPv6)
            case STILE_SERVICE_SESSIONS_FROM.rawValue:
                isFromListed =
                    isFromListed
                    || entry.pointee.family == (isIPv6 ? 6 : 4)
                        && LocalServices.isSent(packet, from: entry, isIPv6: isIPv6)
            default: break
            }
        }
        return isToListed && isFromListed
    }
}
