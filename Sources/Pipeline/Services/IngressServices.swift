import CTableLayout
import ForwardingTables

/// The services of the unit or circuit that a packet came in on, in the order of the specification's step 6: source
/// check, access list, policer and marking, policy-based routing. Accounting is the interface's and the classes'
/// counters. What passes goes to the lookup.
enum IngressServices {
    /// Puts a packet on the list.
    @_noLocks @inline(__always)
    static func enqueue(_ index: Int, features: UInt8, _ worker: UnsafeMutablePointer<WorkerState>) {
        worker.pointee.serviceBurst.incoming[worker.pointee.incomingCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.incomingCount &+= 1
        worker.pointee.incomingFeatures |= features
    }

    /// Brings the list into the order of the burst, where two paths have put packets on it: a policer takes those of an
    /// interface as they came.
    @_noLocks @inline(never)
    static func restoreOrder(_ worker: UnsafeMutablePointer<WorkerState>) {
        let list = worker.pointee.serviceBurst.incoming
        var waiting: UInt64 = 0
        var position = 0
        while position < worker.pointee.incomingCount {
            waiting |= 1 &<< UInt64(list[position])
            position &+= 1
        }
        position = 0
        while waiting != 0 {
            list[position] = UInt8(truncatingIfNeeded: waiting.trailingZeroBitCount)
            waiting &= waiting &- 1
            position &+= 1
        }
    }

    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let list = worker.pointee.serviceBurst.incoming
        let features = worker.pointee.incomingFeatures
        worker.pointee.keyed = 0
        worker.pointee.refused = 0
        worker.pointee.steered = 0
        if has(STILE_INGRESS_FROM_OPERATOR, features) { OperatorCircuit.markIncoming(worker) }
        let taken = ServiceIntake(queuesSources: has(STILE_INGRESS_SOURCE_CHECK, features), worker)
        // 1. What the label said of the packet's class is the packet's own from here on.
        if has(STILE_INGRESS_UNIFORM_CLASS, features) { takeReceivedClasses(worker) }
        // 2. Anti-spoofing.
        if has(STILE_INGRESS_SOURCE_CHECK, features) {
            ReversePathCheck.run(taken, worker)
            keepPassed(worker)
        }
        // 3. Access list.
        if has(STILE_INGRESS_ACCESS_LIST, features) {
            AccessListCheck.run(list, count: worker.pointee.incomingCount, .incoming, worker)
            keepPassed(worker)
        }
        // 4. Classes: police, mark.
        if has(STILE_INGRESS_POLICY, features) {
            Policing.run(list, count: worker.pointee.incomingCount, .incoming, worker)
            keepPassed(worker)
        }
        // 5. Where to by policy, for those that passed; by destination, for the others.
        if has(STILE_INGRESS_ROUTE_MAP, features) {
            PolicyRouting.run(worker)
            // Some are in another VRF now.
            Lookup.requeue(without: worker.pointee.refused | worker.pointee.steered, worker)
        }
        // 6. Out by the next hop of the label, whom no route map has sent elsewhere.
        if worker.pointee.popped != 0 { routePopped(worker) }
        worker.pointee.incomingCount = 0
        worker.pointee.incomingFeatures = 0
    }

    /// Takes those out of the queue of the lookup whose label has the next hop, and routes them by that. Whom a route
    /// map has sent into a VRF, of its own or another, has it from its label no longer (`PolicyRouting`).
    @_noLocks @inline(never)
    private static func routePopped(_ worker: UnsafeMutablePointer<WorkerState>) {
        let gone = worker.pointee.refused | worker.pointee.steered
        var position = 0
        while position < worker.pointee.incomingCount {
            let index = Int(worker.pointee.serviceBurst.incoming[position])
            position &+= 1
            guard worker.pointee.isPopped(index), gone &>> UInt64(truncatingIfNeeded: index) & 1 == 0 else { continue }
            LabelPop.route(index, worker)
        }
        Lookup.requeue(without: gone | worker.pointee.popped, worker)
    }

    /// Leaves on the list, and in the queue of the lookup, whom no service has dropped.
    @_noLocks @inline(__always)
    private static func keepPassed(_ worker: UnsafeMutablePointer<WorkerState>) {
        let gone = worker.pointee.refused
        guard gone != 0 else { return }
        worker.pointee.refused = 0
        worker.pointee.incomingCount = worker.pointee.shorten(
            worker.pointee.serviceBurst.incoming, count: worker.pointee.incomingCount, without: gone, .incoming)
        Lookup.requeue(without: gone, worker)
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
                worker.pointee.burst.flags[index].contains(.cameLabelled)
            {
                Marking.takeReceivedTrafficClass(index, worker)
            }
        }
    }
}
