import ForwardingTables

/// What the data plane's counters showed when an operator cleared them, or when their numbers came to new names: the
/// counters themselves only ever rise, and are not stiled's to write.
struct CounterBaselines: Equatable {
    /// By the number of the hit counter. Never 0, as the next two.
    var hits: [UInt32: UInt64] = [:]
    /// By class instance, for `show`.
    var classes: [UInt32: ClassCounters] = [:]
    /// By class instance, for accounting, which nobody clears.
    var accounts: [UInt32: ClassCounters] = [:]
    /// By worker.
    var flowCaches: [UInt32: FlowCacheCounters] = [:]

    init() {}

    // MARK: Reading

    func hits(_ number: UInt32, in reader: DataplaneReader?) -> UInt64 {
        guard let reader else { return 0 }
        return reader.accessHits(Int(number)) &- (hits[number] ?? 0)
    }

    /// Since the counters were cleared.
    func counters(ofClass number: UInt32, in reader: DataplaneReader?) -> ClassCounters {
        guard let reader else { return ClassCounters() }
        return reader.classCounters(Int(number)).subtracting(classes[number])
    }

    /// Since the number came to its name.
    func account(ofClass number: UInt32, in reader: DataplaneReader?) -> ClassCounters {
        guard let reader else { return ClassCounters() }
        return reader.classCounters(Int(number)).subtracting(accounts[number])
    }

    /// Since the counters were cleared.
    func flowCache(_ worker: Int, _ counters: FlowCacheCounters) -> FlowCacheCounters {
        counters.since(flowCaches[UInt32(clamping: worker)])
    }

    // MARK: Changing

    /// Forgets everything when counters have begun at zero: the data plane makes its segment anew when it has another
    /// number of workers, and after a start of the machine. Call it often enough that they cannot have risen so far again.
    mutating func noticeReset(in reader: DataplaneReader) {
        let isReset =
            hits.contains { reader.accessHits(Int($0.key)) < $0.value }
            || [classes, accounts].joined().contains { reader.classCounters(Int($0.key)).isBelow($0.value) }
            || flowCaches.contains { worker, cleared in
                guard let counters = reader.worker(Int(worker)).map(FlowCacheCounters.init) else { return true }
                return zip(counters.numbers, cleared.numbers).contains { $0 < $1 }
            }
        if isReset { self = CounterBaselines() }
    }

    mutating func clearHits(_ numbers: some Sequence<UInt32>, in reader: DataplaneReader) {
        for number in numbers {
            let value = reader.accessHits(Int(number))
            hits[number] = value == 0 ? nil : value
        }
    }

    mutating func clearClasses(_ numbers: some Sequence<UInt32>, in reader: DataplaneReader) {
        for number in numbers {
            let value = reader.classCounters(Int(number))
            classes[number] = value == ClassCounters() ? nil : value
        }
    }

    mutating func clearFlowCache(_ worker: Int, _ counters: FlowCacheCounters) {
        flowCaches[UInt32(clamping: worker)] = counters
    }

    /// Numbers that have come to names which they did not belong to count from here.
    mutating func follow(_ new: TableNumbers, from old: TableNumbers, in reader: DataplaneReader?) {
        guard let reader else { return }
        noticeReset(in: reader)
        if new.accessHits != old.accessHits {
            let moved = new.accessHits.numbers.filter { old.accessHits.numbers[$0.key] != $0.value }
            clearHits(moved.values, in: reader)
        }
        if new.classInstances != old.classInstances {
            let moved = new.classInstances.numbers.filter { old.classInstances.numbers[$0.key] != $0.value }
            clearClasses(moved.values, in: reader)
            for number in moved.values { accounts[number] = classes[number] }
        }
    }
}

extension ClassCounters {
    /// Packets and octets since `earlier`.
    func subtracting(_ earlier: ClassCounters?) -> ClassCounters {
        guard let earlier else { return self }
        var result = self
        for colour in result.packets.indices {
            result.packets[colour] &-= earlier.packets[colour]
            result.octets[colour] &-= earlier.octets[colour]
        }
        return result
    }

    /// Whether any counter is below that of `other`.
    func isBelow(_ other: ClassCounters) -> Bool {
        zip(packets + octets, other.packets + other.octets).contains { $0 < $1 }
    }

    /// All colours together.
    var sum: (packets: UInt64, octets: UInt64) { (packets.reduce(0, &+), octets.reduce(0, &+)) }
}
