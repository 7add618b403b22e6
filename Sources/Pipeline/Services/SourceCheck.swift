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
            let services = worker.pointee.services(of: first, .incoming)
            guard mode(of: services, isIPv6: isIPv6) != UInt8(STILE_SOURCE_CHECK_OFF.rawValue) else {
                others &+= end &- position
                position = end
                continue
            }
            let root = root(ofVRF: burst.vrf[first], services, isIPv6: isIPv6, worker)
            let firstRead = fib.firstRead(from: root)
            let start = selected
            while position < end {
                let index = Int(own.incoming[position])
                position &+= 1
                guard burst.flags[index].contains(.isIPv6) == isIPv6 else {
                    others &+= 1
                    continue
                }
                let packet = UnsafeRawPointer(burst.packet[index])
                own.selected[selected] = UInt8(truncatingIfNeeded: index)
                own.root[selected] = root
                if isIPv6 {
                    let source = IPv6Header(packet).source.rawValue
                    own.ipv6Address[selected] = source
                    fib.prefetch(ipv6: source, root: root)
                } else {
                    let source = IPv4Header(packet).source.rawValue
                    own.ipv4Address[selected] = source
                    firstRead.prefetch(source)
                }
                selected &+= 1
            }
            if selected > start { own.endOfSelectedRun[start] = UInt8(truncatingIfNeeded: selected) }
        }
        guard selected > 0 else { return others }
        // 2. The routes back.
        if isIPv6 {
            fib.lookup(
                ipv6: own.ipv6Address, roots: own.root, count: selected, results: own.nextHop,
                scratch: worker.pointee.fibScratch)
        } else {
            fib.lookup(
                ipv4: own.ipv4Address, roots: own.root, count: selected, results: own.nextHop,
                scratch: worker.pointee.fibScratch)
        }
        // 3. Do they lead back? Mostly all sources of an interface have one next hop.
        position = 0
        while position < selected {
            let end = Int(own.endOfSelectedRun[position])
            let nextHop = own.nextHop[position]
            var differences: UInt32 = 0
            var other = position
            while other < end {
                differences |= own.nextHop[other] ^ nextHop
                other &+= 1
            }
            if differences != 0 || !isAccepted(Int(own.selected[position]), nextHop, isIPv6: isIPv6, worker) {
                refuse(from: position, to: end, isIPv6: isIPv6, worker)
            }
            position = end
        }
        return others
    }

    /// Drops those of a run whose source does not pass.
    @_noLocks @inline(never)
    private static func refuse(
        from start: Int, to end: Int, isIPv6: Bool, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let own = worker.pointee.serviceBurst
        var nextHop = own.nextHop[start]
        var passes = isAccepted(Int(own.selected[start]), nextHop, isIPv6: isIPv6, worker)
        var position = start
        while position < end {
            let index = Int(own.selected[position])
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

    /// Whether a packet's source, which is routed to `nextHop`, passes. An unresolved neighbor's adjacency names the
    /// interface, too, so that a customer's first packet is not dropped for want of an Ethernet address. The box's own
    /// addresses and discarded prefixes are nobody's sources.
    @_noLocks @inline(__always)
    private static func isAccepted(
        _ index: Int, _ nextHop: UInt32, isIPv6: Bool, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let adjacency = worker.pointee.tables.adjacency(ofNextHop: nextHop)
        let kind = adjacency.pointee.kind
        guard adjacency.pointee.vrf == worker.pointee.burst.vrf[index],
            kind == UInt8(STILE_ADJACENCY_CIRCUIT.rawValue) || kind == UInt8(STILE_ADJACENCY_LABELLED.rawValue)
                || kind == UInt8(STILE_ADJACENCY_GLEAN.rawValue) || kind == UInt8(STILE_ADJACENCY_UNREACHABLE.rawValue)
        else { return false }
        switch mode(of: worker.pointee.services(of: index, .incoming), isIPv6: isIPv6) {
        case UInt8(STILE_SOURCE_CHECK_STRICT.rawValue):
            return adjacency.pointee.counter == worker.pointee.burst.counter[index]
        // Only behind an NNI do the frames count on another interface as well.
        case UInt8(STILE_SOURCE_CHECK_FEASIBLE.rawValue):
            return adjacency.pointee.nni_counter != adjacency.pointee.counter
        default: return true
        }
    }
}
