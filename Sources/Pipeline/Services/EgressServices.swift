import CTableLayout
import ForwardingTables

/// The services of the unit or circuit that a packet leaves by: access list, policer and marking. They hold for every
/// packet, also for one that was held for its next hop or that the box made: a held packet is a customer's.
enum EgressServices {
    /// Puts a packet on the list.
    @_noLocks @inline(__always)
    static func enqueue(
        _ index: Int, _ adjacency: UnsafePointer<stile_adjacency>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let own = worker.pointee.serviceBurst
        stile_prefetch(worker.pointee.tables.services + Int(adjacency.pointee.services))
        own.enter(index, services: adjacency.pointee.services, of: adjacency.pointee.counter)
        own.outgoing[worker.pointee.outgoingCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.outgoingCount &+= 1
        worker.pointee.outgoingFeatures |= adjacency.pointee.features
    }

    /// Runs the services; those that pass stay on the list for Departure, in their order.
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let own = worker.pointee.serviceBurst
        let count = worker.pointee.outgoingCount
        let features = worker.pointee.outgoingFeatures
        worker.pointee.keyed = 0
        worker.pointee.refused = 0
        if features & UInt8(STILE_EGRESS_ACCESS_LIST.rawValue) != 0 {
            AccessListCheck.run(own.outgoing, count: count, .outgoing, worker)
        }
        if features & UInt8(STILE_EGRESS_POLICY.rawValue) != 0 {
            Policing.run(own.outgoing, count: count, .outgoing, worker)
        }
        var kept = 0
        var position = 0
        while position < count {
            let index = own.outgoing[position]
            position &+= 1
            own.outgoing[kept] = index
            kept &+= worker.pointee.isRefused(Int(index)) ? 0 : 1
        }
        worker.pointee.outgoingCount = kept
        worker.pointee.outgoingFeatures = 0
    }
}
