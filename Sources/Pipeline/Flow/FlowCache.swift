import CTableLayout
import ForwardingTables

/// The flows that one worker counts: a hash table of a fixed size with open addressing, in memory that the kernel gives
/// when it is first touched.
///
/// A flow stands in the slot that its hash names or in one of the next `probeLimit`, with no free slot in between: so a
/// search ends at the first free slot, and a removal closes the gap that it leaves.
public struct FlowCache {
    /// Slots that are looked at for a packet: the bound on what a flow that finds no room costs.
    public static var probeLimit: Int { @_noLocks get { 64 } }
    /// The size of the data plane's caches: 65,536 slots, of which three quarters are given out.
    public static var defaultSlotBits: Int { 16 }

    /// Flows in the cache.
    public private(set) var count = 0

    private let slots: UnsafeMutablePointer<stile_flow_record>
    private let slotCount: Int
    private let limit: Int
    private let seed: UInt64
    /// By VRF number.
    private let vrfs: UnsafeMutablePointer<VRFState>
    /// For each packet of a burst: the slot that it was counted in, plus 1; 0: not counted.
    private let countedIn: UnsafeMutablePointer<UInt32>
    /// For each packet of a burst: the label stack entry that it came in with; 0: none.
    private let labelStackEntries: UnsafeMutablePointer<UInt32>
    /// Where the next step of the sweep begins, and when the last was.
    private var cursor = 0
    private var sweptMilliseconds: UInt64 = 0

    private struct VRFState {
        /// Packets since one was taken.
        var passed: UInt32
        var flows: UInt32
    }

    /// An empty cache of 2^`slotBits` slots, freed by `deallocate`. Without memory it takes no flow.
    ///
    /// - Parameter seed: the key of the hash, not to be guessed.
    public init(slotBits: Int = FlowCache.defaultSlotBits, seed: UInt64 = .random(in: .min ... .max)) {
        let slotCount = 1 << slotBits
        if let memory = ZeroedPages.take(stile_flow_record.self, count: slotCount) {
            slots = memory
            limit = slotCount / 4 * 3
        } else {
            slots = .allocate(capacity: 1)
            limit = 0
        }
        self.slotCount = slotCount
        self.seed = seed
        vrfs = .allocate(capacity: Int(STILE_MAX_VRFS))
        vrfs.initialize(repeating: VRFState(passed: 0, flows: 0), count: Int(STILE_MAX_VRFS))
        countedIn = .allocate(capacity: Burst.capacity)
        countedIn.initialize(repeating: 0, count: Burst.capacity)
        labelStackEntries = .allocate(capacity: Burst.capacity)
        labelStackEntries.initialize(repeating: 0, count: Burst.capacity)
    }

    public func deallocate() {
        if limit > 0 {
            ZeroedPages.giveBack(slots, count: slotCount)
        } else {
            slots.deallocate()
        }
        vrfs.deallocate()
        countedIn.deallocate()
        labelStackEntries.deallocate()
    }

    // MARK: Counting

    /// Systematic count-based sampling (RFC 5475 §5.1): the last of each `interval` packets of a VRF.
    @_noLocks @inline(__always)
    public func takesPacket(ofVRF vrf: UInt16, interval: UInt32) -> Bool {
        guard interval > 1 else { return true }
        let state = vrfs + Int(vrf)
        state.pointee.passed &+= 1
        guard state.pointee.passed >= interval else { return false }
        state.pointee.passed = 0
        return true
    }

    /// Counts a packet in its flow, and returns the slot of the flow; `nil` where a new flow finds no room.
    ///
    /// - Parameters:
    ///   - octets: of the IP packet.
    ///   - egress: where it leaves.
    ///   - labelStackEntry: that it came in with; 0: none.
    ///   - vrfLimit: most flows of the packet's VRF.
    @_noLocks
    public mutating func add(
        _ key: FlowRecordKey, octets: UInt64, milliseconds: UInt64, tcpFlags: UInt16, egress: FlowEgress,
        labelStackEntry: UInt32, vrfLimit: UInt32
    ) -> Int? {
        let hash = key.hash(seed: seed)
        let mask = slotCount &- 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        var probes = 0
        while probes < Self.probeLimit {
            let record = slots + slot
            if record.pointee.family == 0 {
                guard count < limit, vrfs[Int(key.vrf)].flows < vrfLimit else { return nil }
                key.store(to: UnsafeMutableRawPointer(record))
                record.pointee.packets = 1
                record.pointee.octets = octets
                record.pointee.first_milliseconds = milliseconds
                record.pointee.last_milliseconds = milliseconds
                record.pointee.tcp_flags = tcpFlags
                record.pointee.egress = egress.counter
                record.pointee.egress_vrf = egress.vrf
                record.pointee.egress_label_stack_entry = egress.labelStackEntry
                record.pointee.end_reason = 0
                record.pointee.label_stack_entry = labelStackEntry
                record.pointee.hash = hash
                count &+= 1
                vrfs[Int(key.vrf)].flows &+= 1
                return slot
            }
            if record.pointee.hash == hash, FlowRecordKey(of: UnsafeRawPointer(record)).isSame(as: key) {
                record.pointee.packets &+= 1
                record.pointee.octets &+= octets
                record.pointee.last_milliseconds = max(record.pointee.first_milliseconds, milliseconds)
                record.pointee.tcp_flags |= tcpFlags
                return slot
            }
            slot = (slot &+ 1) & mask
            probes &+= 1
        }
        return nil
    }

    /// Notes where packet `index` of the burst was counted, for `takeBack`.
    @_noLocks @inline(__always)
    func note(_ index: Int, slot: Int) { countedIn[index] = UInt32(truncatingIfNeeded: slot) &+ 1 }

    @_noLocks
    func forgetBurst() {
        countedIn.update(repeating: 0, count: Burst.capacity)
        labelStackEntries.update(repeating: 0, count: Burst.capacity)
    }

    /// Notes the label stack entry that packet `index` of the burst came in with.
    @_noLocks @inline(__always)
    func note(_ index: Int, labelStackEntry: UInt32) { labelStackEntries[index] = labelStackEntry }

    @_noLocks @inline(__always)
    func labelStackEntry(of index: Int) -> UInt32 { labelStackEntries[index] }

    /// Takes packet `index` of the burst out of the flow that it was counted in and returns that flow's key and last
    /// time; `nil` if it was not counted. A flow may be left with no packet: it is not exported.
    @_noLocks
    func takeBack(_ index: Int, octets: UInt64) -> (key: FlowRecordKey, milliseconds: UInt64)? {
        guard countedIn[index] > 0 else { return nil }
        let record = slots + Int(countedIn[index] &- 1)
        countedIn[index] = 0
        record.pointee.packets &-= 1
        record.pointee.octets &-= octets
        return (FlowRecordKey(of: UnsafeRawPointer(record)), record.pointee.last_milliseconds)
    }

    // MARK: Ending

    /// Slots that one millisecond of the sweep looks at: all of them in about half a second.
    private static var slotsPerMillisecond: Int { @_noLocks @inline(__always) get { 128 } }
    /// The longest piece of the sweep that is done at once, in milliseconds of it.
    private static var longestStep: UInt64 { @_noLocks @inline(__always) get { 4 } }

    /// One step of the sweep, of a length that fits the time since the last. To be called in every turn of the loop.
    @_noLocks
    mutating func sweep(
        milliseconds: UInt64, vrfs records: UnsafePointer<stile_vrf>, ring: FlowRing,
        statistics: UnsafeMutablePointer<stile_worker>
    ) {
        guard milliseconds != sweptMilliseconds else { return }
        let passed = min(milliseconds &- sweptMilliseconds, Self.longestStep)
        sweptMilliseconds = milliseconds
        sweep(
            slots: Int(truncatingIfNeeded: passed) &* Self.slotsPerMillisecond, milliseconds: milliseconds,
            vrfs: records, ring: ring, statistics: statistics)
    }

    /// Looks at the next `wanted` slots and hands out the flows whose time has come. With a full ring it stops: they stay
    /// until there is room.
    @_noLocks
    public mutating func sweep(
        slots wanted: Int, milliseconds: UInt64, vrfs records: UnsafePointer<stile_vrf>, ring: FlowRing,
        statistics: UnsafeMutablePointer<stile_worker>
    ) {
        var looked = 0
        while looked < wanted, count > 0 {
            let record = slots + cursor
            if record.pointee.family != 0, let reason = endReason(of: record, milliseconds, records) {
                // What closes the gap stands at the cursor now, and is looked at next.
                guard handOut(cursor, reason, ring, statistics) else { return }
            } else {
                cursor = (cursor &+ 1) & (slotCount &- 1)
            }
            looked &+= 1
        }
    }

    /// Hands out all flows, for a worker that stops; returns how many are left for want of room in the ring.
    public mutating func handOutAll(_ ring: FlowRing, statistics: UnsafeMutablePointer<stile_worker>) -> Int {
        var slot = 0
        while slot < slotCount, count > 0 {
            if slots[slot].family == 0 {
                slot &+= 1
            } else if !handOut(slot, STILE_FLOW_FORCED_END, ring, statistics) {
                return count
            }
        }
        return count
    }

    @_noLocks @inline(__always)
    private func endReason(
        of record: UnsafeMutablePointer<stile_flow_record>, _ now: UInt64, _ records: UnsafePointer<stile_vrf>
    ) -> stile_flow_end? {
        let vrf = records + Int(record.pointee.vrf)
        guard vrf.pointee.flow_sampling != 0 else { return STILE_FLOW_FORCED_END }
        let cleared = vrf.pointee.flow_cleared_milliseconds
        if record.pointee.first_milliseconds <= cleared, cleared <= now { return STILE_FLOW_FORCED_END }
        // Signed: the clock may be set back.
        let idle = Int64(bitPattern: now &- record.pointee.last_milliseconds)
        if idle >= Int64(vrf.pointee.flow_inactive_milliseconds) { return STILE_FLOW_IDLE_TIMEOUT }
        let age = Int64(bitPattern: now &- record.pointee.first_milliseconds)
        return age >= Int64(vrf.pointee.flow_active_milliseconds) ? STILE_FLOW_ACTIVE_TIMEOUT : nil
    }

    @_noLocks
    private mutating func handOut(
        _ slot: Int, _ reason: stile_flow_end, _ ring: FlowRing, _ statistics: UnsafeMutablePointer<stile_worker>
    ) -> Bool {
        if slots[slot].packets > 0 {
            guard let place = ring.reserve() else {
                stile_store_relaxed_u64(&statistics.pointee.flow_ring_full, statistics.pointee.flow_ring_full &+ 1)
                return false
            }
            place.pointee = slots[slot]
            place.pointee.end_reason = UInt8(truncatingIfNeeded: reason.rawValue)
            place.pointee.hash = 0
            ring.commit()
            stile_store_relaxed_u64(&statistics.pointee.flow_records, statistics.pointee.flow_records &+ 1)
        }
        remove(slot)
        return true
    }

    /// Frees a slot and moves what stands behind it forward, where that brings it nearer to its own slot.
    @_noLocks
    private mutating func remove(_ slot: Int) {
        let mask = slotCount &- 1
        count &-= 1
        vrfs[Int(slots[slot].vrf)].flows &-= 1
        var gap = slot
        var next = (slot &+ 1) & mask
        while slots[next].family != 0 {
            let home = Int(truncatingIfNeeded: slots[next].hash) & mask
            if (next &- home) & mask >= (next &- gap) & mask {
                slots[gap] = slots[next]
                gap = next
            }
            next = (next &+ 1) & mask
        }
        slots[gap].family = 0
    }
}
