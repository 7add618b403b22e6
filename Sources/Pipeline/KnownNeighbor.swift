import CTableLayout
import ForwardingTables
import PacketFormats

/// Whether an ARP or neighbor discovery message comes from a neighbor that the tables know: on an NNI a configured
/// neighbor's address, on a circuit an address that is resolved, from the Ethernet address that it is resolved to.
///
/// Asked when strangers have used up what their interface may, since it may cost a lookup.
public enum KnownNeighbor {
    /// Whether such a neighbor sent packet `index` of the class. What is not about neighbors confirms none.
    @_noLocks
    static func sent(_ index: Int, _ puntClass: PuntClass, _ burst: Burst, _ tables: TablesReader) -> Bool {
        let interface = tables.interfaces + Int(burst.interface[index])
        let packet = UnsafeRawPointer(burst.packet[index])
        let frame = UnsafeRawPointer(burst.frame[index])
        switch puntClass {
        case .arp:
            // RFC 826: the sender's protocol address follows its hardware address.
            return isKnown(ipv4: packet.networkUInt32(at: 14), frame, interface, tables)
        case .neighborDiscovery:
            // RFC 4861 §4.4: what an advertisement speaks of is its target; its source may be a link-local address.
            let isAdvertisement =
                packet.octet(at: IPv6Header.byteCount) == ICMPv6Type.neighborAdvertisement
                && Int(burst.packetLength[index]) >= IPv6Header.byteCount &+ 24
            let address = packet.networkUInt128(at: isAdvertisement ? IPv6Header.byteCount &+ 8 : 8)
            return isKnown(ipv6: address, frame, interface, tables)
        case .bgp, .icmp, .receive, .glean, .bfd, .hostDevice:
            return false
        }
    }

    /// Whether packet `index`, which is punted, is of a configured or known neighbor.
    @_noLocks
    public static func sentPunted(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) -> Bool {
        let burst = worker.pointee.burst
        guard case .punt(let puntClass) = burst.verdict[index] else { return false }
        return !puntClass.canAnybodyProvoke || sent(index, puntClass, burst, worker.pointee.tables)
    }

    @_noLocks
    private static func isKnown(
        ipv4 address: UInt32, _ frame: UnsafeRawPointer, _ interface: UnsafePointer<stile_interface>,
        _ tables: TablesReader
    ) -> Bool {
        guard isCircuit(interface) else {
            // A service for anyone has the address 0.
            return address != 0
                && isPeer(of: interface, family: 4, bits: 32, tables) { $0.networkUInt32(at: 0) == address }
        }
        let nextHop = tables.fib.lookup(ipv4: address, root: tables.ipv4Root(ofVRF: interface.pointee.vrf))
        return isResolved(nextHop, frame, interface, tables)
    }

    @_noLocks
    private static func isKnown(
        ipv6 address: UInt128, _ frame: UnsafeRawPointer, _ interface: UnsafePointer<stile_interface>,
        _ tables: TablesReader
    ) -> Bool {
        guard isCircuit(interface) else {
            return address != 0
                && isPeer(of: interface, family: 6, bits: 128, tables) { $0.networkUInt128(at: 0) == address }
        }
        let nextHop = tables.fib.lookup(ipv6: address, root: tables.ipv6Root(ofVRF: interface.pointee.vrf))
        return isResolved(nextHop, frame, interface, tables)
    }

    @_noLocks @inline(__always)
    private static func isCircuit(_ interface: UnsafePointer<stile_interface>) -> Bool {
        interface.pointee.kind == UInt8(STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue)
    }

    /// Whether one of the NNI's services is for a single peer, whose address `isAddress` says to be the one. A service for
    /// a subnet names no peer.
    @_noLocks @inline(__always)
    private static func isPeer(
        of nni: UnsafePointer<stile_interface>, family: UInt8, bits: UInt8, _ tables: TablesReader,
        _ isAddress: (UnsafeRawPointer) -> Bool
    ) -> Bool {
        let services = tables.localServices + Int(nni.pointee.local_first)
        var position = 0
        while position < Int(nni.pointee.local_count) {
            let service = services + position
            let remoteBits = service.pointee.remote_bits
            if service.pointee.family == family, service.pointee.use == UInt8(STILE_SERVICE_PUNT.rawValue),
                remoteBits == 0 || remoteBits == bits, isAddress(UnsafeRawPointer(service) + 24)
            {
                return true
            }
            position &+= 1
        }
        return false
    }

    /// Whether the next hop is a host on this circuit with the frame's source address.
    @_noLocks
    private static func isResolved(
        _ nextHop: UInt32, _ frame: UnsafeRawPointer, _ circuit: UnsafePointer<stile_interface>,
        _ tables: TablesReader
    ) -> Bool {
        let wayOut = WayOut(number: nextHop, tables)
        guard wayOut.leadsOut, !wayOut.nextHop.isLabelled,
            tables.interfaces[Int(wayOut.nextHop.interface)].counter == circuit.pointee.counter
        else { return false }
        let adjacency = tables.adjacencies + Int(wayOut.adjacency)
        // The rewrite is right-aligned and begins with the destination: the neighbor's address.
        let rewrite = UnsafeRawPointer(adjacency + 1) - Int(adjacency.pointee.rewrite_bytes)
        return rewrite.networkUInt32(at: 0) == frame.networkUInt32(at: 6)
            && rewrite.networkUInt16(at: 4) == frame.networkUInt16(at: 10)
    }
}
