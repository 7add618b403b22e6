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
        var position = 0
        if worker.pointee.isStepwise {
            while position < count {
                let index = Int(burst.routed[position])
                position &+= 1
                checkOneByOne(index, adjacencies + Int(burst.adjacency[index]), worker)
            }
        } else {
            var egressPorts: UInt64 = 0
            while position < count {
                let index = Int(burst.routed[position])
                position &+= 1
                let adjacency = adjacencies + Int(burst.adjacency[index])
                if isOpen(adjacency, vrf: burst.vrf[index], burst.flags[index]),
                    leave(index, adjacency, &egressPorts, burst)
                {
                    continue
                }
                checkOneByOne(index, adjacency, worker)
            }
            worker.pointee.egressPorts |= egressPorts
        }
        worker.pointee.routedCount = 0
        if worker.pointee.outgoingCount > 0 { departServed(worker) }
    }

    /// Whether rules 1 and 2 hold for the packet, and the adjacency leads out without services.
    @_noLocks @inline(__always)
    private static func isOpen(
        _ adjacency: UnsafePointer<stile_adjacency>, vrf: UInt16, _ flags: PacketFlags
    ) -> Bool {
        // Kind, features and VRF in one comparison: without features and of one VRF the kind is left, 1 or 2.
        let word = UInt32(littleEndian: UnsafeRawPointer(adjacency).load(as: UInt32.self))
        guard (word ^ UInt32(vrf) << 16) &- STILE_ADJACENCY_CIRCUIT.rawValue < 2 else { return false }
        return isNNIAllowed(flags) || adjacency.pointee.kind == UInt8(STILE_ADJACENCY_CIRCUIT.rawValue)
    }

    /// Lets the common packet leave that meets rules 4 and 5: received IPv4 whose class nobody has changed. `false`:
    /// nothing has been done.
    @_noLocks @inline(__always)
    private static func leave(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ egressPorts: inout UInt64, _ burst: Burst
    ) -> Bool {
        let timeToLive = burst.timeToLive[index]
        let length = burst.packetLength[index]
        guard burst.flags[index].isOfCommonPacket, timeToLive > 1, length <= adjacency.pointee.mtu else { return false }
        let packet = burst.packet[index]
        guard adjacency.pointee.port < UInt16(STILE_MAX_PORTS) else { return false }
        IPv4Header.setTimeToLive(timeToLive &- 1, of: packet)
        let frame = Imposition.impose(
            adjacency, onto: packet, trafficClassOctet: IPv4Header(packet).trafficClassOctet,
            timeToLive: timeToLive &- 1)
        Imposition.send(index, adjacency, frame, packetLength: length, &egressPorts, burst)
        return true
    }

    /// All other packets: rule by rule, so that the first one that is not met gives the reason.
    @_noLocks @inline(never)
    private static func checkOneByOne(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let kind = adjacency.pointee.kind
        guard kind == UInt8(STILE_ADJACENCY_LABELLED.rawValue) || kind == UInt8(STILE_ADJACENCY_CIRCUIT.rawValue) else {
            settleTimeToLive(index, burst)
            SpecialAdjacency.run(index, adjacency, worker)
            return
        }
        // 1 and 2. Of the packet's VRF, and allowed from where it came.
        if let reason = refusal(of: index, by: adjacency, worker.pointee.burst) {
            worker.pointee.drop(index, reason)
            return
        }
        // 3. The services of the unit or circuit, where it has any: for all of the burst's packets at once.
        guard adjacency.pointee.features == 0 else {
            EgressServices.enqueue(index, adjacency, worker)
            return
        }
        departOneByOne(index, adjacency, worker)
    }

    /// Why a packet may not leave by an adjacency that leads out of a circuit or an NNI.
    @_noLocks @inline(__always)
    static func refusal(of index: Int, by adjacency: UnsafePointer<stile_adjacency>, _ burst: Burst) -> DropReason? {
        // 1. The adjacency belongs to the packet's VRF, whatever the FIB says.
        guard adjacency.pointee.vrf == burst.vrf[index] else { return .adjacencyOfAnotherVRF }
        // 2. NNI → NNI only with transit.
        let isLabelled = adjacency.pointee.kind == UInt8(STILE_ADJACENCY_LABELLED.rawValue)
        guard !isLabelled || isNNIAllowed(index, nniCounter: adjacency.pointee.nni_counter, burst) else {
            return .transitNotAllowed
        }
        return nil
    }

    @_noLocks @inline(never)
    private static func departServed(_ worker: UnsafeMutablePointer<WorkerState>) {
        EgressServices.run(worker)
        let burst = worker.pointee.burst
        var egressPorts: UInt64 = 0
        var position = 0
        while position < worker.pointee.outgoingCount {
            let index = Int(worker.pointee.serviceBurst.outgoing[position])
            position &+= 1
            let adjacency = worker.pointee.tables.adjacencies + Int(burst.adjacency[index])
            if !worker.pointee.isStepwise, leave(index, adjacency, &egressPorts, burst) { continue }
            departOneByOne(index, adjacency, worker)
        }
        worker.pointee.egressPorts |= egressPorts
        worker.pointee.outgoingCount = 0
    }

    @_noLocks @inline(never)
    private static func departOneByOne(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let flags = burst.flags[index]
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
        // 6. One hop; what the box made has none behind it, and nobody pays for what it says.
        if !flags.contains(.madeByTheBox) {
            setTimeToLive(timeToLive &- 1, of: packet, flags)
        } else if flags.contains(.saidByTheBox) {
            worker.pointee.countOwn(
                counter: adjacency.pointee.counter, bytes: Int(packetLength) &+ Int(adjacency.pointee.rewrite_bytes))
        }
        Imposition.accept(index, adjacency, worker)
    }

    @_noLocks @inline(__always)
    static func isNNIAllowed(_ flags: PacketFlags) -> Bool {
        !flags.contains(.cameFromNNI) || flags.contains(.mayTransit)
    }

    /// As above, and what the box says because of an NNI's packet may go back to where that came from.
    @_noLocks
    static func isNNIAllowed(_ index: Int, nniCounter: UInt16, _ burst: Burst) -> Bool {
        let flags = burst.flags[index]
        if isNNIAllowed(flags) { return true }
        let answered = burst.answeredNNI[index]
        return flags.contains(.madeByTheBox) && answered != 0 && answered == nniCounter
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
