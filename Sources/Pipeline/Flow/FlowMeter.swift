import CTableLayout
import ForwardingTables
import PacketFormats

/// Counts the burst's packets in their flows, as soon as their fate is known and before ICMP errors take the place of
/// those that are dropped. What came to no VRF, or is no well-formed IP packet, belongs to no flow. What the box makes
/// itself, and packets that were held for a neighbor, are not counted when they are sent.
enum FlowMeter {
    /// Before a burst: no packet has a length that the stages have not checked.
    @_noLocks @inline(never)
    static func begin(_ worker: UnsafeMutablePointer<WorkerState>) {
        worker.pointee.flows.forgetBurst()
        let lengths = worker.pointee.burst.packetLength
        var index = 0
        while index < worker.pointee.count {
            lengths[index] = 0
            index &+= 1
        }
    }

    /// Behind LabelCheck, as long as the entry that a packet came in with stands in front of it.
    @_noLocks @inline(never)
    static func noteLabels(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        var index = 0
        while index < worker.pointee.count {
            if burst.packetLength[index] > 0, burst.flags[index].contains(.cameLabelled) {
                let entry = LabelStackEntry(UnsafeRawPointer(burst.packet[index]) - LabelStackEntry.byteCount)
                worker.pointee.flows.note(index, labelStackEntry: entry.rawValue)
            }
            index &+= 1
        }
    }

    @_noLocks @inline(never)
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let vrfs = worker.pointee.tables.vrfs
        let statistics = worker.pointee.statistics
        var packets: UInt64 = 0
        var refused: UInt64 = 0
        var index = 0
        while index < worker.pointee.count {
            defer { index &+= 1 }
            guard burst.packetLength[index] > 0 else { continue }
            // That of the interface: a route map may have given the packet to another.
            let number = worker.pointee.tables.interfaces[Int(burst.interface[index])].vrf
            let vrf = vrfs + Int(number)
            let interval = vrf.pointee.flow_sampling
            guard interval != 0, worker.pointee.flows.takesPacket(ofVRF: number, interval: interval) else { continue }
            let verdict = burst.verdict[index]
            let isIPv6 = burst.flags[index].contains(.isIPv6)
            let packet = UnsafeRawPointer(burst.packet[index])
            let bytes = Int(burst.packetLength[index])
            let payload = FlowPayload(of: packet, bytes: bytes, isIPv6: isIPv6)
            let key = FlowRecordKey(
                of: packet, payload, isIPv6: isIPv6, ingress: burst.counter[index], vrf: number,
                status: ForwardingStatus.octet(of: verdict))
            let slot = worker.pointee.flows.add(
                key, octets: UInt64(truncatingIfNeeded: bytes), milliseconds: worker.pointee.milliseconds,
                tcpFlags: payload.tcpFlags, egress: FlowEgress(of: index, verdict, worker),
                labelStackEntry: worker.pointee.flows.labelStackEntry(of: index),
                vrfLimit: vrf.pointee.flow_cache_entries)
            if let slot {
                worker.pointee.flows.note(index, slot: slot)
                packets &+= 1
            } else {
                refused &+= 1
            }
        }
        stile_store_relaxed_u64(&statistics.pointee.flow_packets, statistics.pointee.flow_packets &+ packets)
        stile_store_relaxed_u64(&statistics.pointee.flow_cache_full, statistics.pointee.flow_cache_full &+ refused)
        publishCount(worker)
    }

    /// Packet `index` was to leave and did not: counts it among the dropped packets of its flow instead.
    @_noLocks @inline(never)
    static func lose(_ index: Int, _ reason: DropReason, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        // An ICMP error stands where the packet was that it is about, and that one was dropped before.
        guard !burst.flags[index].contains(.madeByTheBox) else { return }
        let octets = UInt64(burst.packetLength[index])
        guard let counted = worker.pointee.flows.takeBack(index, octets: octets) else { return }
        let limit = worker.pointee.tables.vrfs[Int(counted.key.vrf)].flow_cache_entries
        let packet = UnsafeRawPointer(burst.packet[index])
        let payload = FlowPayload(
            of: packet, bytes: Int(burst.packetLength[index]), isIPv6: burst.flags[index].contains(.isIPv6))
        let slot = worker.pointee.flows.add(
            counted.key.with(status: ForwardingStatus.octet(of: reason)), octets: octets,
            milliseconds: counted.milliseconds, tcpFlags: payload.tcpFlags, egress: .none,
            labelStackEntry: worker.pointee.flows.labelStackEntry(of: index), vrfLimit: limit)
        if slot == nil {
            let statistics = worker.pointee.statistics
            stile_store_relaxed_u64(&statistics.pointee.flow_cache_full, statistics.pointee.flow_cache_full &+ 1)
        }
    }

    @_noLocks @inline(__always)
    static func publishCount(_ worker: UnsafeMutablePointer<WorkerState>) {
        stile_store_relaxed_u64(
            &worker.pointee.statistics.pointee.flows, UInt64(truncatingIfNeeded: worker.pointee.flows.count))
    }
}

extension WorkerState {
    /// Hands out the flows whose time has come, a few slots at a time. To be called in every turn of the owner's loop.
    @_noLocks
    public static func sweepFlows(_ worker: UnsafeMutablePointer<WorkerState>, _ ring: FlowRing) {
        guard worker.pointee.flows.count > 0 else { return }
        worker.pointee.flows.sweep(
            milliseconds: worker.pointee.milliseconds, vrfs: worker.pointee.tables.vrfs, ring: ring,
            statistics: worker.pointee.statistics)
        FlowMeter.publishCount(worker)
    }

    /// Hands out all flows, for a worker that stops; returns how many are left for want of room in the ring.
    public static func endFlows(_ worker: UnsafeMutablePointer<WorkerState>, _ ring: FlowRing) -> Int {
        let left = worker.pointee.flows.handOutAll(ring, statistics: worker.pointee.statistics)
        FlowMeter.publishCount(worker)
        return left
    }

    /// Whether the owner must keep `milliseconds` up to date.
    public var needsTime: Bool {
        @_noLocks @inline(__always) get { flows.count > 0 || accessLog.count > 0 || tables.metersFlows }
    }
}
