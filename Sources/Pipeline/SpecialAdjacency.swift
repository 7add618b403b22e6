import CTableLayout
import PacketFormats

/// Adjacencies that do not lead out of a port: the packet ends with a drop, an ICMP error or the control process.
enum SpecialAdjacency {
    @_noLocks
    static func run(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        switch stile_adjacency_kind(UInt32(adjacency.pointee.kind)) {
        case STILE_ADJACENCY_DISCARD:
            worker.pointee.drop(index, .discardRoute)
        case STILE_ADJACENCY_RECEIVE:
            receive(index, adjacency, worker)
        case STILE_ADJACENCY_GLEAN:
            resolve(index, adjacency, worker)
        case STILE_ADJACENCY_UNREACHABLE:
            guard adjacency.pointee.vrf == burst.vrf[index] else {
                worker.pointee.drop(index, .adjacencyOfAnotherVRF)
                return
            }
            // One packet a second asks the control process to try again; the others learn that nobody answers.
            if worker.pointee.puntLimiter.admitsProbe(
                counter: adjacency.pointee.counter, at: worker.pointee.cycles)
            {
                resolve(index, adjacency, worker)
            } else {
                worker.pointee.drop(index, .hostUnreachable, reporting: .hostUnreachable)
            }
        default:
            worker.pointee.drop(index, .noRoute, reporting: .networkUnreachable)
        }
    }

    /// One of the box's own addresses. Neighbor discovery that is sent to it reaches the neighbor code as a frame.
    @_noLocks
    private static func receive(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        guard adjacency.pointee.vrf == burst.vrf[index] else {
            worker.pointee.drop(index, .adjacencyOfAnotherVRF)
            return
        }
        let flags = burst.flags[index]
        // Nobody but the box has this address: a packet from it, which the box would answer itself, was forged.
        guard !flags.contains(.saidByTheBox) else {
            worker.pointee.drop(index, .sourceAddressInvalid)
            return
        }
        let isNeighborDiscovery =
            flags.contains(.isIPv6) && !flags.contains(.cameFromNNI) && !flags.contains(.madeByTheBox)
            && NeighborDiscoveryCheck.isNeighborDiscovery(
                UnsafeRawPointer(burst.packet[index]), bytes: Int(burst.packetLength[index]))
        worker.pointee.punt(index, isNeighborDiscovery ? .neighborDiscovery : .receive)
    }

    /// A next hop whose MAC address is not known. The packet comes back, when it is, as an injected one, whose TTL stays
    /// as it is: so the hop's TTL is settled here. The transit rule holds again then, for the adjacency of that moment.
    @_noLocks
    private static func resolve(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let flags = burst.flags[index]
        // 1. As in Departure: the VRF, then NNI → NNI. The egress record says whether the next hop is on an NNI.
        guard adjacency.pointee.vrf == burst.vrf[index] else {
            worker.pointee.drop(index, .adjacencyOfAnotherVRF)
            return
        }
        let egress = worker.pointee.tables.interfaces + Int(adjacency.pointee.interface)
        let isOnNNI =
            egress.pointee.kind == UInt8(STILE_INTERFACE_UNIT.rawValue)
            || egress.pointee.kind == UInt8(STILE_INTERFACE_NNI.rawValue)
        guard !isOnNNI || Departure.isNNIAllowed(index, nniCounter: egress.pointee.nni_counter, burst) else {
            worker.pointee.drop(index, .transitNotAllowed)
            return
        }
        // 2. TTL.
        if !flags.contains(.madeByTheBox) {
            guard Departure.timeToLive(of: burst.packet[index], flags) > 1 else {
                worker.pointee.drop(index, .ipTTLExpired, reporting: .timeExceeded)
                return
            }
            Departure.decrementTimeToLive(of: burst.packet[index], flags)
        }
        // 3. An answer has the counter of the interface that made the box say it: one who makes it answer hosts that are
        // not there, whoever's addresses he uses, uses up none but his own share.
        worker.pointee.punt(index, .glean)
    }
}
