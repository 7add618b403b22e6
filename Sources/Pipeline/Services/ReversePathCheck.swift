import CTableLayout
import ForwardingTables
import PacketFormats

/// Unicast reverse path forwarding: would the packet's source be routed back to where the packet came from? Strict and
/// loose as RFC 3704 §2 has them. Feasible after RFC 8704 §3.3 with the VRF's NNIs as the group of interfaces that
/// routes of the same origin may come by: the source is routed to one of them. On a core unit strict is the same for all of the
/// core, since a label does not say which PE a packet is from, and feasible is an NNI or the core: what is behind an NNI can
/// come by another border router.
enum ReversePathCheck {
    /// Drops those of the incoming packets whose source does not pass.
    @_noLocks
    static func run(_ taken: ServiceIntake, _ worker: UnsafeMutablePointer<WorkerState>) {
        let own = worker.pointee.serviceBurst
        if taken.sourceCount > 0 {
            worker.pointee.tables.fib.lookup(ipv4: own.lookups, count: taken.sourceCount, results: own.nextHop)
            check(
                worker.pointee.burst.ipv4Index + taken.queuedFrom, count: taken.sourceCount, isIPv6: false, worker)
        }
        if taken.hasIPv6 { checkIPv6(worker) }
    }

    @_noLocks @inline(never)
    private static func checkIPv6(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        let fib = worker.pointee.tables.fib
        var selected = 0
        var position = 0
        while position < worker.pointee.incomingCount {
            let end = Int(own.endOfRun[position])
            let root = ipv6Root(Int(own.incoming[position]), worker)
            let runFrom = selected
            while position < end {
                let index = Int(own.incoming[position])
                position &+= 1
                guard burst.flags[index].contains(.isIPv6) else { continue }
                let source = IPv6Header(burst.packet[index]).source.rawValue
                fib.enqueue(ipv6: source, root: root, at: selected, in: own.lookups)
                own.selected[selected] = UInt8(truncatingIfNeeded: index)
                selected &+= 1
            }
            own.endOfLookupRun[runFrom] = UInt8(truncatingIfNeeded: selected)
        }
        fib.lookup(ipv6: own.lookups, count: selected, results: own.nextHop)
        check(own.selected, count: selected, isIPv6: true, worker)
    }

    /// Do the routes that were found lead back? Mostly all sources of an interface have one next hop.
    ///
    /// - Parameter packets: in the order of the next hops that were found.
    @_noLocks @inline(__always)
    private static func check(
        _ packets: UnsafeMutablePointer<UInt8>, count: Int, isIPv6: Bool, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let own = worker.pointee.serviceBurst
        var position = 0
        while position < count {
            let runEnd = Int(own.endOfLookupRun[position])
            let nextHop = own.nextHop[position]
            var differences: UInt32 = 0
            var other = position
            while other < runEnd {
                differences |= own.nextHop[other] ^ nextHop
                other &+= 1
            }
            if differences != 0 || !isAccepted(Int(packets[position]), nextHop, isIPv6: isIPv6, worker) {
                refuse(packets, from: position, to: runEnd, isIPv6: isIPv6, worker)
            }
            position = runEnd
        }
    }

    /// Drops those of a run whose source does not pass.
    @_noLocks @inline(never)
    private static func refuse(
        _ packets: UnsafeMutablePointer<UInt8>, from start: Int, to end: Int, isIPv6: Bool,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let own = worker.pointee.serviceBurst
        var nextHop = own.nextHop[start]
        var passes = isAccepted(Int(packets[start]), nextHop, isIPv6: isIPv6, worker)
        var position = start
        while position < end {
            let index = Int(packets[position])
            // What was found for the packet before holds for one of its route.
            if own.nextHop[position] != nextHop {
                nextHop = own.nextHop[position]
                passes = isAccepted(index, nextHop, isIPv6: isIPv6, worker)
            }
            if !passes { worker.pointee.refuse(index, .reversePathFailed, .incoming) }
            position &+= 1
        }
    }

    @_noLocks @inline(__always)
    private static func mode(of services: UnsafePointer<stile_services>, isIPv6: Bool) -> UInt8 {
        isIPv6 ? services.pointee.source_check_ipv6 : services.pointee.source_check_ipv4
    }

    /// The root that sources of an interface are looked up from: without the default route, which the root's next hop is,
    /// where that is no route to a source, and without any where sources are not checked.
    ///
    /// - Parameters:
    ///   - services: of the interface.
    ///   - root: of its VRF.
    @_noLocks @inline(__always)
    static func ipv4Root(_ services: UnsafePointer<stile_services>, root: UInt64) -> UInt64 {
        guard services.pointee.source_check_ipv4 != UInt8(STILE_SOURCE_CHECK_OFF.rawValue) else { return 0 }
        return services.pointee.allows_default_ipv4 == 0 ? withoutDefault(root) : root
    }

    @_noLocks @inline(__always)
    private static func ipv6Root(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) -> UInt64 {
        let services = worker.pointee.serviceBurst.services[index]
        guard services.pointee.source_check_ipv6 != UInt8(STILE_SOURCE_CHECK_OFF.rawValue) else { return 0 }
        let root = worker.pointee.tables.ipv6Root(ofVRF: worker.pointee.burst.vrf[index])
        return services.pointee.allows_default_ipv6 == 0 ? withoutDefault(root) : root
    }

    @_noLocks @inline(__always)
    private static func withoutDefault(_ root: UInt64) -> UInt64 {
        FIBEntry(nextHop: 0, reference: FIBEntry(rawValue: root).reference).rawValue
    }

    /// Whether a packet's source, which is routed to `nextHop`, passes. An unresolved neighbor's next hop names the
    /// interface, too, so that a customer's first packet is not dropped for want of an Ethernet address. The box's own
    /// addresses and discarded prefixes are nobody's sources.
    @_noLocks @inline(__always)
    private static func isAccepted(
        _ index: Int, _ nextHop: UInt32, isIPv6: Bool, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let mode = mode(of: worker.pointee.services(of: index, .incoming), isIPv6: isIPv6)
        guard mode != UInt8(STILE_SOURCE_CHECK_OFF.rawValue) else { return true }
        let route = worker.pointee.tables.nextHop(nextHop)
        guard route.hasInterface else {
            return route.isGroup && isAccepted(index, byMemberOf: route, mode: mode, worker)
        }
        return isAccepted(index, route, mode: mode, worker)
    }

    /// Whether one of a group's members would take a packet back to where this one came from.
    @_noLocks @inline(never)
    private static func isAccepted(
        _ index: Int, byMemberOf group: NextHop, mode: UInt8, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let tables = worker.pointee.tables
        var position: UInt32 = 0
        while true {
            let number = tables.member(of: group, at: position)
            guard number != 0 else { return false }
            let route = tables.nextHop(number)
            if route.hasInterface, isAccepted(index, route, mode: mode, worker) { return true }
            position &+= 1
        }
    }

    /// The same of a next hop that has an interface.
    @_noLocks @inline(__always)
    private static func isAccepted(
        _ index: Int, _ route: NextHop, mode: UInt8, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let egress = worker.pointee.tables.interfaces + Int(route.interface)
        guard egress.pointee.vrf == worker.pointee.burst.vrf[index] else { return false }
        switch mode {
        case UInt8(STILE_SOURCE_CHECK_STRICT.rawValue):
            return egress.pointee.counter == worker.pointee.burst.counter[index]
        // Only behind an NNI do the frames count on another interface as well; what came from the core may go back there.
        case UInt8(STILE_SOURCE_CHECK_FEASIBLE.rawValue):
            return egress.pointee.nni_counter != egress.pointee.counter
                || egress.pointee.counter == worker.pointee.burst.counter[index]
        default: return true
        }
    }
}
