import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Testing

/// Groups in the tables: who shares one, and which members have its buckets while neighbors come and go.
@Suite struct GroupTablesTests {
    private static let text =
        LaboratoryConfiguration.first
        + ["10.9.0.0/16", "10.8.0.0/16"].flatMap { prefix in
            [7, 8, 9].map { "ip route vrf one \(prefix) 10.1.0.\($0)\n" }
        }.joined()

    /// The next hop of an address in VRF one.
    private func nextHop(_ address: UInt32, _ laboratory: Laboratory) throws -> NextHop {
        let reader = try laboratory.tables().reader
        return reader.nextHop(reader.fib.lookup(ipv4: address, root: reader.ipv4Root(ofVRF: 1)))
    }

    /// The next hops that the buckets of a group have.
    private func buckets(_ group: NextHop, _ laboratory: Laboratory) throws -> [UInt32] {
        let reader = try laboratory.tables().reader
        return (0..<UInt32(STILE_GROUP_BUCKETS)).map {
            reader.member(of: group, origin: STILE_GROUP_ANY, bucket: $0)
        }
    }

    private func punt(
        _ host: UInt8, from dataplane: FakeDataplane, _ counter: UInt16
    ) {
        var frame = PuntTests.arpReply(from: IPv4Address(10, 1, 0, host), to: IPv4Address(10, 1, 0, 1))
        frame[21] = 1
        dataplane.punt(STILE_PUNT_ARP, counter: counter, isFrame: true, frame)
    }

    @Test func `equal sets share a group, and those lead out that are resolved`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let group = try nextHop(0x0A09_0001, laboratory)
        #expect(group.isGroup)
        #expect(try nextHop(0x0A08_0001, laboratory) == group)
        let all = try buckets(group, laboratory)
        #expect(Set(all).count == 3, "while nobody is there each says so of its own packets")
        let dataplane = try FakeDataplane(directory: laboratory.options.runtimeDirectory)
        let counter = try await PuntTests.number(of: "ten1/1", in: laboratory)
        punt(7, from: dataplane, counter)
        try await laboratory.eventually("one member") { try Set(buckets(group, laboratory)).count == 1 }
        punt(9, from: dataplane, counter)
        try await laboratory.eventually("two members") { try Set(buckets(group, laboratory)).count == 2 }
        let two = try buckets(group, laboratory)
        #expect(two.reduce(into: [:]) { $0[$1, default: 0] += 1 }.values.sorted() == [128, 128])
        punt(8, from: dataplane, counter)
        try await laboratory.eventually("three members") { try buckets(group, laboratory) == all }
        let newcomer = Set(all).subtracting(two)
        #expect(zip(two, all).allSatisfy { $0 == $1 || newcomer.contains($1) }, "only to the one that has come")
        let shown = try await laboratory.ask(ShowRoutes(vrf: "one", prefix: IPPrefix("10.9.0.0/16")))
        #expect(shown.routes.first?.nextHops.map(\.isResolved) == [true, true, true])
        #expect(shown.routes.first?.isInstalled == true)
        await laboratory.stop()
    }

    /// Another set is another group, which takes over what it can, and the former goes with its last route.
    @Test func `a set that changes takes its buckets along`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let group = try nextHop(0x0A09_0001, laboratory)
        let before = try buckets(group, laboratory)
        try await laboratory.replace(Self.text.replacing("ip route vrf one 10.9.0.0/16 10.1.0.8\n", with: ""))
        let smaller = try nextHop(0x0A09_0001, laboratory)
        #expect(smaller.isGroup && smaller != group)
        #expect(try nextHop(0x0A08_0001, laboratory) == group)
        let after = try buckets(smaller, laboratory)
        #expect(Set(after).count == 2)
        #expect(zip(before, after).allSatisfy { $0 == $1 || !after.contains($0) })
        try await laboratory.replace(
            Self.text.replacing("ip route vrf one 10.9.0.0/16 10.1.0.8\n", with: "")
                .replacing("ip route vrf one 10.9.0.0/16 10.1.0.9\n", with: ""))
        #expect(try nextHop(0x0A09_0001, laboratory).kind == STILE_NEXT_HOP_CIRCUIT.rawValue)
        await laboratory.stop()
    }

    /// Without room for a group a prefix has one of its next hops, and the group when there is room.
    @Test func `without room one of the next hops is used`() async throws {
        var capacities = TableCapacities()
        capacities.groups = 2
        let laboratory = try Laboratory(capacities: capacities)
        let more = Self.text + "ip route vrf one 10.7.0.0/16 10.1.0.7\nip route vrf one 10.7.0.0/16 10.1.0.8\n"
        try await laboratory.start(more)
        let kinds = try [0x0A07_0001, 0x0A08_0001, 0x0A09_0001].map { try nextHop($0, laboratory).kind }
        #expect(Set(kinds) == [STILE_NEXT_HOP_CIRCUIT.rawValue, STILE_NEXT_HOP_GROUP.rawValue])
        let shown = try await laboratory.ask(ShowRoutes(vrf: "one"))
        #expect(shown.routes.contains { !$0.isInstalled })
        // Trying again does not touch what is there.
        let alone = try #require(
            [0x0A07_0001, 0x0A08_0001, 0x0A09_0001].first { try !nextHop($0, laboratory).isGroup })
        let before = try nextHop(alone, laboratory)
        for _ in 0..<20 {
            try await Task.sleep(for: .milliseconds(50))
            #expect(try nextHop(alone, laboratory) == before)
        }
        // There is room when the other sets are gone.
        let lines = more.split(separator: "\n", omittingEmptySubsequences: false)
        let kept = "10.\(alone >> 16 & 255).0.0/16"
        try await laboratory.replace(
            lines.filter { !$0.hasPrefix("ip route vrf one 10.") || $0.contains(kept) }.joined(separator: "\n"))
        try await laboratory.eventually("the group has room") { try nextHop(alone, laboratory).isGroup }
        await laboratory.stop()
    }
}
