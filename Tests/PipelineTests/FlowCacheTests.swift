import CTableLayout
import Pipeline
import SeededRandom
import Testing

/// The cache against a dictionary: whatever the order of packets, time-outs and full rings, every packet that was taken
/// is in exactly one record.
@Suite struct FlowCacheTests {
    private struct Entry: Equatable {
        var packets: UInt64 = 0
        var octets: UInt64 = 0
        var first: UInt64
        var last: UInt64
        var flags: UInt16 = 0
    }

    private static let vrfLimit: UInt32 = 90
    private static let inactive: UInt32 = 1_000
    private static let active: UInt32 = 5_000

    /// The source port says which flow it is; its VRF is 1 to 3.
    private static func key(_ flow: Int) -> FlowRecordKey {
        let packet = PacketBuilder.ipv4(
            source: 0x0A01_0000 | UInt32(flow % 7), destination: 0x0A02_0001, protocolNumber: 6,
            payload: [UInt8(flow >> 8), UInt8(flow & 255), 0, 80] + [UInt8](repeating: 0, count: 16))
        return packet.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { fatalError("a packet has octets") }
            return FlowRecordKey(
                of: start, bytes: bytes.count, isIPv6: false, ingress: 41, vrf: UInt16(1 + flow % 3), status: 66)
        }
    }

    /// VRF records 0 to 3, of which 1 to 3 are metered.
    private static func vrfRecords() -> [stile_vrf] {
        var record = stile_vrf()
        record.flow_sampling = 1
        record.flow_cache_entries = vrfLimit
        record.flow_active_milliseconds = active
        record.flow_inactive_milliseconds = inactive
        return [stile_vrf(), record, record, record]
    }

    @Test func `every packet is in one record`() {
        var random = SeededGenerator()
        var cache = FlowCache(slotBits: 8, seed: random.next())
        defer { cache.deallocate() }
        let collector = RecordCollector<stile_flow_record>()
        let statistics = UnsafeMutablePointer<stile_worker>.allocate(capacity: 1)
        statistics.initialize(to: stile_worker())
        defer { statistics.deallocate() }
        let vrfs = Self.vrfRecords()
        let keys = (0..<400).map(Self.key)
        var model: [Int: Entry] = [:]
        var refused = 0
        var now: UInt64 = 1_700_000_000_000

        func check(_ records: [stile_flow_record]) {
            for record in records {
                let flow = Int(record.source_port)
                let found = Entry(
                    packets: record.packets, octets: record.octets, first: record.first_milliseconds,
                    last: record.last_milliseconds, flags: record.tcp_flags)
                #expect(model.removeValue(forKey: flow) == found)
                #expect(record.vrf == UInt16(1 + flow % 3) && record.egress == 42 && record.hash == 0)
            }
        }

        for _ in 0..<200_000 {
            switch random.below(40) {
            case 0: now += UInt64(random.below(400))
            case 1:
                cache.sweep(
                    slots: random.below(64), milliseconds: now, vrfs: vrfs, ring: collector.ring,
                    statistics: statistics)
                check(collector.take())
            default:
                let flow = random.below(random.once(in: 3) ? 400 : 40)
                let octets = UInt64(20 + random.below(1_400))
                let flags = UInt16(1 << random.below(6))
                let isKnown = model[flow] != nil
                let slot = cache.add(
                    keys[flow], octets: octets, milliseconds: now, tcpFlags: flags,
                    egress: FlowEgress(counter: 42, vrf: 1, labelStackEntry: 0),
                    labelStackEntry: 0, vrfLimit: Self.vrfLimit)
                guard slot != nil else {
                    refused += 1
                    #expect(!isKnown, "a flow that is in the cache takes its packets")
                    continue
                }
                var entry = model[flow] ?? Entry(first: now, last: now)
                entry.packets += 1
                entry.octets += octets
                entry.last = now
                entry.flags |= flags
                model[flow] = entry
            }
            #expect(cache.count == model.count && cache.count <= 192)
        }
        #expect(refused > 0, "the limits were reached")

        // A whole round leaves nothing whose time has come.
        cache.sweep(slots: 1_024, milliseconds: now, vrfs: vrfs, ring: collector.ring, statistics: statistics)
        check(collector.take())
        #expect(
            model.values.allSatisfy { now - $0.last < UInt64(Self.inactive) && now - $0.first < UInt64(Self.active) })

        #expect(cache.handOutAll(collector.ring, statistics: statistics) == 0)
        check(collector.take())
        #expect(model.isEmpty && cache.count == 0)
    }

    @Test func `a full ring leaves the flows in the cache`() {
        var cache = FlowCache(slotBits: 13, seed: 1)
        defer { cache.deallocate() }
        let collector = RecordCollector<stile_flow_record>()
        let statistics = UnsafeMutablePointer<stile_worker>.allocate(capacity: 1)
        statistics.initialize(to: stile_worker())
        defer { statistics.deallocate() }
        let flows = Int(STILE_FLOW_SLOTS) + 100
        for flow in 0..<flows {
            let slot = cache.add(
                Self.key(flow), octets: 40, milliseconds: 1, tcpFlags: 0, egress: .none, labelStackEntry: 0,
                vrfLimit: .max)
            #expect(slot != nil)
        }
        #expect(cache.handOutAll(collector.ring, statistics: statistics) == 100)
        #expect(statistics.pointee.flow_records == UInt64(STILE_FLOW_SLOTS) && statistics.pointee.flow_ring_full == 1)
        #expect(collector.take().count == Int(STILE_FLOW_SLOTS))
        #expect(cache.handOutAll(collector.ring, statistics: statistics) == 0)
        #expect(collector.take().allSatisfy { $0.end_reason == UInt8(STILE_FLOW_FORCED_END.rawValue) })
    }

    @Test func `a clock that is set back ends no flow`() {
        var cache = FlowCache(slotBits: 8, seed: 1)
        defer { cache.deallocate() }
        let collector = RecordCollector<stile_flow_record>()
        let statistics = UnsafeMutablePointer<stile_worker>.allocate(capacity: 1)
        statistics.initialize(to: stile_worker())
        defer { statistics.deallocate() }
        let now: UInt64 = 1_700_000_000_000
        for time in [now, now - 3_600_000] {
            _ = cache.add(
                Self.key(1), octets: 40, milliseconds: time, tcpFlags: 0, egress: .none, labelStackEntry: 0, vrfLimit: 1
            )
        }
        cache.sweep(
            slots: 256, milliseconds: now - 3_600_000, vrfs: Self.vrfRecords(), ring: collector.ring,
            statistics: statistics)
        #expect(cache.count == 1)
        #expect(cache.handOutAll(collector.ring, statistics: statistics) == 0)
        let record = collector.take().first
        #expect(record?.first_milliseconds == now && record?.last_milliseconds == now && record?.packets == 2)
    }

    @Test func `flows that are cleared end, and those that begin later go on`() {
        var cache = FlowCache(slotBits: 8, seed: 1)
        defer { cache.deallocate() }
        let collector = RecordCollector<stile_flow_record>()
        let statistics = UnsafeMutablePointer<stile_worker>.allocate(capacity: 1)
        statistics.initialize(to: stile_worker())
        defer { statistics.deallocate() }
        let now: UInt64 = 1_700_000_000_000
        func add(_ flow: Int, at milliseconds: UInt64) {
            _ = cache.add(
                Self.key(flow), octets: 40, milliseconds: milliseconds, tcpFlags: 0, egress: .none, labelStackEntry: 0,
                vrfLimit: 9)
        }
        // Flow 3 is of VRF 1, flow 4 of VRF 2.
        add(3, at: now)
        add(4, at: now)
        add(6, at: now + 2)
        var vrfs = Self.vrfRecords()
        vrfs[1].flow_cleared_milliseconds = now + 1
        // Not before its time: the clock of the worker may be behind.
        for (time, ended) in [(now, 0), (now + 2, 1)] {
            cache.sweep(slots: 256, milliseconds: time, vrfs: vrfs, ring: collector.ring, statistics: statistics)
            let records = collector.take()
            #expect(records.count == ended)
            #expect(records.allSatisfy { $0.vrf == 1 && $0.end_reason == UInt8(STILE_FLOW_FORCED_END.rawValue) })
        }
        #expect(cache.count == 2)
    }

    @Test func `sampling takes the last of each interval, in each VRF on its own`() {
        let cache = FlowCache(slotBits: 4, seed: 1)
        defer { cache.deallocate() }
        let taken = (1...12).filter { _ in cache.takesPacket(ofVRF: 1, interval: 4) }
        #expect(taken == [4, 8, 12])
        #expect((1...3).filter { _ in cache.takesPacket(ofVRF: 2, interval: 1) } == [1, 2, 3])
    }
}
