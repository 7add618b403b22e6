import CTableLayout
import ForwardingTables

/// The services of the unit or circuit that a packet came in on, in the order of the specification's step 6: source
/// check, access list, policer and marking. Accounting is the interface's and the classes'
/// counters. What passes goes to the lookup.
enum IngressServices {
    /// Puts a packet on the list.
    @_noLocks @inline(__always)
    static func enqueue(_ index: Int, features: UInt8, _ worker: UnsafeMutablePointer<WorkerState>) {
        let own = worker.pointee.serviceBurst
        let interface = worker.pointee.tables.interfaces + Int(worker.pointee.burst.interface[index])
        let services = interface.pointee.services
        stile_prefetch(worker.pointee.tables.services + Int(services))
        own.enter(index, services: services, of: worker.pointee.burst.counter[index])
        own.incoming[worker.pointee.incomingCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.incomingCount &+= 1
        worker.pointee.incomingFeatures |= features
    }

    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        let count = worker.pointee.incomingCount
        let features = worker.pointee.incomingFeatures
        worker.pointee.keyed = 0
        worker.pointee.refused = 0
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
        // 5. Where to, for those that passed.
        var position = 0
        while position < count {
            let index = Int(own.incoming[position])
            position &+= 1
            guard !worker.pointee.isRefused(index) else { continue }
            let isIPv6 = burst.flags[index].contains(.isIPv6)
            Lookup.enqueue(index, burst.packet[index], vrf: burst.vrf[index], isIPv6: isIPv6, burst, worker)
        }
        worker.pointee.incomingCount = 0
        worker.pointee.incomingFeatures = 0
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
