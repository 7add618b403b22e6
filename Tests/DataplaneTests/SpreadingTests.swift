import CTableLayout
import Dataplane
import ForwardingTables
import Foundation
import PacketFormats
import Pipeline
import Testing

/// The real program with more workers than receive queues: who gets which frame, and in which order they leave.
@Suite(.serialized) struct SpreadingTests {
    /// A stream of one flow: its packets carry the flow's number and count up.
    private struct Stream {
        var number: Int
        var isIPv6: Bool

        /// Towards the customer, or from the customer.
        func packet(_ sequence: Int, toCustomer: Bool) -> [UInt8] {
            let ports: [UInt8] = [0x10, UInt8(number), 0x20, 0]
            let payload = [UInt8(number), UInt8(sequence >> 8), UInt8(sequence & 255)]
            guard isIPv6 else {
                let customer: [UInt8] = [10, 1, 0, UInt8(number)]
                let farEnd: [UInt8] = [10, 2, 0, 7]
                return TestFrame.ipv4(
                    from: toCustomer ? farEnd : customer, to: toCustomer ? customer : farEnd, ports: ports,
                    payload: payload)
            }
            let customer = TestFrame.ipv6Address(network: 1, host: number)
            let farEnd = TestFrame.ipv6Address(network: 2, host: 7)
            return TestFrame.ipv6(
                from: toCustomer ? farEnd : customer, to: toCustomer ? customer : farEnd, ports: ports,
                payload: payload)
        }

        /// Flow and sequence number of a packet that `packet` made.
        static func mark(of packet: some Sequence<UInt8>) -> (number: Int, sequence: Int) {
            let octets = Array(packet)
            let place = octets.first.map { $0 >> 4 } == 6 ? 48 : 28
            return (Int(octets[place]), Int(octets[place + 1]) << 8 | Int(octets[place + 2]))
        }
    }

    private static let streams = (0..<24).map { Stream(number: $0, isIPv6: $0 % 2 == 1) }

    private func labelled(_ packet: [UInt8]) -> [UInt8] {
        TestFrame.ethernet(
            to: TestFrame.boxOnNNI, from: TestFrame.farEnd, type: 0x8847,
            TestFrame.label(TestTables.labelIn, ttl: 60) + packet)
    }

    private func plain(_ packet: [UInt8]) -> [UInt8] {
        TestFrame.ethernet(
            to: TestFrame.box, from: TestFrame.customer, type: packet[0] >> 4 == 6 ? 0x86DD : 0x0800, packet)
    }

    /// How many of the frames belong to each worker; `owner` has the queue and keeps what is no IP packet.
    private func shares(of frames: [[UInt8]], workers: Int, owner: Int) -> [UInt64] {
        let table = FlowShares.workers(owner: owner, workerCount: workers)
        var counts = [UInt64](repeating: 0, count: workers)
        for frame in frames {
            let hash = frame.withUnsafeBytes { octets in
                octets.baseAddress.flatMap { FlowHash(of: $0, bytes: octets.count, onlyUnderLabel: false) }
            }
            counts[hash.map { Int(table[$0.share(of: UInt32(table.count))]) } ?? owner] += 1
        }
        return counts
    }

    private func expectOrder(_ packets: [ArraySlice<UInt8>], each count: Int) {
        var next: [Int: Int] = [:]
        for packet in packets {
            let mark = Stream.mark(of: packet)
            #expect(mark.sequence == next[mark.number, default: 0])
            next[mark.number] = mark.sequence + 1
        }
        #expect(next.count == Self.streams.count)
        #expect(next.values.allSatisfy { $0 == count })
    }

    /// All packets of the NNI come in on the one queue that its port has.
    @Test(arguments: [1, 2, 3]) func labelledFlowsAreSharedInOrder(workers: Int) throws {
        let captures = try CaptureFiles()
        let frames = (0..<30).flatMap { sequence in
            Self.streams.map { labelled($0.packet(sequence, toCustomer: true)) }
        }
        try captures.fill(1, with: frames)
        let tables = try TestTables(workers: workers, ports: captures.devices)
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        #expect(eventually { captures.sent(by: 0).count == frames.count })
        expectOrder(captures.sent(by: 0).map { $0.dropFirst(14) }, each: 30)

        let reader = try tables.reader()
        // The second port's queue is dealt to the second worker, where there is one.
        let owner = 1 % workers
        let expected = shares(of: frames, workers: workers, owner: owner)
        // From three on the owner begins with receiving alone.
        #expect(expected.enumerated().allSatisfy { $0.offset == owner || $0.element > 0 })
        #expect((0..<workers).map { reader.worker($0)?.packets } == expected)
        // A worker counts when it has handed over or sent, so that others may see the frame before.
        let handedOver = (0..<workers).map { $0 == owner ? UInt64(frames.count) - expected[owner] : 0 }
        #expect(eventually { (0..<workers).map { reader.worker($0)?.spread_packets } == handedOver })
        #expect(reader.counters(Int(TestTables.unitCounter)).rxPackets == UInt64(frames.count))
        #expect(
            eventually { reader.counters(Int(TestTables.circuitCounter)).txPackets == UInt64(frames.count) })
        #expect(
            reader.counters(Int(TestTables.circuitCounter)).txBytes
                == captures.sent(by: 0).reduce(0) { $0 + UInt64($1.count) })
        #expect(child.end(by: SIGTERM) == 0)
    }

    @Test(arguments: [2, 3]) func plainFlowsAreSharedInOrder(workers: Int) throws {
        let captures = try CaptureFiles()
        let frames = (0..<30).flatMap { sequence in
            Self.streams.map { plain($0.packet(sequence, toCustomer: false)) }
        }
        try captures.fill(0, with: frames)
        let tables = try TestTables(workers: workers, ports: captures.devices)
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        #expect(eventually { captures.sent(by: 1).count == frames.count })
        expectOrder(captures.sent(by: 1).map { $0.dropFirst(18) }, each: 30)
        let reader = try tables.reader()
        #expect(
            (0..<workers).map { reader.worker($0)?.packets } == shares(of: frames, workers: workers, owner: 0))
        #expect(child.end(by: SIGTERM) == 0)
    }

    /// A handed-over frame counts as sent where it is sent: once, on the unit and on the NNI.
    @Test func whatAnotherWorkerSendsCountsOnce() throws {
        let captures = try CaptureFiles()
        let frames = Self.streams.flatMap { stream in
            (0..<10).map { plain(stream.packet($0, toCustomer: false)) }
        }
        try captures.fill(0, with: frames)
        let tables = try TestTables(workers: 3, ports: captures.devices)
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        #expect(eventually { captures.sent(by: 1).count == frames.count })
        let reader = try tables.reader()
        let bytes = captures.sent(by: 1).reduce(0) { $0 + UInt64($1.count) }
        for counter in [TestTables.unitCounter, TestTables.nniCounter] {
            #expect(eventually { reader.counters(Int(counter)).txPackets == UInt64(frames.count) })
            #expect(eventually { reader.counters(Int(counter)).txBytes == bytes })
            #expect(reader.counters(Int(counter)).drops.allSatisfy { $0 == 0 })
        }
        #expect(child.end(by: SIGTERM) == 0)
    }

    /// Pieces of datagrams whose whole packets, having other ports, belong to several workers.
    @Test func fragmentsOfTwoHostsStayTogether() throws {
        let captures = try CaptureFiles()
        let places: [UInt16] = [0x2000, 0x2000 | 5, 10]
        let packets = (0..<40).flatMap { datagram in
            places.map { place in
                TestFrame.ipv4(
                    from: [10, 2, 0, 7], to: [10, 1, 0, 9], ports: [UInt8(datagram), 1, 2, 3],
                    payload: [UInt8](repeating: 0, count: 32), identification: UInt16(datagram), fragment: place)
            }
        }
        let frames = packets.map(labelled)
        try captures.fill(1, with: frames)
        let tables = try TestTables(workers: 3, ports: captures.devices)
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        #expect(eventually { captures.sent(by: 0).count == frames.count })
        // Identification, flags and offset: all in order.
        #expect(captures.sent(by: 0).map { Array($0[18..<22]) } == packets.map { Array($0[4..<8]) })
        let reader = try tables.reader()
        let counts = (0..<3).map { reader.worker($0)?.packets ?? 0 }
        #expect(counts.sorted() == [0, 0, UInt64(frames.count)])
        #expect(child.end(by: SIGTERM) == 0)
    }

    /// ARP stays with the worker that received it; a BGP session's packets take one way to the control process, as they
    /// came.
    @Test func theBoxesOwnProtocolsReachTheControlProcessInOrder() throws {
        let captures = try CaptureFiles()
        let request = TestFrame.ethernet(
            to: [255, 255, 255, 255, 255, 255], from: TestFrame.farEnd, type: 0x0806,
            [0, 1, 8, 0, 6, 4, 0, 1] + TestFrame.farEnd + TestTables.farEndAddress + [0, 0, 0, 0, 0, 0]
                + TestTables.boxAddress + [UInt8](repeating: 0, count: 18))
        let session = (0..<20).map { number in
            TestFrame.ethernet(
                to: TestFrame.boxOnNNI, from: TestFrame.farEnd, type: 0x0800,
                TestFrame.ipv4(
                    from: TestTables.farEndAddress, to: TestTables.boxAddress, ports: [0xC0, 1, 0, 179],
                    payload: [0, 0, 0, UInt8(number)] + [UInt8](repeating: 0, count: 20), protocolNumber: 6))
        }
        try captures.fill(1, with: [request] + session + [request])
        let tables = try TestTables(workers: 3, ports: captures.devices)
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        let reader = try tables.reader()
        let bgp = Int(STILE_PUNT_BGP.rawValue)
        let arp = Int(STILE_PUNT_ARP.rawValue)
        func punted(_ worker: Int, _ puntClass: Int) -> UInt64 {
            reader.worker(worker).map {
                withUnsafeBytes(of: $0.punted) { $0.load(fromByteOffset: puntClass * 8, as: UInt64.self) }
            } ?? 0
        }
        #expect(eventually { (0..<3).reduce(0) { $0 + punted($1, bgp) + punted($1, arp) } == 22 })
        #expect((0..<3).map { punted($0, arp) } == [0, 2, 0])
        #expect((0..<3).map { punted($0, bgp) } == shares(of: session, workers: 3, owner: 1))
        // A worker counts a punted packet before it is in the ring.
        var arrived: [[UInt8]] = []
        var skipped = 0
        #expect(
            eventually {
                skipped += reader.drainPunts(into: tables.control, limitPerWorker: 100) { arrived.append($0.data) }
                return arrived.count == 22
            })
        #expect(skipped == 0)
        #expect(arrived.filter { $0[13] == 0 } == session)
        #expect(arrived.filter { $0[13] == 6 } == [request, request])
        #expect(child.end(by: SIGTERM) == 0)
    }
}
