import CTableLayout
import ForwardingTables
import PacketFormats

/// Access lists: which rule decides about each packet, and what it says. Short lists stand in the tables as bit vectors,
/// which are asked packet by packet; lists that the owner has compiled are asked for a run of packets at once, others are
/// read rule by rule.
enum AccessListCheck {
    /// Drops those of the `count` packets on `list` that their access list denies.
    @_noLocks @inline(__always)
    static func run(
        _ list: UnsafeMutablePointer<UInt8>, count: Int, _ direction: ServiceSide,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let others = settleCommon(list, count: count, direction, worker)
        if others > 0 { settleOthers(others, direction, worker) }
    }

    /// The common IPv4 packets whose list stands in the tables as bit vectors, without their keys. Returns how many others
    /// there are, which are in `ServiceBurst.others`.
    @_noLocks @inline(__always)
    private static func settleCommon(
        _ list: UnsafeMutablePointer<UInt8>, count: Int, _ direction: ServiceSide,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Int {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        var others = 0
        var position = 0
        while position < count {
            let accessList = listOfRun(list[position], direction, worker)
            // Customers share lists: runs of one list are asked at once.
            var end = Int(own.endOfRun[position])
            while end < count, listOfRun(list[end], direction, worker) == accessList { end = Int(own.endOfRun[end]) }
            let vectors = AccessListBits(
                of: worker.pointee.tables.accessLists + Int(accessList), in: worker.pointee.tables.accessVectors)
            if vectors.isShort {
                others = settleShort(
                    vectors, list + position, count: end &- position, accessList, others: others, direction, worker)
                position = end
                continue
            }
            let isCompiled = vectors.isCompiled
            var selected = 0
            while position < end {
                let index = list[position]
                position &+= 1
                let packet = UnsafeRawPointer(burst.packet[Int(index)])
                if isCompiled, AccessListBits.isCommon(packet, length: burst.packetLength[Int(index)]) {
                    own.selected[selected] = index
                    own.selectedPacket[selected] = packet
                    selected &+= 1
                } else {
                    own.others[others] = index
                    others &+= 1
                }
            }
            guard selected > 0 else { continue }
            vectors.findRules(
                of: own.selectedPacket, count: selected, positions: own.position, rules: own.matchingRules)
            settle(selected, accessList, direction, worker)
        }
        return others
    }

    /// As `settleCommon`, a run whose list's rules all stand in one word. Out of line, so that all of it stays in
    /// registers.
    @_noLocks @inline(never)
    private static func settleShort(
        _ vectors: AccessListBits, _ list: UnsafeMutablePointer<UInt8>, count: Int, _ accessList: UInt32,
        others othersBefore: Int, _ direction: ServiceSide, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Int {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        let vectors = ShortAccessList(vectors)
        var others = othersBefore
        var deciding: UInt64 = 0
        var position = 0
        repeat {
            let index = list[position]
            let packet = UnsafeRawPointer(burst.packet[Int(index)])
            let rules = vectors.rulesByService(of: packet, length: burst.packetLength[Int(index)])
            if rules == 0 {
                own.others[others] = index
                others &+= 1
            }
            own.matchingRules[position] = rules
            deciding |= ShortAccessList.lowest(of: rules)
            position &+= 1
        } while position < count
        deciding = vectors.findRules(deciding, list, count: count, burst.packet, rules: own.matchingRules)
        // Mostly one rule takes them all.
        let isOne = others == othersBefore && deciding & (deciding &- 1) == 0
        if !isOne || !pass(count, by: deciding, accessList, worker) {
            settleEach(list, count: count, accessList, direction, worker)
        }
        return others
    }

    /// Counts `count` packets that one rule takes, if it lets them pass and that is all.
    @_noLocks @inline(__always)
    private static func pass(
        _ count: Int, by bit: UInt64, _ accessList: UInt32, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let first = worker.pointee.tables.accessLists[Int(accessList)].first_rule
        let number = first &+ UInt32(truncatingIfNeeded: bit.trailingZeroBitCount)
        let rule = worker.pointee.tables.accessRules + Int(number)
        guard rule.pointee.permits != 0, rule.pointee.logs == 0 else { return false }
        worker.pointee.serviceBurst.rule.pointee = number
        stile_count_hits(
            worker.pointee.serviceMemory.accessHits, rule.pointee.hits, UInt64(truncatingIfNeeded: count))
        return true
    }

    /// As `settle`, for those of a run whose rules have been found in one word.
    @_noLocks @inline(never)
    private static func settleEach(
        _ list: UnsafeMutablePointer<UInt8>, count: Int, _ accessList: UInt32, _ direction: ServiceSide,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let own = worker.pointee.serviceBurst
        var selected = 0
        var position = 0
        while position < count {
            let rules = own.matchingRules[position]
            own.selected[selected] = list[position]
            own.position[selected] = UInt32(truncatingIfNeeded: rules.trailingZeroBitCount)
            selected &+= rules == 0 ? 0 : 1
            position &+= 1
        }
        if selected > 0 { settle(selected, accessList, direction, worker) }
    }

    /// All other packets by their keys; those of one list that follow each other are asked for together.
    @_noLocks @inline(never)
    private static func settleOthers(
        _ count: Int, _ direction: ServiceSide, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        var selected = 0
        var current: UInt32 = 0
        var position = 0
        while position < count {
            let index = Int(own.others[position])
            position &+= 1
            let lists = lists(of: worker.pointee.services(of: index, direction), direction)
            let accessList = burst.flags[index].contains(.isIPv6) ? lists.ipv6 : lists.ipv4
            guard accessList != 0 else { continue }
            let key = worker.pointee.flowKey(of: index)
            guard !FlowKey.isRefused(key) else {
                worker.pointee.refuse(index, .fragmentRefused, direction)
                continue
            }
            if accessList != current {
                decide(current, count: selected, direction, worker)
                current = accessList
                selected = 0
            }
            own.selected[selected] = UInt8(truncatingIfNeeded: index)
            own.selectedKey[selected] = UnsafePointer(key)
            selected &+= 1
        }
        decide(current, count: selected, direction, worker)
    }

    /// The IPv4 list of a run, by its first packet.
    @_noLocks @inline(__always)
    private static func listOfRun(
        _ first: UInt8, _ direction: ServiceSide, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> UInt32 {
        lists(of: worker.pointee.serviceBurst.services[Int(first)], direction).ipv4
    }

    @_noLocks @inline(__always)
    private static func lists(
        of services: UnsafePointer<stile_services>, _ direction: ServiceSide
    ) -> (ipv4: UInt32, ipv6: UInt32) {
        switch direction {
        case .incoming: (services.pointee.access_list_in_ipv4, services.pointee.access_list_in_ipv6)
        case .outgoing: (services.pointee.access_list_out_ipv4, services.pointee.access_list_out_ipv6)
        }
    }

    /// The first `count` selected packets go by one list.
    @_noLocks @inline(__always)
    private static func decide(
        _ accessList: UInt32, count: Int, _ direction: ServiceSide, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        guard count > 0 else { return }
        findRules(accessList, count: count, worker)
        settle(count, accessList, direction, worker)
    }

    /// What the rules that were found say of the first `count` (1 and up) selected packets.
    @_noLocks @inline(__always)
    private static func settle(
        _ count: Int, _ accessList: UInt32, _ direction: ServiceSide, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let own = worker.pointee.serviceBurst
        let rules = worker.pointee.tables.accessRules
        let firstRule = worker.pointee.tables.accessLists[Int(accessList)].first_rule
        let hits = worker.pointee.serviceMemory.accessHits
        // Packets that the same rule decides about follow each other: they are counted at once.
        var current = firstRule &+ own.position[0]
        var permits = rules[Int(current)].permits != 0
        var logs = rules[Int(current)].logs != 0
        var hitCount: UInt64 = 0
        var position = 0
        while position < count {
            let index = Int(own.selected[position])
            let rule = firstRule &+ own.position[position]
            position &+= 1
            if rule != current {
                stile_count_hits(hits, rules[Int(current)].hits, hitCount)
                current = rule
                permits = rules[Int(rule)].permits != 0
                logs = rules[Int(rule)].logs != 0
                hitCount = 0
            }
            hitCount &+= 1
            if logs { worker.pointee.logAccess(index, list: accessList, hits: rules[Int(rule)].hits, direction) }
            if !permits { worker.pointee.refuse(index, .accessListDenied, direction) }
        }
        own.rule.pointee = current
        stile_count_hits(hits, rules[Int(current)].hits, hitCount)
    }

    @_noLocks @inline(__always)
    private static func findRules(_ accessList: UInt32, count: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let own = worker.pointee.serviceBurst
        let list = worker.pointee.tables.accessLists + Int(accessList)
        let vectors = AccessListBits(of: list, in: worker.pointee.tables.accessVectors)
        var position = 0
        if vectors.isCompiled {
            let isIPv6 = list.pointee.family == 6
            while position < count {
                if let key = own.selectedKey[position] {
                    own.position[position] = vectors.firstMatch(key, isIPv6: isIPv6)
                }
                position &+= 1
            }
            return
        }
        if stile_classify(
            &worker.pointee.classifier, accessList, list.pointee.serial, own.selectedKey, own.position,
            UInt32(truncatingIfNeeded: count)) != 0
        {
            return
        }
        let rules = worker.pointee.tables.accessRules + Int(list.pointee.first_rule)
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
