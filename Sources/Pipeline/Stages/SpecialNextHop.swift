import CTableLayout
import ForwardingTables
import PacketFormats

/// Next hops that do not lead out of a port now: the packet ends with a drop, an ICMP error or the control process.
enum SpecialNextHop {
    @_noLocks
    static func run(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let nextHop = burst.nextHop[index]
        switch stile_next_hop_kind(nextHop.kind) {
        case STILE_NEXT_HOP_DISCARD:
            worker.pointee.drop(index, .discardRoute)
        case STILE_NEXT_HOP_RECEIVE:
            receive(index, nextHop, worker)
        case STILE_NEXT_HOP_SUBNET:
            resolve(index, worker)
        case STILE_NEXT_HOP_CIRCUIT, STILE_NEXT_HOP_LABELLED:
            guard !worker.pointee.isPopped(index) else {
                LabelPop.endUnresolved(index, worker)
                return
            }
            // The link's state.
            switch stile_adjacency_index(worker.pointee.adjacencyIndex(of: index)) {
            case STILE_ADJACENCY_INCOMPLETE: resolve(index, worker)
            case STILE_ADJACENCY_FAILED: probe(index, worker)
            default: worker.pointee.drop(index, .noRoute, reporting: .networkUnreachable)
            }
        case STILE_NEXT_HOP_UNREACHABLE:
            guard nextHop.interface == burst.vrf[index] else {
                worker.pointee.drop(index, .adjacencyOfAnotherVRF)
                return
            }
            worker.pointee.drop(index, .hostUnreachable, reporting: .hostUnreachable)
        default:
            worker.pointee.drop(index, .noRoute, reporting: .networkUnreachable)
        }
    }

    /// A neighbor that has not answered. One packet a second asks the control process to try again; the others learn that
    /// nobody answers.
    @_noLocks
    private static func probe(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let egress = worker.pointee.egress(of: index)
        guard egress.pointee.vrf == worker.pointee.burst.vrf[index] else {
            worker.pointee.drop(index, .adjacencyOfAnotherVRF)
            return
        }
        if worker.pointee.puntLimiter.admitsProbe(counter: egress.pointee.counter, at: worker.pointee.cycles) {
            resolve(index, worker)
        } else {
            worker.pointee.drop(index, .hostUnreachable, reporting: .hostUnreachable)
        }
    }

    /// One of the box's own addresses. Neighbor discovery that is sent to it reaches the neighbor code as a frame, and BGP of a
    /// neighbor on the circuit the kernel.
    @_noLocks
    private static func receive(
        _ index: Int, _ nextHop: NextHop, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        guard nextHop.interface == burst.vrf[index] else {
            worker.pointee.drop(index, .adjacencyOfAnotherVRF)
            return
        }
        let flags = burst.flags[index]
        // Nobody but the box has this address: a packet from it, which the box would answer itself, was forged.
        guard !flags.contains(.saidByTheBox) else {
            worker.pointee.drop(index, .sourceAddressInvalid)
            return
        }
        guard !worker.pointee.cameByLabel(index), !flags.contains(.madeByTheBox) else {
            worker.pointee.punt(index, .receive)
            return
        }
        let isNeighborDiscovery =
            flags.contains(.isIPv6)
            && NeighborDiscoveryCheck.isNeighborDiscovery(
                UnsafeRawPointer(burst.packet[index]), bytes: Int(burst.packetLength[index]))
        guard !isNeighborDiscovery else {
            worker.pointee.punt(index, .neighborDiscovery)
            return
        }
        let circuit = worker.pointee.tables.interfaces + Int(burst.interface[index])
        worker.pointee.punt(index, LocalServices.puntClass(of: index, on: circuit, worker) ?? .receive)
    }

    /// A neighbor whose MAC address is not known. The packet comes back, when it is, as an injected one, whose TTL stays
    /// as it is: so the hop's TTL is settled here. The transit rule holds again then, for the next hop of that moment.
    @_noLocks
    private static func resolve(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let flags = burst.flags[index]
        // 1. As in Departure: the VRF, then NNI → NNI and core → core. The egress record says whether it is a unit.
        let egress = worker.pointee.egress(of: index)
        guard egress.pointee.vrf == burst.vrf[index] else {
            worker.pointee.drop(index, .adjacencyOfAnotherVRF)
            return
        }
        if egress.pointee.kind != UInt8(STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue)
            || OperatorCircuit.isOutgoing(egress),
            let reason = Departure.refusal(of: index, toUnit: egress, worker)
        {
            worker.pointee.drop(index, reason)
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
