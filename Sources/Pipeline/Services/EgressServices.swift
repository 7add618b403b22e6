import CTableLayout
import ForwardingTables

/// The services of the unit or circuit that a packet leaves by: policy-based routing, access list, policer and marking.
/// All but the first hold for every packet, also for one that was held for its next hop or that the box made: a held
/// packet is a customer's.
enum EgressServices {
    /// Puts a packet on the list.
    @_noLocks @inline(__always)
    static func enqueue(
        _ index: Int, _ egress: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let own = worker.pointee.serviceBurst
        stile_prefetch(worker.pointee.tables.services + Int(egress.pointee.services))
        own.outgoing[worker.pointee.outgoingCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.outgoingCount &+= 1
        worker.pointee.outgoingFeatures |= egress.pointee.egress_features
    }

    /// Runs the services; those that pass stay on the list for Departure, in their order.
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let list = worker.pointee.serviceBurst.outgoing
        worker.pointee.keyed = 0
        worker.pointee.refused = 0
        // First, since those that it sends elsewhere are served as what leaves there.
        if worker.pointee.outgoingFeatures & UInt8(STILE_EGRESS_ROUTE_MAP.rawValue) != 0 {
            EgressPolicyRouting.run(worker)
            keepPassed(worker)
        }
        let features = worker.pointee.outgoingFeatures
        if features & UInt8(STILE_EGRESS_TO_OPERATOR.rawValue) != 0 {
            OperatorCircuit.checkOutgoing(worker)
            keepPassed(worker)
        }
        worker.pointee.divideIntoRuns(list, count: worker.pointee.outgoingCount, .outgoing)
        if features & UInt8(STILE_EGRESS_ACCESS_LIST.rawValue) != 0 {
            AccessListCheck.run(list, count: worker.pointee.outgoingCount, .outgoing, worker)
            keepPassed(worker)
        }
        if features & UInt8(STILE_EGRESS_POLICY.rawValue) != 0 {
            Policing.run(list, count: worker.pointee.outgoingCount, .outgoing, worker)
            keepPassed(worker)
        }
        worker.pointee.outgoingFeatures = 0
    }

    @_noLocks @inline(__always)
    private static func keepPassed(_ worker: UnsafeMutablePointer<WorkerState>) {
        let gone = worker.pointee.refused
        guard gone != 0 else { return }
        worker.pointee.refused = 0
        worker.pointee.outgoingCount = worker.pointee.shorten(
            worker.pointee.serviceBurst.outgoing, count: worker.pointee.outgoingCount, without: gone, .outgoing)
    }
}
