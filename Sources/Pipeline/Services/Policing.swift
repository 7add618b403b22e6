import CTableLayout
import ForwardingTables
import PacketFormats

/// Policies: each packet's class, what the class's policer says of it, and what is written into it.
enum Policing {
    /// Polices and marks the `count` packets on `list`.
    @_noLocks @inline(__always)
    static func run(
        _ list: UnsafeMutablePointer<UInt8>, count: Int, _ direction: ServiceSide,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let own = worker.pointee.serviceBurst
        fetchPolicers(list, count: count, direction, worker)
        var position = 0
        while position < count {
            let end = Int(own.endOfRun[position])
            let services = own.services[Int(list[position])]
            let classes = classes(of: services, direction)
            let isOne =
                classes.count > 0 && worker.pointee.tables.policyClasses[Int(classes.first)].match.criterion_count == 0
            if isOne {
                runOne(
                    classes.first, list + position, count: end &- position, octets: own.octetsOfRun[position],
                    direction, worker)
            } else {
                runSeveral(classes, list + position, count: end &- position, direction, worker)
            }
            position = end
        }
    }

    /// Fetches what the runs' first classes count and pay from (`Bench/run pipeline --services all` with 1,000 VRFs).
    @_noLocks @inline(__always)
    private static func fetchPolicers(
        _ list: UnsafeMutablePointer<UInt8>, count: Int, _ direction: ServiceSide,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let own = worker.pointee.serviceBurst
        let memory = worker.pointee.serviceMemory
        var position = 0
        while position < count {
            let first = classes(of: own.services[Int(list[position])], direction).first
            position = Int(own.endOfRun[position])
            let instance = Int(worker.pointee.tables.policyClasses[Int(first)].instance)
            worker.pointee.policerCredits.prefetch(instance: instance)
            stile_prefetch_for_write(memory.classCounters + instance)
        }
    }

    @_noLocks @inline(__always)
    private static func classes(
        of services: UnsafePointer<stile_services>, _ direction: ServiceSide
    ) -> (first: UInt32, count: UInt16) {
        switch direction {
        case .incoming: (services.pointee.classes_in_first, services.pointee.classes_in_count)
        case .outgoing: (services.pointee.classes_out_first, services.pointee.classes_out_count)
        }
    }

    /// All of the packets are of one class.
    ///
    /// - Parameter octets: of the IP packets.
    @_noLocks @inline(__always)
    private static func runOne(
        _ policyClass: UInt32, _ list: UnsafeMutablePointer<UInt8>, count: Int, octets: UInt32,
        _ direction: ServiceSide, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let record = worker.pointee.tables.policyClasses + Int(policyClass)
        worker.pointee.serviceBurst.policyClass.pointee = policyClass
        let account = Int64(record.pointee.policer.account_octets)
        let measured = Int64(octets) &+ Int64(count) &* account
        // A packet measures one octet or more, which the sum has right if an account takes less than the shortest header.
        if account > -Int64(IPv4Header.minimumByteCount),
            passGreen(record, count: count, octets: UInt64(truncatingIfNeeded: measured), worker)
        {
            return
        }
        meterEach(record, list, count: count, direction, worker)
    }

    @_noLocks @inline(never)
    private static func meterEach(
        _ record: UnsafePointer<stile_policy_class>, _ list: UnsafeMutablePointer<UInt8>, count: Int,
        _ direction: ServiceSide, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let own = worker.pointee.serviceBurst
        let account = Int32(record.pointee.policer.account_octets)
        var octets: UInt64 = 0
        var position = 0
        while position < count {
            let index = list[position]
            let measured = measure(worker.pointee.burst.packetLength[Int(index)], account: account)
            own.selected[position] = index
            own.octets[position] = measured
            octets &+= UInt64(measured)
            position &+= 1
        }
        meter(record, count: count, octets: octets, direction, worker)
    }

    /// The packets are of several classes; those of one that follow each other are one run, which asks its policer once.
    @_noLocks @inline(never)
    private static func runSeveral(
        _ classes: (first: UInt32, count: UInt16), _ list: UnsafeMutablePointer<UInt8>, count: Int,
        _ direction: ServiceSide, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let own = worker.pointee.serviceBurst
        let packetLength = worker.pointee.burst.packetLength
        var selected = 0
        var octets: UInt64 = 0
        var current: UInt32 = 0
        var position = 0
        while position < count {
            let index = Int(list[position])
            position &+= 1
            let policyClass = PolicyClassMatch.policyClass(
                of: index, first: classes.first, count: classes.count, worker)
            guard policyClass != 0 else { continue }
            own.policyClass.pointee = policyClass
            if policyClass != current {
                finish(current, count: selected, octets: octets, direction, worker)
                current = policyClass
                selected = 0
                octets = 0
            }
            let record = worker.pointee.tables.policyClasses + Int(policyClass)
            let measured = measure(packetLength[index], account: Int32(record.pointee.policer.account_octets))
            own.selected[selected] = UInt8(truncatingIfNeeded: index)
            own.octets[selected] = measured
            octets &+= UInt64(measured)
            selected &+= 1
        }
        finish(current, count: selected, octets: octets, direction, worker)
    }

    /// A packet's IP length with the account that the policer adds for each; at least 1.
    @_noLocks @inline(__always)
    private static func measure(_ packetLength: UInt16, account: Int32) -> UInt32 {
        UInt32(bitPattern: max(Int32(packetLength) &+ account, 1))
    }

    /// The first `count` selected packets are of one class.
    @_noLocks @inline(__always)
    private static func finish(
        _ policyClass: UInt32, count: Int, octets: UInt64, _ direction: ServiceSide,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        guard count > 0 else { return }
        let record = worker.pointee.tables.policyClasses + Int(policyClass)
        if !passGreen(record, count: count, octets: octets, worker) {
            meter(record, count: count, octets: octets, direction, worker)
        }
    }

    /// Counts `count` packets of a class as green where the worker's credit says that all of them are and nothing else is to
    /// be done with them (`Bench/run pipeline --services all`: one by one costs 20 cycles each).
    @_noLocks @inline(__always)
    private static func passGreen(
        _ record: UnsafePointer<stile_policy_class>, count: Int, octets: UInt64,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let policer = UnsafePointer(policer(of: record))
        let instance = record.pointee.instance
        guard !isGreenTouched(record, policer), instance < UInt32(STILE_MAX_CLASS_INSTANCES) else { return false }
        let memory = worker.pointee.serviceMemory
        guard
            policer.pointee.kind == UInt8(STILE_POLICER_NONE.rawValue)
                || worker.pointee.policerCredits.pay(
                    octets, policer, instance: Int(instance), now: worker.pointee.policerTime)
        else { return false }
        stile_count_class(
            memory.classCounters, instance, STILE_GREEN.rawValue, UInt64(truncatingIfNeeded: count), octets)
        return true
    }

    /// Meters and marks the first `count` selected packets, of one class, one by one unless all are green.
    @_noLocks @inline(never)
    private static func meter(
        _ record: UnsafePointer<stile_policy_class>, count: Int, octets: UInt64, _ direction: ServiceSide,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let own = worker.pointee.serviceBurst
        let memory = worker.pointee.serviceMemory
        let instance = record.pointee.instance
        let policer = UnsafePointer(policer(of: record))
        guard policer.pointee.kind != UInt8(STILE_POLICER_NONE.rawValue), instance < UInt32(STILE_MAX_CLASS_INSTANCES)
        else {
            var position = 0
            while position < count {
                Marking.mark(Int(own.selected[position]), by: record, worker)
                position &+= 1
            }
            stile_count_class(
                memory.classCounters, instance, STILE_GREEN.rawValue, UInt64(truncatingIfNeeded: count), octets)
            return
        }
        let credits = worker.pointee.policerCredits
        let isTouched = isGreenTouched(record, policer)
        var run = credits.begin(
            octets, policer, memory.policers + Int(instance), instance: Int(instance),
            now: worker.pointee.policerTime, isAhead: !isTouched)
        if !isTouched, run.meterAll(octets: octets) {
            credits.keep(run.credit, instance: Int(instance))
            stile_count_class(
                memory.classCounters, instance, STILE_GREEN.rawValue, UInt64(truncatingIfNeeded: count), octets)
            return
        }
        var position = 0
        while position < count {
            let index = Int(own.selected[position])
            let measured = UInt64(own.octets[position])
            position &+= 1
            let colour = run.meter(octets: measured, incoming: incomingColour(of: index, policer, worker))
            stile_count_class(memory.classCounters, instance, colour.number, 1, measured)
            Marking.mark(index, by: record, worker)
            act(on: index, colour, policer, direction, worker)
        }
        run.end()
    }

    /// Whether green packets are looked at one by one: they come with colours, or something is done with them.
    @_noLocks @inline(__always)
    private static func isGreenTouched(
        _ record: UnsafePointer<stile_policy_class>, _ policer: UnsafePointer<stile_policer>
    ) -> Bool {
        policer.pointee.is_colour_aware != 0 || policer.pointee.action.0 != UInt8(STILE_ACTION_TRANSMIT.rawValue)
            || Marking.marks(record)
    }

    // stile_services.h: offset of `policer` in the record.
    @_noLocks @inline(__always)
    private static func policer(of record: UnsafePointer<stile_policy_class>) -> UnsafePointer<stile_policer> {
        (UnsafeRawPointer(record) + 24).assumingMemoryBound(to: stile_policer.self)
    }

    @_noLocks @inline(__always)
    private static func incomingColour(
        of index: Int, _ policer: UnsafePointer<stile_policer>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Colour {
        guard policer.pointee.is_colour_aware != 0 else { return .green }
        if PolicyClassMatch.meets(index, policer.pointee.conform_colour, worker) { return .green }
        let exceed = policer.pointee.exceed_colour
        return exceed.criterion_count > 0 && PolicyClassMatch.meets(index, exceed, worker) ? .yellow : .red
    }

    @_noLocks @inline(__always)
    private static func act(
        on index: Int, _ colour: Colour, _ policer: UnsafePointer<stile_policer>, _ direction: ServiceSide,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let action: UInt8
        let value: UInt8
        switch colour {
        case .green: (action, value) = (policer.pointee.action.0, policer.pointee.action_value.0)
        case .yellow: (action, value) = (policer.pointee.action.1, policer.pointee.action_value.1)
        case .red: (action, value) = (policer.pointee.action.2, policer.pointee.action_value.2)
        }
        switch stile_colour_action(UInt32(action)) {
        case STILE_ACTION_DROP: worker.pointee.refuse(index, .policerExceeded, direction)
        case STILE_ACTION_SET_DSCP: Marking.setDSCP(value & 63, index, worker)
        case STILE_ACTION_SET_TRAFFIC_CLASS: Marking.setTrafficClass(value, index, worker)
        default: return
        }
    }
}
