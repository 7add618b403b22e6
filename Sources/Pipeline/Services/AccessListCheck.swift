import CTableLayout
import ForwardingTables
import PacketFormats

/// Access lists: which rule decides about each packet, and what it says. Lists that the owner has compiled are asked for
/// a run of packets at once, others are read rule by rule.
enum AccessListCheck {
    enum Direction {
        case incoming
        case outgoing
    }

    /// Drops those of the `count` packets on `list` that their access list denies.
    @_noLocks @inline(__always)
    static func run(
        _ list: UnsafeMutablePointer<UInt8>, count: Int, _ direction: Direction,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        let tables = worker.pointee.tables
        // Packets of one list that follow each other are one run.
        var selected = 0
        var current: UInt32 = 0
        var position = 0
        while position < count {
            let index = Int(list[position])
            position &+= 1
            guard !worker.pointee.isRefused(index) else { continue }
            let services = tables.services + Int(own.services[index])
            let accessList = accessList(of: services, direction, isIPv6: burst.flags[index].contains(.isIPv6))
            guard accessList != 0 else { continue }
            let key = worker.pointee.flowKey(of: index)
            guard !FlowKey.isRefused(key) else {
                worker.pointee.refuse(index, .fragmentRefused)
                continue
            }
            if accessList != current {
                decide(current, count: selected, worker)
                current = accessList
                selected = 0
            }
            own.selected[selected] = UInt8(truncatingIfNeeded: index)
            own.selectedKey[selected] = UnsafePointer(key)
            selected &+= 1
        }
        decide(current, count: selected, worker)
    }

    @_noLocks @inline(__always)
    private static func accessList(
        of services: UnsafePointer<stile_services>, _ direction: Direction, isIPv6: Bool
    ) -> UInt32 {
        switch direction {
        case .incoming: isIPv6 ? services.pointee.access_list_in_ipv6 : services.pointee.access_list_in_ipv4
        case .outgoing: isIPv6 ? services.pointee.access_list_out_ipv6 : services.pointee.access_list_out_ipv4
        }
    }

    /// The first `count` selected packets go by one list.
    @_noLocks @inline(__always)
    private static func decide(_ accessList: UInt32, count: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        guard count > 0 else { return }
        let own = worker.pointee.serviceBurst
        let tables = worker.pointee.tables
        let list = tables.accessLists + Int(accessList)
        findRules(accessList, count: count, worker)
        var position = 0
        while position < count {
            let index = Int(own.selected[position])
            let rule = list.pointee.first_rule &+ own.position[position]
            let record = tables.accessRules + Int(rule)
            own.rule[index] = rule
            stile_count_hit(worker.pointee.serviceMemory.accessHits, record.pointee.hits)
            if record.pointee.permits == 0 { worker.pointee.refuse(index, .accessListDenied) }
            position &+= 1
        }
    }

    @_noLocks @inline(__always)
    private static func findRules(_ accessList: UInt32, count: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let own = worker.pointee.serviceBurst
        let list = worker.pointee.tables.accessLists + Int(accessList)
        if stile_classify(
            &worker.pointee.classifier, accessList, list.pointee.serial, own.selectedKey, own.position,
            UInt32(truncatingIfNeeded: count)) != 0
        {
            return
        }
        let rules = worker.pointee.tables.accessRules + Int(list.pointee.first_rule)
        var position = 0
        while position < count {
            if let key = own.selectedKey[position] {
                own.position[position] = AccessListScan.firstMatch(
                    key, rules: rules, count: list.pointee.rule_count)
            }
            position &+= 1
        }
    }

    /// Whether a list permits one packet: for class maps and route maps, which count no hits.
    @_noLocks
    static func permits(_ accessList: UInt32, _ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) -> Bool {
        let own = worker.pointee.serviceBurst
        own.selectedKey[0] = UnsafePointer(worker.pointee.flowKey(of: index))
        findRules(accessList, count: 1, worker)
        let list = worker.pointee.tables.accessLists + Int(accessList)
        let rule = worker.pointee.tables.accessRules + Int(list.pointee.first_rule &+ own.position[0])
        return rule.pointee.permits != 0
    }
}
