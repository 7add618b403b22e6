import CTableLayout
import ForwardingTables
import PacketFormats

/// Which class of a policy a packet belongs to: the first whose class map it meets.
enum PolicyClassMatch {
    /// The packet's class among `count` from `first` on, by its index in the tables; 0: none takes it.
    @_noLocks
    static func policyClass(
        of index: Int, first: UInt32, count: UInt16, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> UInt32 {
        var position: UInt32 = 0
        while position < UInt32(count) {
            let candidate = worker.pointee.tables.policyClasses + Int(first &+ position)
            if meets(index, candidate.pointee.match, worker) { return first &+ position }
            position &+= 1
        }
        return 0
    }

    /// A class map without criteria takes all packets.
    @_noLocks @inline(__always)
    static func meets(
        _ index: Int, _ map: stile_class_map, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        guard map.criterion_count > 0 else { return true }
        let requiresAll = map.requires_all != 0
        var position: UInt32 = 0
        while position < UInt32(map.criterion_count) {
            let criterion = worker.pointee.tables.criteria + Int(map.first_criterion &+ position)
            let matches = meets(index, criterion, worker) != (criterion.pointee.negated != 0)
            if matches != requiresAll { return matches }
            position &+= 1
        }
        return requiresAll
    }

    @_noLocks
    private static func meets(
        _ index: Int, _ criterion: UnsafePointer<stile_criterion>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let burst = worker.pointee.burst
        let isIPv6 = burst.flags[index].contains(.isIPv6)
        switch stile_criterion_kind(UInt32(criterion.pointee.kind)) {
        case STILE_CRITERION_ANY: return true
        case STILE_CRITERION_ACCESS_LIST:
            let list = isIPv6 ? criterion.pointee.access_list_ipv6 : criterion.pointee.access_list_ipv4
            return list != 0 && AccessListCheck.permits(list, index, worker)
        case STILE_CRITERION_DSCP:
            let dscp = Marking.dscp(of: burst.packet[index], isIPv6: isIPv6)
            return criterion.pointee.dscps >> UInt64(dscp) & 1 != 0
        case STILE_CRITERION_TRAFFIC_CLASS:
            guard worker.pointee.cameByLabel(index) else { return false }
            let trafficClass = Marking.receivedTrafficClass(at: burst.packet[index])
            return criterion.pointee.traffic_classes >> trafficClass & 1 != 0
        default: return false
        }
    }
}
