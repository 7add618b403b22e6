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
        check(isIPv6: false, worker)
        check(isIPv6: true, worker)
    }

    @_noLocks @inline(__always)
    private static func check(isIPv6: Bool, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        let tables = worker.pointee.tables
        // 1. The sources that are to be looked up.
        var selected = 0
        var position = 0
        while position < worker.pointee.incomingCount {
            let index = Int(own.incoming[position])
            position &+= 1
            let services = tables.services + Int(own.services[index])
            let mode = isIPv6 ? services.pointee.source_check_ipv6 : services.pointee.source_check_ipv4
            guard mode != UInt8(STILE_SOURCE_CHECK_OFF.rawValue), burst.flags[index].contains(.isIPv6) == isIPv6 else {
                continue
            }
            let packet = UnsafeRawPointer(burst.packet[index])
            let vrf = burst.vrf[index]
            var root = FIBEntry(rawValue: isIPv6 ? tables.ipv6Root(ofVRF: vrf) : tables.ipv4Root(ofVRF: vrf))
            let allowsDefault =
                isIPv6 ? services.pointee.allows_default_ipv6 : services.pointee.allows_default_ipv4
            // The next hop of the root is the default route.
            if allowsDefault == 0 { root = FIBEntry(nextHop: 0, reference: root.reference) }
            own.selected[selected] = UInt8(truncatingIfNeeded: index)
            own.root[selected] = root.rawValue
            if isIPv6 {
                own.ipv6Address[selected] = IPv6Header(packet).source.rawValue
                tables.fib.prefetch(ipv6: own.ipv6Address[selected], root: root.rawValue)
            } else {
                own.ipv4Address[selected] = IPv4Header(packet).source.rawValue
                tables.fib.prefetch(ipv4: own.ipv4Address[selected], root: root.rawValue)
            }
            selected &+= 1
        }
        guard selected > 0 else { return }
        // 2. The routes back.
        if isIPv6 {
            tables.fib.lookup(
                ipv6: own.ipv6Address, roots: own.root, count: selected, results: own.nextHop,
                scratch: worker.pointee.fibScratch)
        } else {
            tables.fib.lookup(
                ipv4: own.ipv4Address, roots: own.root, count: selected, results: own.nextHop,
                scratch: worker.pointee.fibScratch)
        }
        // 3. Does the route lead back?
        position = 0
        while position < selected {
            let index = Int(own.selected[position])
            let services = tables.services + Int(own.services[index])
            let mode = isIPv6 ? services.pointee.source_check_ipv6 : services.pointee.source_check_ipv4
            let adjacency = tables.adjacency(ofNextHop: own.nextHop[position])
            if !isAccepted(mode, adjacency, vrf: burst.vrf[index], counter: burst.counter[index]) {
                worker.pointee.refuse(index, .reversePathFailed)
            }
            position &+= 1
        }
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
