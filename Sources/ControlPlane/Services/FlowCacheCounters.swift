import CTableLayout

/// What a worker counts of its flow cache.
struct FlowCacheCounters: Equatable {
    var meteredPackets: UInt64 = 0
    var cacheFullPackets: UInt64 = 0
    var records: UInt64 = 0
    var ringFullTimes: UInt64 = 0
    var lostRecords: UInt64 = 0

    init(_ worker: stile_worker) {
        meteredPackets = worker.flow_packets
        cacheFullPackets = worker.flow_cache_full
        records = worker.flow_records
        ringFullTimes = worker.flow_ring_full
        lostRecords = worker.flow_records_lost
    }

    /// In the order of ``numbers``; `nil` where there are not as many.
    init?(_ numbers: [UInt64]) {
        guard numbers.count == 5 else { return nil }
        meteredPackets = numbers[0]
        cacheFullPackets = numbers[1]
        records = numbers[2]
        ringFullTimes = numbers[3]
        lostRecords = numbers[4]
    }

    var numbers: [UInt64] { [meteredPackets, cacheFullPackets, records, ringFullTimes, lostRecords] }

    /// What has been counted since `earlier`; all of it if that is not of these counters' past.
    func since(_ earlier: FlowCacheCounters?) -> FlowCacheCounters {
        guard let earlier, zip(numbers, earlier.numbers).allSatisfy({ $0 >= $1 }) else { return self }
        return FlowCacheCounters(zip(numbers, earlier.numbers).map { $0 - $1 }) ?? self
    }
}
