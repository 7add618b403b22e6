import CTableLayout
import ForwardingTables
import Testing

/// The punt and inject rings: wrap-around, full rings, and indices and lengths that make no sense.
@Suite struct RingTests {
    private struct Pair {
        let directory: TemporaryDirectory
        let control: ControlSegment
        let controlReader: ControlReader
        let dataplane: DataplaneSegment
        let dataplaneReader: DataplaneReader

        init() throws {
            directory = try TemporaryDirectory()
            control = try ControlSegment(directory: directory.path)
            controlReader = try ControlReader(directory: directory.path)
            dataplane = try DataplaneSegment(
                directory: directory.path, workerCount: 2, counterCount: 4, startedSeconds: 1)
            dataplaneReader = try DataplaneReader(directory: directory.path)
        }

        func inject(_ octets: [UInt8]) -> Bool {
            octets.withUnsafeBytes {
                control.forward(
                    $0, vrf: 2, becauseOf: 1, nni: 3, flags: 4, consumer: dataplaneReader.injectConsumer)
            }
        }

        func take(limit: Int = .max) -> [[UInt8]] {
            let ring = dataplane.injectRing(control: controlReader.header)
            var octets: [[UInt8]] = []
            while octets.count < limit, let slot = ring.next() {
                #expect(slot.pointee.vrf == 2 && slot.pointee.because_of == 1 && slot.pointee.counter == 3)
                #expect(slot.pointee.kind == UInt16(STILE_INJECT_FORWARD.rawValue) && slot.pointee.flags == 4)
                let data = UnsafeRawBufferPointer(
                    start: UnsafeRawPointer(slot) + InjectRing.dataOffset, count: Int(slot.pointee.length))
                octets.append(Array(data))
                ring.release()
            }
            return octets
        }

        func punt(_ octet: UInt8, worker: Int = 1) -> Bool {
            let ring = dataplane.puntRing(ofWorker: worker, control: controlReader.header)
            guard let slot = ring.reserve() else { return false }
            slot.pointee.length = 1
            slot.pointee.punt_class = UInt16(STILE_PUNT_GLEAN.rawValue)
            slot.pointee.port = 5
            slot.pointee.vrf = 6
            slot.pointee.is_frame = 0
            UnsafeMutableRawPointer(slot).storeBytes(of: octet, toByteOffset: PuntRing.dataOffset, as: UInt8.self)
            ring.commit()
            return true
        }

        func drain(limit: Int = .max) -> (packets: [PuntedPacket], skipped: Int) {
            var packets: [PuntedPacket] = []
            let skipped = dataplaneReader.drainPunts(into: control, limitPerWorker: limit) { packets.append($0) }
            return (packets, skipped)
        }
    }

    @Test func `injected packets come in order over several rounds of the ring`() throws {
        let pair = try Pair()
        var next: UInt8 = 0
        var expected: UInt8 = 0
        for _ in 0..<9 {
            for _ in 0..<300 {
                #expect(pair.inject([next, 1, 2]))
                next &+= 1
            }
            let first = pair.take(limit: 100)
            let rest = pair.take()
            #expect(first.count == 100 && rest.count == 200)
            for octets in first + rest {
                #expect(octets == [expected, 1, 2])
                expected &+= 1
            }
        }
    }

    @Test func `a full inject ring and data that is too long are refused`() throws {
        let pair = try Pair()
        for _ in 0..<Int(STILE_INJECT_SLOTS) { #expect(pair.inject([1])) }
        #expect(!pair.inject([1]))
        #expect(pair.take(limit: 1) == [[1]])
        #expect(pair.inject([2]))
        #expect(!pair.inject(Array(repeating: 0, count: Int(STILE_FRAME_SLOT_BYTES))))
        #expect(pair.take().last == [2])
    }

    @Test func `an inject consumer that is out of reach begins again`() throws {
        let pair = try Pair()
        #expect(pair.inject([1]))
        pair.dataplane.injectConsumer = 1 << 40
        #expect(pair.take().isEmpty)
        #expect(pair.inject([3]))
        #expect(pair.take() == [[3]])
    }

    @Test func `punted packets come over several rounds of the ring and a full ring drops`() throws {
        let pair = try Pair()
        for round in 0..<5 {
            for index in 0..<Int(STILE_PUNT_SLOTS) { #expect(pair.punt(UInt8(truncatingIfNeeded: index + round))) }
            #expect(!pair.punt(0))
            let result = pair.drain()
            #expect(result.skipped == 0 && result.packets.count == Int(STILE_PUNT_SLOTS))
            #expect(result.packets.first?.data == [UInt8(round)])
            #expect(result.packets.first?.vrf == 6)
            #expect(result.packets.first?.isFrame == false)
        }
    }

    @Test func `log records come over several rounds of the ring, and a consumer out of reach begins again`() throws {
        let pair = try Pair()
        let ring = pair.dataplane.accessLogRing(ofWorker: 1, control: pair.controlReader.header)
        func put(_ hits: UInt32) -> Bool {
            guard let slot = ring.reserve() else { return false }
            slot.pointee.hits = hits
            ring.commit()
            return true
        }
        func drain(limit: Int = .max) -> (hits: [UInt32], skipped: Int) {
            var hits: [UInt32] = []
            let skipped = pair.dataplaneReader.drainAccessLog(into: pair.control, limitPerWorker: limit) {
                hits.append($0.hits)
            }
            return (hits, skipped)
        }
        for round: UInt32 in 0..<3 {
            for index in 0..<UInt32(STILE_ACCESS_LOG_SLOTS) { #expect(put(index &+ round)) }
            #expect(!put(0))
            #expect(drain(limit: 10).hits == Array(round..<round + 10))
            let rest = drain()
            #expect(rest.skipped == 0 && rest.hits.count == Int(STILE_ACCESS_LOG_SLOTS) - 10)
        }
        withUnsafeMutablePointer(to: &pair.dataplane.worker(1).pointee.access_log_producer.value) {
            $0.pointee = 1 << 40
        }
        #expect(drain().skipped == 1)
        #expect(put(5))
        #expect(drain().hits == [5])
    }

    @Test func `flow records come over several rounds of the ring, and a consumer out of reach begins again`() throws {
        let pair = try Pair()
        let ring = pair.dataplane.flowRing(ofWorker: 1, control: pair.controlReader.header)
        func put(_ vrf: UInt16) -> Bool {
            guard let slot = ring.reserve() else { return false }
            slot.pointee.vrf = vrf
            ring.commit()
            return true
        }
        func drain(limit: Int = .max) -> (vrfs: [UInt16], skipped: Int) {
            var vrfs: [UInt16] = []
            let skipped = pair.dataplaneReader.drainFlows(into: pair.control, limitPerWorker: limit) {
                vrfs.append($0.vrf)
            }
            return (vrfs, skipped)
        }
        for round: UInt16 in 0..<3 {
            for index in 0..<UInt16(STILE_FLOW_SLOTS) { #expect(put(index &+ round)) }
            #expect(!put(0))
            #expect(drain(limit: 10).vrfs == Array(round..<round + 10))
            let rest = drain()
            #expect(rest.skipped == 0 && rest.vrfs.count == Int(STILE_FLOW_SLOTS) - 10)
        }
        withUnsafeMutablePointer(to: &pair.dataplane.worker(1).pointee.flow_producer.value) { $0.pointee = 1 << 40 }
        #expect(drain().skipped == 1)
        #expect(put(5))
        #expect(drain().vrfs == [5])
    }

    @Test func `punted packets whose fields make no sense are skipped`() throws {
        let pair = try Pair()
        let ring = pair.dataplane.puntRing(ofWorker: 0, control: pair.controlReader.header)
        let damages: [(inout stile_punt_slot) -> Void] = [
            { $0.length = 0 }, { $0.length = .max }, { $0.length = UInt32(PuntRing.dataCapacity + 1) },
            { $0.punt_class = UInt16(STILE_PUNT_CLASSES.rawValue) }, { $0.port = UInt16(STILE_MAX_PORTS) },
            { $0.is_frame = 2 },
        ]
        for damage in damages {
            #expect(pair.punt(9, worker: 0))
            let slot = try #require(ring.reserve())
            damage(&(slot - 1).pointee)
            #expect(pair.punt(8, worker: 0))
            let result = pair.drain()
            #expect(result.skipped == 1 && result.packets.map(\.data) == [[8]])
        }
    }

    @Test(arguments: [UInt64.max, 1 << 63, 10_000, 513])
    func `a punt producer that is out of reach is not followed`(producer: UInt64) throws {
        let pair = try Pair()
        pair.dataplane.worker(1).pointee.punt_producer.value = producer
        let result = pair.drain()
        #expect(result.skipped == 1 && result.packets.isEmpty)
        #expect(pair.punt(4))
        #expect(pair.drain().packets.map(\.data) == [[4]])
    }
}
