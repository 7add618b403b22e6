import CTableLayout
import Dataplane
import ForwardingTables
import Foundation
import PacketFormats
import Pipeline
import Testing

/// Frames that are lost in rings and queues, in the real program.
@Suite(.serialized) struct LossTests {
    /// A ring of 1,024 places that gives back what it is sent: each frame that was transmitted is received, no other.
    private static let ring = "net_ring_test1"
    /// Octets of payload in a fragment of the smallest MTU that fits one: a header of 20 and eight more.
    private static let smallestMTU: UInt16 = 28
    private static let fragmentPayload = 8

    private func drops(_ reader: DataplaneReader, _ reason: DropReason, counter: UInt16) -> UInt64 {
        reader.counters(Int(counter)).drops[Int(reason.rawValue)]
    }

    /// A packet that must be cut up, of a flow that another worker has than the queue's owner, where there is one.
    private func frame(bytes: Int, workers: Int) -> [UInt8]? {
        let table = FlowShares.workers(owner: 0, workerCount: workers)
        return (0..<256).lazy.map { host in
            TestFrame.ethernet(
                to: TestFrame.box, from: TestFrame.customer, type: 0x0800,
                TestFrame.ipv4(
                    from: [10, 1, 0, UInt8(host)], to: [10, 2, 0, 7], ports: [1, 2, 3, 4],
                    payload: [UInt8](repeating: 0, count: bytes - 28), fragment: 0))
        }.first { frame in
            frame.withUnsafeBytes { octets in
                octets.baseAddress.flatMap { FlowHash(of: $0, bytes: octets.count, onlyUnderLabel: false) }
                    .map { Int(table[$0.share(of: UInt32(table.count))]) == workers - 1 } ?? false
            }
        }
    }

    /// A burst of 64 packets makes more fragments than the ring holds, all before the worker looks at the ring again.
    @Test func fragmentsThatTheQueueRefusesCountOnTheirInterface() throws {
        let captures = try CaptureFiles()
        let packet = try #require(frame(bytes: 1428, workers: 1))
        try captures.fill(0, with: [[UInt8]](repeating: packet, count: 64))
        let fragments = UInt64(64 * (1428 - 20) / Self.fragmentPayload)
        let tables = try TestTables(farEndMTU: Self.smallestMTU, ports: [0: captures.device(0), 1: Self.ring])
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        let reader = try tables.reader()
        #expect(
            eventually {
                let unit = reader.counters(Int(TestTables.unitCounter))
                return unit.txPackets + unit.drops[Int(DropReason.transmitQueueFull.rawValue)] == fragments
                    && reader.counters(Int(TestTables.nniCounter)).rxPackets == unit.txPackets
            })
        #expect(drops(reader, .transmitQueueFull, counter: TestTables.unitCounter) > 0)
        #expect(reader.counters(Int(TestTables.unitCounter)).txPackets > 0)
        #expect(
            reader.counters(Int(TestTables.nniCounter)).txPackets
                == reader.counters(Int(TestTables.unitCounter)).txPackets)
        #expect(reader.counters(0) == InterfaceCounters())
        #expect(child.end(by: SIGTERM) == 0)
    }

    /// The second worker cuts up each packet of the flow, which takes far longer than to receive the next one. (That the
    /// NNI's port is not open shows only then.)
    @Test func framesThatAWorkersRingRefusesCountOnTheirInterface() throws {
        let captures = try CaptureFiles()
        let packet = try #require(frame(bytes: 1428, workers: 2))
        let count = 3000
        try captures.fill(0, with: [[UInt8]](repeating: packet, count: count))
        let tables = try TestTables(farEndMTU: Self.smallestMTU, workers: 2, ports: [0: captures.device(0)])
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        let reader = try tables.reader()
        #expect(eventually { reader.counters(Int(TestTables.circuitCounter)).rxPackets == UInt64(count) })
        #expect(eventually { reader.worker(0)?.spread_packets == UInt64(count) })
        let lost = drops(reader, .workerRingFull, counter: TestTables.circuitCounter)
        #expect(lost > 0 && lost < UInt64(count))
        #expect(
            reader.counters(Int(TestTables.circuitCounter)).rxBytes == UInt64(count * packet.count))
        #expect(reader.counters(0) == InterfaceCounters())
        #expect(child.end(by: SIGTERM) == 0)
    }
}
