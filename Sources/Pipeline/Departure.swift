import CTableLayout
import ForwardingTables
import PacketFormats

/// May the packet leave by the adjacency that the lookup gave, and does it fit?
enum Departure {
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let adjacencies = worker.pointee.tables.adjacencies
        let count = worker.pointee.routedCount
        var egressPorts = worker.pointee.egressPorts
        var position = 0
        while position < count {
            let index = Int(burst.routed[position])
            position &+= 1
            let adjacency = adjacencies + Int(burst.adjacency[index])
            let kind = adjacency.pointee.kind
            let isLabelled = kind == UInt8(STILE_ADJACENCY_LABELLED.rawValue)
            guard isLabelled || kind == UInt8(STILE_ADJACENCY_CIRCUIT.rawValue) else {
                settleTimeToLive(index, burst)
                SpecialAdjacency.run(index, adjacency, worker)
                continue
            }
            // 1. The adjacency belongs to the packet's VRF, whatever the FIB says.
            guard adjacency.pointee.vrf == burst.vrf[index] else {
                worker.pointee.drop(index, .adjacencyOfAnotherVRF)
                continue
            }
            // 2. NNI → NNI only with transit.
            let flags = burst.flags[index]
            guard !isLabelled || isNNIAllowed(flags) else {
                worker.pointee.drop(index, .transitNotAllowed)
                continue
            }
            // 3. The services of the unit or circuit, where it has any: for all of the burst's packets at once.
            guard adjacency.pointee.features == 0 else {
                EgressServices.enqueue(index, adjacency, worker)
                continue
            }
            depart(index, adjacency, flags, &egressPorts, burst, worker)
        }
        worker.pointee.routedCount = 0
        if worker.pointee.outgoingCount > 0 { departServed(&egressPorts, worker) }
        worker.pointee.egressPorts = egressPorts
    }

    @_noLocks @inline(never)
    private static func departServed(_ egressPorts: inout UInt64, _ worker: UnsafeMutablePointer<WorkerState>) {
        EgressServices.run(worker)
        let burst = worker.pointee.burst
        var position = 0
        while position < worker.pointee.outgoingCount {
            let index = Int(worker.pointee.serviceBurst.outgoing[position])
            position &+= 1
            let adjacency = worker.pointee.tables.adjacencies + Int(burst.adjacency[index])
            depart(index, adjacency, burst.flags[index], &egressPorts, burst, worker)
        }
        worker.pointee.outgoingCount = 0
    }

    @_noLocks @inline(__always)
    private static func depart(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ flags: PacketFlags,
        _ egressPorts: inout UInt64, _ burst: Burst, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        // 4. TTL above 1 (RFC 1812 §5.3.1, RFC 8200 §3).
        let packet = burst.packet[index]
        let timeToLive = burst.timeToLive[index]
        guard timeToLive > 1 || flags.contains(.madeByTheBox) else {
            settleTimeToLive(index, burst)
            worker.pointee.drop(index, .ipTTLExpired, reporting: .timeExceeded)
            return
        }
        // 5. The packet fits; the adjacency's MTU leaves room for the label.
        let packetLength = burst.packetLength[index]
        guard packetLength <= adjacency.pointee.mtu else {
            settleTimeToLive(index, burst)
            Oversize.run(index, adjacency, worker)
            return
        }
        // 6. One hop.
        if !flags.contains(.madeByTheBox) { setTimeToLive(timeToLive &- 1, of: packet, flags) }
        Imposition.accept(index, adjacency, packet, length: packetLength, flags, &egressPorts, burst, worker)
    }

    @_noLocks @inline(__always)
    static func isNNIAllowed(_ flags: PacketFlags) -> Bool {
        !flags.contains(.cameFromNNI) || flags.contains(.mayTransit)
    }

    @_noLocks @inline(__always)
    static func timeToLive(of packet: UnsafeMutableRawPointer, _ flags: PacketFlags) -> UInt8 {
        flags.contains(.isIPv6) ? IPv6Header(packet).hopLimit : IPv4Header(packet).timeToLive
    }

    /// Gives the packet's header the TTL that it has by `Burst.timeToLive`, for what reads the header from here on.
    @_noLocks
    private static func settleTimeToLive(_ index: Int, _ burst: Burst) {
        let flags = burst.flags[index]
        guard !flags.contains(.madeByTheBox) else { return }
        setTimeToLive(burst.timeToLive[index], of: burst.packet[index], flags)
    }

    @_noLocks @inline(__always)
    private static func setTimeToLive(_ timeToLive: UInt8, of packet: UnsafeMutableRawPointer, _ flags: PacketFlags) {
        if flags.contains(.isIPv6) {
            IPv6Header.setHopLimit(timeToLive, of: packet)
        } else {
            IPv4Header.setTimeToLive(timeToLive, of: packet)
        }
    }

    @_noLocks @inline(__always)
    static func decrementTimeToLive(of packet: UnsafeMutableRawPointer, _ flags: PacketFlags) {
        if flags.contains(.isIPv6) {
            IPv6Header.setHopLimit(IPv6Header(packet).hopLimit &- 1, of: packet)
        } else {
            IPv4Header.setTimeToLive(IPv4Header(packet).timeToLive &- 1, of: packet)
        }
    }
}
