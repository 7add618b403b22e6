import CTableLayout
import ForwardingTables

/// All that one worker's stages read and write: the tables, the counters, the burst and the rate limits.
///
/// It lives behind a pointer and belongs to one thread. The owner changes `tables` between bursts only.
public struct WorkerState {
    public var tables: TablesReader
    public let burst: Burst
    /// Packets of the current burst.
    public internal(set) var count = 0
    /// Ports that packets of the current burst leave by, one bit each.
    public internal(set) var egressPorts: UInt64 = 0
    /// Raised by the stages, in this worker's part of the data plane's segment.
    public let statistics: UnsafeMutablePointer<stile_worker>
    public var frames: stile_frame_source

    let counters: UnsafeMutablePointer<stile_interface_counters>
    let drops: UnsafeMutablePointer<stile_interface_drops>
    let numbers: CounterNumbers
    let serviceBurst = ServiceBurst()
    let serviceMemory: ServiceMemory
    let policerCredits: PolicerCredits
    /// Whether `serviceMemory` is this worker's to free.
    let ownsServiceMemory: Bool

    /// UTC in milliseconds since 1970, set by the owner before each burst and sweep while `needsTime`.
    public var milliseconds: UInt64 = 0
    /// Whether the packets of this burst are counted in their flows.
    var isMetering = false
    var flows: FlowCache
    var accessLog = AccessLog()

    /// The burst's time, in cycles of the processor's counter.
    var cycles: UInt64 = 0
    /// Compiled access lists, where the owner has them.
    public var classifier = stile_classifier()
    /// Units of 2⁻¹⁸ ns that a cycle takes, in 2⁻³².
    var policerTimeScale: UInt64 = 0
    /// Packets with services: how many there are, what services any of them has (`stile_ingress_feature`,
    /// `stile_egress_feature`); one bit for each of the burst: whose key has been gathered, who was dropped, and who has
    /// its next hop from a route map.
    var incomingCount = 0
    var incomingFeatures: UInt8 = 0
    var outgoingCount = 0
    var outgoingFeatures: UInt8 = 0
    var keyed: UInt64 = 0
    var refused: UInt64 = 0
    var steered: UInt64 = 0
    /// Who has a label that the stages swap, one bit for each of the burst. What else the burst says of them is of the IP
    /// packet under all labels.
    var swapped: UInt64 = 0
    /// Who has the next hop from the label, one bit for each of the burst; its number is in `Burst.steeredNumber`.
    var popped: UInt64 = 0
    /// Frames that the common path has left to the stages.
    var arrivedCount = 0
    var labelledCount = 0
    var admittedCount = 0
    /// Bursts so far.
    var bursts: UInt64 = 0
    /// Whether common packets take the common path; otherwise all take the stages, to the same end.
    package var usesCommonPath = true
    var ipv4Count = 0
    var ipv6Count = 0
    var routedCount = 0
    var departingCount = 0
    var reportedCount = 0

    var puntLimiter: PuntLimiter
    let icmpBuckets: InterfaceBuckets
    var icmpRate = TokenBucket.Rate(intervalCycles: 0)
}

extension WorkerState {
    @_noLocks @inline(__always)
    func isSwapped(_ index: Int) -> Bool { swapped &>> UInt64(truncatingIfNeeded: index) & 1 != 0 }

    /// A worker's state, freed by `destroy`. Until `setRates` is called nothing is punted and no ICMP error is sent.
    ///
    /// - Parameters:
    ///   - counters: this worker's counters, indexed by interface counter number; number 0 counts frames that belong to
    ///     no interface, and stands for every number that is not below `counterCount` (1 or more).
    ///   - drops: indexed as `counters`.
    ///   - frames: where fragments come from and go to.
    ///   - serviceMemory: where services count; `nil`: memory of its own.
    public static func make(
        tables: TablesReader, counters: UnsafeMutablePointer<stile_interface_counters>,
        drops: UnsafeMutablePointer<stile_interface_drops>, counterCount: Int,
        statistics: UnsafeMutablePointer<stile_worker>, frames: stile_frame_source,
        serviceMemory: ServiceMemory? = nil
    ) -> UnsafeMutablePointer<WorkerState> {
        let numbers = CounterNumbers(count: counterCount)
        let worker = UnsafeMutableRawPointer.allocate(byteCount: MemoryLayout<WorkerState>.stride, alignment: 64)
            .bindMemory(to: WorkerState.self, capacity: 1)
        worker.initialize(
            to: WorkerState(
                tables: tables, burst: Burst(), statistics: statistics, frames: frames, counters: counters,
                drops: drops, numbers: numbers,
                serviceMemory: serviceMemory ?? .make(),
                policerCredits: PolicerCredits(workers: Int(tables.header.pointee.worker_count)),
                ownsServiceMemory: serviceMemory == nil, flows: FlowCache(),
                puntLimiter: PuntLimiter(numbers), icmpBuckets: InterfaceBuckets(numbers)))
        return worker
    }

    /// Frees what `make` allocated. The pointer must not be used afterwards.
    public static func destroy(_ worker: UnsafeMutablePointer<WorkerState>) {
        worker.pointee.burst.deallocate()
        worker.pointee.flows.deallocate()
        worker.pointee.accessLog.deallocate()
        worker.pointee.puntLimiter.deallocate()
        worker.pointee.icmpBuckets.deallocate()
        worker.pointee.serviceBurst.deallocate()
        worker.pointee.policerCredits.deallocate()
        if worker.pointee.ownsServiceMemory { worker.pointee.serviceMemory.deallocate() }
        worker.deallocate()
    }

    /// Sets the rates of this worker; buckets keep what they hold.
    ///
    /// - Parameters:
    ///   - puntPacketsPerSecond: eight numbers for one interface: by `PuntClass`, then what known neighbors say of
    ///     themselves, as in `stile_control_header.punt_rate`.
    ///   - puntSumPerSecond: of all interfaces, for the classes that anybody can provoke.
    ///   - icmpPerSecond: ICMP errors per interface.
    ///   - cyclesPerSecond: the frequency of the processor's counter.
    public mutating func setRates(
        puntPacketsPerSecond: UnsafePointer<UInt32>, puntSumPerSecond: UInt32, icmpPerSecond: UInt32,
        cyclesPerSecond: UInt64
    ) {
        puntLimiter.setRates(
            packetsPerSecond: puntPacketsPerSecond, sumPerSecond: puntSumPerSecond, cyclesPerSecond: cyclesPerSecond)
        icmpRate = TokenBucket.Rate(packetsPerSecond: icmpPerSecond, cyclesPerSecond: cyclesPerSecond)
        policerTimeScale = Self.policerTimeScale(cyclesPerSecond: cyclesPerSecond)
    }
}
