import CTableLayout
import ForwardingTables
import PacketFormats

/// Unicast reverse path forwarding: would the packet's source be routed back to where the packet came from? Strict and
/// loose as RFC 3704 §2 has them. Feasible after RFC 8704 §3.3 with the VRF's NNIs as the group of interfaces that
/// routes of the same origin may come by: the source is routed to one of them.
enum SourceCheck {
    /// Drops those of the incoming packets whose source does not pass, and keeps the others on the list.
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let others = check(isIPv6: false, worker)
        if others > 0 { _ = check(isIPv6: true, worker) }
    }

    /// Returns how many packets were left out, as those of the other family are.
    @_noLocks @inline(__always)
    private static func check(isIPv6: Bool, _ worker: UnsafeMutablePointer<WorkerState>) -> Int {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        let fib = worker.pointee.tables.fib
        let count = worker.pointee.incomingCount
        // 1. The sources that are to be looked up.
        var selected = 0
        var others = 0
        var position = 0
        while position < count {
            let end = Int(own.endOfRun[position])
            let first = Int(own.incoming[position])
            let services = worker.pointee.tables.services + Int(own.services[first])
            let isChecked = mode(of: services, isIPv6: isIPv6) != UInt8(STILE_SOURCE_CHECK_OFF.rawValue)
            let root = root(ofVRF: burst.vrf[first], services, isIPv6: isIPv6, worker)
            guard isChecked else {
                others &+= end &- position
                position = end
                continue
            }
            while position < end {
                let index = Int(own.incoming[position])
                position &+= 1
                guard burst.flags[index].contains(.isIPv6) == isIPv6 else {
                    others &+= 1
                    continue
                }
                let packet = UnsafeRawPointer(burst.packet[index])
                own.selected[selected] = UInt8(truncatingIfNeeded: index)
                if isIPv6 {
                    fib.enqueue(ipv6: IPv6Header(packet).source.rawValue, root: root, at: selected, in: own.lookups)
                } else {
                    fib.enqueue(ipv4: IPv4Header(packet).source.rawValue, root: root, at: selected, in: own.lookups)
                }
                selected &+= 1
            }
        }
        guard selected > 0 else { return others }
        // 2. The routes back.
        if isIPv6 {
            fib.lookup(ipv6: own.lookups, count: selected, results: own.nextHop)
        } else {
            fib.lookup(ipv4: own.lookups, count: selected, results: own.nextHop)
        }
        // 3. Does the route lead back? What was found for the packet before holds for one of its interface and route.
        var interface: UInt16 = 0
        var nextHop: UInt32 = 0
        var isAccepted = false
        position = 0
        while position < selected {
            let index = Int(own.selected[position])
            if burst.interface[index] != interface || own.nextHop[position] != nextHop {
                interface = burst.interface[index]
                nextHop = own.nextHop[position]
                isAccepted = Self.isAccepted(
                    mode(of: worker.pointee.tables.services + Int(own.services[index]), isIPv6: isIPv6),
                    worker.pointee.tables.adjacency(ofNextHop: nextHop), vrf: burst.vrf[index],
                    counter: burst.counter[index])
            }
            if !isAccepted { worker.pointee.refuse(index, .reversePathFailed) }
            position &+= 1
        }
        return others
    }

    @_noLocks @inline(__always)
    private static func mode(of services: UnsafePointer<stile_services>, isIPv6: Bool) -> UInt8 {
        isIPv6 ? services.pointee.source_check_ipv6 : services.pointee.source_check_ipv4
    }

    /// The root of the VRF's routes, without the default route where that is no route to a source.
    @_noLocks @inline(__always)
    private static func root(
        ofVRF vrf: UInt16, _ services: UnsafePointer<stile_services>, isIPv6: Bool,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> UInt64 {
        let tables = worker.pointee.tables
        let root = FIBEntry(rawValue: isIPv6 ? tables.ipv6Root(ofVRF: vrf) : tables.ipv4Root(ofVRF: vrf))
        let allowsDefault = isIPv6 ? services.pointee.allows_default_ipv6 : services.pointee.allows_default_ipv4
        // The next hop of the root is the default route.
        return allowsDefault == 0 ? FIBEntry(nextHop: 0, reference: root.reference).rawValue : root.rawValue
    }

    /// An unresolved neighbor's adjacency names the interface, too, so that a customer's first packet is not dropped
    /// for want of an Ethernet address. The box's own addresses and discarded prefixes are nobody's sources.
    @_noLocks @inline(__always)
    private static func isAccepted(
        _ mode: UInt8, _ adjacency: UnsafePointer<stile_adjacency>, vrf: UInt16, counter: UInt16
    ) -> Bool {
        let kind = adjacency.pointee.kind
        guard adjacency.pointee.vrf == vrf,
            kind == UInt8(STILE_ADJACENCY_CIRCUIT.rawValue) || kind == UInt8(STILE_ADJACENCY_LABELLED.rawValue)
                || kind == UInt8(STILE_ADJACENCY_GLEAN.rawValue) || kind == UInt8(STILE_ADJACENCY_UNREACHABLE.rawValue)
        else { return false }
        switch mode {
        case UInt8(STILE_SOURCE_CHECK_STRICT.rawValue): return adjacency.pointee.counter == counter
        // Only behind an NNI do the frames count on another interface as well.
        case UInt8(STILE_SOURCE_CHECK_FEASIBLE.rawValue):
            return adjacency.pointee.nni_counter != adjacency.pointee.counter
        default: return true
        }
    }
}
