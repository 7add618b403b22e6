import CTableLayout
import ForwardingTables
import PacketFormats

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
        let list = worker.pointee.serviceBurst.incoming
        let features = worker.pointee.incomingFeatures
        worker.pointee.keyed = 0
        worker.pointee.refused = 0
        worker.pointee.steered = 0
        worker.pointee.divideIntoRuns(list, count: worker.pointee.incomingCount, .incoming)
        // 1. What the label said of the packet's class is the packet's own from here on.
        if has(STILE_INGRESS_UNIFORM_CLASS, features) { takeReceivedClasses(worker) }
        // 2. Anti-spoofing.
        if has(STILE_INGRESS_SOURCE_CHECK, features) {
            SourceCheck.run(worker)
            keepUndecided(worker)
        }
        // 3. Access list.
        if has(STILE_INGRESS_ACCESS_LIST, features) {
            AccessListCheck.run(list, count: worker.pointee.incomingCount, .incoming, worker)
            keepUndecided(worker)
        }
        // 4. Classes: police, mark.
        if has(STILE_INGRESS_POLICY, features) {
            Policing.run(list, count: worker.pointee.incomingCount, .incoming, worker)
            keepUndecided(worker)
        }
        // 5. Where to by policy, for those that passed.
        if has(STILE_INGRESS_ROUTE_MAP, features) {
            PolicyRouting.run(worker)
            keepUndecided(worker)
            enqueueOneByOne(worker)
        } else {
            // 6. Where to by destination, for the others.
            enqueue(worker)
        }
        worker.pointee.incomingCount = 0
        worker.pointee.incomingFeatures = 0
    }

    /// Leaves on the list whom no service has dropped or steered.
    @_noLocks @inline(__always)
    private static func keepUndecided(_ worker: UnsafeMutablePointer<WorkerState>) {
        let gone = worker.pointee.refused | worker.pointee.steered
        worker.pointee.refused = 0
        worker.pointee.steered = 0
        worker.pointee.incomingCount = worker.pointee.keep(
            worker.pointee.serviceBurst.incoming, count: worker.pointee.incomingCount, without: gone, .incoming)
    }

    /// Puts the packets into the queue of the lookup, those of a run by the root of their interface's VRF.
    @_noLocks @inline(__always)
    private static func enqueue(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        let count = worker.pointee.incomingCount
        var ipv4Count = worker.pointee.ipv4Count
        var position = 0
        while position < count {
            let end = Int(own.endOfRun[position])
            let vrf = burst.vrf[Int(own.incoming[position])]
            let root = worker.pointee.tables.ipv4Root(ofVRF: vrf)
            let firstRead = worker.pointee.tables.fib.firstRead(from: root)
            while position < end {
                let index = Int(own.incoming[position])
                position &+= 1
                let packet = UnsafeRawPointer(burst.packet[index])
                guard !burst.flags[index].contains(.isIPv6) else {
                    Lookup.enqueue(index, packet, vrf: vrf, isIPv6: true, burst, worker)
                    continue
                }
                let destination = IPv4Header(packet).destination.rawValue
                firstRead.prefetch(destination)
                burst.ipv4Index[ipv4Count] = UInt8(truncatingIfNeeded: index)
                burst.ipv4Root[ipv4Count] = root
                burst.ipv4Destination[ipv4Count] = destination
                ipv4Count &+= 1
            }
        }
        worker.pointee.ipv4Count = ipv4Count
    }

    /// As `enqueue`, where a route map may have put packets of one interface into several VRFs.
    @_noLocks @inline(__always)
    private static func enqueueOneByOne(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        var position = 0
        while position < worker.pointee.incomingCount {
            let index = Int(own.incoming[position])
            position &+= 1
            Lookup.enqueue(
                index, burst.packet[index], vrf: burst.vrf[index], isIPv6: burst.flags[index].contains(.isIPv6), burst,
                worker)
        }
    }

    @_noLocks @inline(__always)
    private static func has(_ feature: stile_ingress_feature, _ features: UInt8) -> Bool {
        features & UInt8(feature.rawValue) != 0
    }

    @_noLocks @inline(__always)
    private static func takeReceivedClasses(_ worker: UnsafeMutablePointer<WorkerState>) {
        let own = worker.pointee.serviceBurst
        var position = 0
        while position < worker.pointee.incomingCount {
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
