import CTableLayout
import PacketFormats

/// Whether an ARP or neighbor discovery message comes from a neighbor that the tables know: on an NNI a configured
/// neighbor's address, on a circuit an address that is resolved, from the Ethernet address that it is resolved to.
///
/// Asked only when strangers have used up the interface's share, since it may cost a lookup.
enum KnownNeighbor {
    @_noLocks
    static func sent(
        arp: UnsafeRawPointer, in frame: UnsafeRawPointer, _ interface: UnsafePointer<stile_interface>,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        // RFC 826: the sender's protocol address follows its hardware address.
        isKnown(ipv4: arp.networkUInt32(at: 14), frame, interface, worker)
    }

    @_noLocks
    static func sent(
        discovery packet: UnsafeRawPointer, bytes: Int, in frame: UnsafeRawPointer,
        _ interface: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        // RFC 4861 §4.4: what an advertisement speaks of is its target; its source may be a link-local address.
        let isAdvertisement =
            packet.octet(at: IPv6Header.byteCount) == ICMPv6Type.neighborAdvertisement
            && bytes >= IPv6Header.byteCount &+ 24
        let address = packet.networkUInt128(at: isAdvertisement ? IPv6Header.byteCount &+ 8 : 8)
        return isKnown(ipv6: address, frame, interface, worker)
    }

    @_noLocks
    private static func isKnown(
        ipv4 address: UInt32, _ frame: UnsafeRawPointer, _ interface: UnsafePointer<stile_interface>,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let tables = worker.pointee.tables
        guard isCircuit(interface) else {
            // A service for anyone names no address.
            return address != 0 && isPeer(of: interface, family: 4, worker) { $0.networkUInt32(at: 0) == address }
        }
        let nextHop = tables.fib.lookup(ipv4: address, root: tables.ipv4Root(ofVRF: interface.pointee.vrf))
        return isResolved(nextHop, frame, interface, worker)
    }

    @_noLocks
    private static func isKnown(
        ipv6 address: UInt128, _ frame: UnsafeRawPointer, _ interface: UnsafePointer<stile_interface>,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let tables = worker.pointee.tables
        guard isCircuit(interface) else {
            return address != 0 && isPeer(of: interface, family: 6, worker) { $0.networkUInt128(at: 0) == address }
        }
        let nextHop = tables.fib.lookup(ipv6: address, root: tables.ipv6Root(ofVRF: interface.pointee.vrf))
        return isResolved(nextHop, frame, interface, worker)
    }

    @_noLocks @inline(__always)
    private static func isCircuit(_ interface: UnsafePointer<stile_interface>) -> Bool {
        interface.pointee.kind == UInt8(STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue)
    }

    /// Whether one of the NNI's services is for a peer whose address `isAddress` says to be the one.
    @_noLocks @inline(__always)
    private static func isPeer(
        of nni: UnsafePointer<stile_interface>, family: UInt8, _ worker: UnsafeMutablePointer<WorkerState>,
        _ isAddress: (UnsafeRawPointer) -> Bool
    ) -> Bool {
        let services = worker.pointee.tables.localServices + Int(nni.pointee.local_first)
        var position = 0
        while position < Int(nni.pointee.local_count) {
            let service = services + position
            if service.pointee.family == family, isAddress(UnsafeRawPointer(service) + 24) { return true }
            position &+= 1
        }
        return false
    }

    /// Whether the next hop is a host on this circuit with the frame's source address.
    @_noLocks
    private static func isResolved(
        _ nextHop: UInt32, _ frame: UnsafeRawPointer, _ circuit: UnsafePointer<stile_interface>,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        guard nextHop != 0 else { return false }
        let adjacency = worker.pointee.tables.adjacency(ofNextHop: nextHop)
        guard adjacency.pointee.kind == UInt8(STILE_ADJACENCY_CIRCUIT.rawValue),
            adjacency.pointee.counter == circuit.pointee.counter
        else { return false }
        // The rewrite is right-aligned and begins with the destination: the neighbor's address.
        let rewrite = UnsafeRawPointer(adjacency) + 64 - Int(adjacency.pointee.rewrite_bytes)
        return rewrite.networkUInt32(at: 0) == frame.networkUInt32(at: 6)
            && rewrite.networkUInt16(at: 4) == frame.networkUInt16(at: 10)
    }
}
