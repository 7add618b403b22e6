import CTableLayout
import ForwardingTables

/// The services of the unit or circuit that a packet came in on, in the order of the specification's step 6: source
/// check, access list, policer and marking, policy-based routing. Accounting is the interface's and the classes'
/// counters. What passes goes to the lookup.
enum IngressServices {
    /// Puts a packet on the list.
    @_noLocks @inline(__always)
    static func enqueue(_ index: Int, features: UInt8, _ worker: UnsafeMutablePointer<WorkerState>) {
        stile_prefetch(worker.pointee.tables.interfaces + Int(worker.pointee.burst.interface[index]))
        worker.pointee.serviceBurst.incoming[worker.pointee.incomingCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.incomingCount &+= 1
        worker.pointee.incomingFeatures |= features
    }

    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let own = worker.pointee.serviceBurst
        let count = worker.pointee.incomingCount
        let features = worker.pointee.incomingFeatures
        worker.pointee.keyed = 0
        worker.pointee.refused = 0
        divide(count, worker)
        worker.pointee.steered = 0
        // 1. What the label said of the packet's class is the packet's own from here on.
        if has(STILE_INGRESS_UNIFORM_CLASS, features) { takeReceivedClasses(count, worker) }
        // 2. Anti-spoofing.
        if has(STILE_INGRESS_SOURCE_CHECK, features) { SourceCheck.run(worker) }
        // 3. Access list.
        if has(STILE_INGRESS_ACCESS_LIST, features) {
            AccessListCheck.run(own.incoming, count: count, .incoming, worker)
        }
        // 4. Classes: police, mark.
        if has(STILE_INGRESS_POLICY, features) { Policing.run(own.incoming, count: count, .incoming, worker) }
        // 5. Where to by policy, for those that passed.
        if has(STILE_INGRESS_ROUTE_MAP, features) { PolicyRouting.run(worker) }
        // 6. Where to by destination, for the others.
        enqueue(count, worker)
        worker.pointee.incomingCount = 0
        worker.pointee.incomingFeatures = 0
    }

    /// Finds the packets' services, and the runs of packets of one interface.
    @_noLocks @inline(__always)
    private static func divide(_ count: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        var interface: UInt16 = 0
        var services: UInt32 = 0
        var counter: UInt16 = 0
        var start = 0
        var position = 0
        while position < count {
            let index = Int(own.incoming[position])
            if burst.interface[index] != interface {
                interface = burst.interface[index]
                services = worker.pointee.tables.interfaces[Int(interface)].services
                counter = burst.counter[index]
                stile_prefetch(worker.pointee.tables.services + Int(services))
                own.endOfRun[start] = UInt8(truncatingIfNeeded: position)
                start = position
            }
            own.services[index] = services
            own.counter[index] = counter
            position &+= 1
        }
        own.endOfRun[start] = UInt8(truncatingIfNeeded: count)
    }

    /// Puts the packets that no service has dropped or steered into the queue of the lookup.
    @_noLocks @inline(__always)
    private static func enqueue(_ count: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        let decided = worker.pointee.refused | worker.pointee.steered
        var ipv4Count = worker.pointee.ipv4Count
        var vrf: UInt16 = 0
        var root = worker.pointee.tables.ipv4Root(ofVRF: vrf)
        var position = 0
        while position < count {
            let index = Int(own.incoming[position])
            position &+= 1
            guard decided &>> UInt64(truncatingIfNeeded: index) & 1 == 0 else { continue }
            if burst.vrf[index] != vrf {
                vrf = burst.vrf[index]
                root = worker.pointee.tables.ipv4Root(ofVRF: vrf)
            }
            let packet = UnsafeRawPointer(burst.packet[index])
            if burst.flags[index].contains(.isIPv6) {
                Lookup.enqueue(index, packet, vrf: vrf, isIPv6: true, burst, worker)
            } else {
                Lookup.enqueue(ipv4: index, packet, root: root, at: ipv4Count, burst, worker)
                ipv4Count &+= 1
            }
        }
        worker.pointee.ipv4Count = ipv4Count
    }

    @_noLocks @inline(__always)
    private static func has(_ feature: stile_ingress_feature, _ features: UInt8) -> Bool {
        features & UInt8(feature.rawValue) != 0
    }

    @_noLocks @inline(__always)
    private static func takeReceivedClasses(_ count: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let own = worker.pointee.serviceBurst
        var position = 0
        while position < count {
            let index = Int(own.incoming[position])
            position &+= 1
            let interface = worker.pointee.tables.interfaces + Int(worker.pointee.burst.interface[index])
            if has(STILE_INGRESS_UNIFORM_CLASS, interface.pointee.features),
                worker.pointee.burst.flags[index].contains(.cameFromNNI)
            {
                Marking.takeReceivedTrafficClass(index, worker)
            }
        }
    }
}
