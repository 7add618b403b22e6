import CTableLayout
import ForwardingTables
import PacketFormats

/// May the packet leave by the next hop that the lookup gave, and does it fit?
enum Departure {
    /// Rules 1 to 3, for the routed packets. What has services on its way out goes to them; the others stay on the list, for
    /// `finish`.
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let count = worker.pointee.routedCount
        var left = 0
        var position = 0
        while position < count {
            let index = Int(burst.routed[position])
            position &+= 1
            guard check(index, worker) else { continue }
            burst.routed[left] = UInt8(truncatingIfNeeded: index)
            left &+= 1
        }
        worker.pointee.routedCount = left
    }

    /// Rules 4 to 6, for those that are left, and those that have passed the services.
    @_noLocks
    static func finish(_ worker: UnsafeMutablePointer<WorkerState>) {
        let (routed, outgoing) = (worker.pointee.burst.routed, worker.pointee.serviceBurst.outgoing)
        var position = 0
        while position < worker.pointee.routedCount {
            depart(Int(routed[position]), worker)
            position &+= 1
        }
        position = 0
        while position < worker.pointee.outgoingCount {
            depart(Int(outgoing[position]), worker)
            position &+= 1
        }
        worker.pointee.routedCount = 0
        worker.pointee.outgoingCount = 0
    }

    /// `false`: the packet has ended, or waits for its services.
    @_noLocks @inline(__always)
    private static func check(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) -> Bool {
        let burst = worker.pointee.burst
        let nextHop = burst.nextHop[index]
        guard nextHop.leadsOut(by: worker.pointee.adjacencyIndex(of: index)) else {
            settleTimeToLive(index, burst)
            SpecialNextHop.run(index, worker)
            return false
        }
        // 1 and 2. Of the packet's VRF, and allowed from where it came.
        let egress = worker.pointee.egress(of: index)
        if let reason = refusal(of: index, by: nextHop, egress, worker) {
            worker.pointee.drop(index, reason)
            return false
        }
        // 3. The services of the unit or circuit, where it has any: for all of the burst's packets at once.
        guard egress.pointee.egress_features == 0 else {
            EgressServices.enqueue(index, egress, worker)
            return false
        }
        return true
    }

    /// Why a packet may not leave by a next hop that leads out of a circuit or, by a unit, of an NNI or into the core.
    @_noLocks @inline(__always)
    static func refusal(
        of index: Int, by nextHop: NextHop, _ egress: UnsafePointer<stile_interface>,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> DropReason? {
        // 1. The interface belongs to the packet's VRF, whatever the FIB says.
        guard egress.pointee.vrf == worker.pointee.burst.vrf[index] else { return .adjacencyOfAnotherVRF }
        // 2. NNI → NNI only with transit, over the core as well, core → core never; a circuit of another operator's is as an NNI.
        return nextHop.isLabelled || OperatorCircuit.isOutgoing(egress)
            ? refusal(of: index, toUnit: egress, worker) : nil
    }

    /// Why a packet that came in with a label, or from another operator's circuit, may not leave with one, or by such a circuit.
    @_noLocks @inline(__always)
    static func refusal(
        of index: Int, toUnit egress: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> DropReason? {
        let burst = worker.pointee.burst
        let flags = burst.flags[index]
        let isAcross = isAcross(index, egress, worker.pointee.tables.interfaces, burst)
        if mayLeaveLabelled(flags) || isAcross && !burst.nextHop[index].isMarked { return nil }
        // What the box says because of an NNI's packet may go back to where that came from.
        let answered = burst.answeredNNI[index]
        if flags.contains(.madeByTheBox), answered != 0, answered == egress.pointee.nni_counter { return nil }
        return isOfCore(egress) && !isAcross ? .coreToCore : .transitNotAllowed
    }

    @_noLocks @inline(__always)
    private static func depart(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
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
        // 5. The packet fits; the MTU of a unit or a transport leaves room for the labels.
        let packetLength = burst.packetLength[index]
        let egress = worker.pointee.egress(of: index)
        guard packetLength <= worker.pointee.mtu(of: index, egress) else {
            settleTimeToLive(index, burst)
            Oversize.run(index, egress, worker)
            return
        }
        // 6. One hop; what the box made has none behind it, and nobody pays for what it says.
        if !flags.contains(.madeByTheBox) {
            setTimeToLive(timeToLive &- 1, of: packet, flags)
        } else if flags.contains(.saidByTheBox) {
            worker.pointee.countOwn(
                counter: egress.pointee.counter,
                bytes: Int(packetLength) &+ Int(burst.adjacency[index].pointee.rewrite_bytes))
        }
        burst.departing[worker.pointee.departingCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.departingCount &+= 1
    }

    /// Whether a packet may leave by any unit of its VRF. What came from the core never has the flag of transit.
    @_noLocks @inline(__always)
    static func mayLeaveLabelled(_ flags: PacketFlags) -> Bool {
        !flags.contains(.cameLabelled) || flags.contains(.mayTransit)
    }

    /// Whether a packet that came in with a label goes from the core to an NNI, or from an NNI to the core.
    @_noLocks @inline(__always)
    static func isAcross(
        _ index: Int, _ egress: UnsafePointer<stile_interface>, _ interfaces: UnsafePointer<stile_interface>,
        _ burst: Burst
    ) -> Bool {
        cameFromCore(index, interfaces, burst) != isOfCore(egress)
    }

    /// Of a packet that came in with a label: whether that was from the core.
    @_noLocks @inline(__always)
    static func cameFromCore(_ index: Int, _ interfaces: UnsafePointer<stile_interface>, _ burst: Burst) -> Bool {
        let flags = burst.flags[index]
        return flags.contains(.madeByTheBox)
            ? flags.contains(.heldFromCore) : isOfCore(interfaces + Int(burst.interface[index]))
    }

    /// Whether an interface is one of the operator's own network, or a unit there.
    @_noLocks @inline(__always)
    static func isOfCore(_ interface: UnsafePointer<stile_interface>) -> Bool {
        interface.pointee.kind & UInt8(STILE_INTERFACE_OF_CORE) != 0
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
