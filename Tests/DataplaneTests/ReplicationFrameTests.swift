import CTableLayout
import Dataplane
import ForwardingTables
import Foundation
import Pipeline
import Testing

/// Copies of packets in the real program: their octets by ports that take one piece, and that the frames behind them come back.
@Suite(.serialized) struct ReplicationFrameTests {
    private static let label: UInt32 = 1003
    private static let members: [(port: UInt16, counter: UInt16, label: UInt32)] = [(2, 5, 3001), (3, 6, 3002)]

    private static func packet(_ number: Int) -> [UInt8] {
        TestFrame.ipv4(from: [10, 1, 0, 9], to: [232, 1, 0, 7], number: number, bytes: 60 + number % 1000)
    }

    /// Out of the ports 2 and 3, with a label of its own each.
    private func replicate(in tables: TestTables) throws {
        let writer = tables.tables
        var list: [(nextHop: UInt32, mayBeOnSameSide: Bool)] = []
        for member in Self.members {
            var record = stile_interface()
            record.kind = UInt8(STILE_INTERFACE_UNIT.rawValue)
            record.port = member.port
            record.counter = member.counter
            record.nni_counter = member.counter
            record.mtu = 1500
            let link = try writer.links.add(STILE_ADJACENCY_INCOMPLETE)
            try writer.links.set(
                link, to: stile_adjacency(port: member.port, header: Self.header(by: member.port) + [0, 0, 0, 0]))
            let nextHop = NextHop.swap(UInt16(try writer.interfaces.add(record)), link: link, label: member.label)
            list.append((try writer.nextHops.add(nextHop), true))
        }
        let nni = writer.reader.interfaces[Int(writer.reader.interface(untaggedOn: 1))]
        try writer.labels.setEntry(
            nni.label_first + Self.label - nni.label_base,
            to: ReplicateEntry(list: try writer.replications.add(list)).entry)
    }

    private static func header(by port: UInt16) -> [UInt8] {
        TestFrame.ethernet(to: [2, 0, 0, 0, 1, UInt8(port)], from: TestFrame.boxOnNNI, type: 0x8847, [])
    }

    /// More than the pool of the box's own frames holds, so that each of them is used several times.
    @Test func eachPortSendsItsCopyWholeAndFramesComeBack() throws {
        let count = 9000
        let captures = try CaptureFiles()
        try captures.fill(
            1,
            with: (0..<count).map {
                TestFrame.ethernet(
                    to: TestFrame.boxOnNNI, from: TestFrame.farEnd, type: 0x8847,
                    TestFrame.label(Self.label, ttl: 9, trafficClass: 5) + Self.packet($0))
            })
        for member in Self.members { try captures.fill(Int(member.port), with: []) }
        let tables = try TestTables(
            ports: [1: captures.device(1), 2: captures.device(2), 3: captures.device(3)])
        try replicate(in: tables)
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        let reader = try tables.reader()
        for member in Self.members {
            #expect(eventually { reader.counters(Int(member.counter)).txPackets == UInt64(count) })
            #expect(reader.counters(Int(member.counter)).drops.allSatisfy { $0 == 0 })
        }
        #expect(reader.counters(Int(TestTables.nniCounter)).rxPackets == UInt64(count))
        #expect(reader.counters(Int(TestTables.nniCounter)).drops.allSatisfy { $0 == 0 })
        #expect(child.end(by: SIGTERM) == 0)
        for member in Self.members {
            let sent = captures.sent(by: Int(member.port))
            #expect(sent.count == count)
            let isRight = sent.enumerated().allSatisfy { number, frame in
                frame == Self.header(by: member.port) + TestFrame.label(member.label, ttl: 8, trafficClass: 5)
                    + Self.packet(number)
            }
            #expect(isRight)
        }
    }
}
