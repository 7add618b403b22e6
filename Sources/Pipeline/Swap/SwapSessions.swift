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

    /// A fragment of TCP behind the first has no ports to compare.
    @_noLocks
    private static func isOfSession(_ packet: UnsafeRawPointer, bytes: Int, isIPv6: Bool) -> Bool {
        let payloadOffset: Int
        let payloadProtocol: UInt8
        let isFirst: Bool
        if isIPv6 {
            let upper = IPv6UpperLayer(of: packet, packetBytes: bytes)
            guard upper.isComplete || upper.isNonInitialFragment else { return false }
            payloadOffset = upper.offset
            payloadProtocol = upper.protocolNumber
            isFirst = !upper.isNonInitialFragment
        } else {
            let header = IPv4Header(packet)
            payloadOffset = header.headerBytes
            payloadProtocol = header.protocolNumber
            isFirst = !header.isNonInitialFragment
        }
        guard payloadProtocol == IPProtocol.tcp else {
            return payloadProtocol == (isIPv6 ? IPProtocol.icmpv6 : IPProtocol.icmp)
        }
        guard isFirst, payloadOffset &+ TransportPorts.byteCount <= bytes else { return false }
        let ports = TransportPorts(packet + payloadOffset)
        return ports.destination == bgpPort || ports.source == bgpPort
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
