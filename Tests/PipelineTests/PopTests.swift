import CTableLayout
import ForwardingTables
import Pipeline
import Testing

/// Labels that have their packets' next hop: no lookup, and all else as for a packet of the VRF. Every rule is in
/// `IsolationTests`, with services in `ServiceIsolationTests`.
@Suite struct PopTests {
    /// Its destination is routed by circuit 41 in VRF 1.
    private static let packet = PacketBuilder.ipv4(source: 0x0A03_0009, destination: 0x0A01_0009)
    private static let packet6 = PacketBuilder.ipv6(
        source: LabPlan.tunnelPeer(3), destination: LabPlan.tunnelPeer(1), nextHeader: 59, payload: [])

    @Test(arguments: [true, false])
    func destinationIsNotLookedUp(onTheCommonPath: Bool) throws {
        let lab = try Lab()
        lab.worker.pointee.usesCommonPath = onTheCommonPath
        let direct = PacketBuilder.labelledFrame(nni: 0, label: 1032, timeToLive: 9, packet: Self.packet)
        let lookedUp = PacketBuilder.labelledFrame(nni: 0, label: 1001, timeToLive: 9, packet: Self.packet)
        let outcomes = lab.run([(0, direct), (0, lookedUp), (0, direct)])
        #expect(outcomes.map(\.verdict) == [.transmit(port: 3), .transmit(port: 2), .transmit(port: 3)])
        // The TTL is the label's, less one, whichever way the packet goes.
        #expect(outcomes.map { $0.frame.map { $0[$0.count - Self.packet.count + 8] } } == [8, 8, 8])
        #expect(lab.counters[11].rx_packets == 3 && lab.counters[1].rx_packets == 3)
        #expect(lab.counters[42].tx_packets == 2 && lab.counters[41].tx_packets == 1)
        #expect(lab.kept(counter: 1).packets == 0 && lab.kept(counter: 11).packets == 0)
    }

    @Test(arguments: [true, false])
    func labelIsForOneFamily(onTheCommonPath: Bool) throws {
        let lab = try Lab()
        lab.worker.pointee.usesCommonPath = onTheCommonPath
        let batch: [(port: UInt16, octets: [UInt8])] = [
            (0, PacketBuilder.labelledFrame(nni: 0, label: 1032, packet: Self.packet6)),
            (5, PacketBuilder.labelledFrame(nni: 3, label: 3012, packet: Self.packet)),
            (5, PacketBuilder.labelledFrame(nni: 3, label: 3012, packet: Self.packet6)),
        ]
        #expect(
            lab.run(batch).map(\.verdict) == [
                .drop(.familyNotCarried), .drop(.familyNotCarried), .transmit(port: 3),
            ])
    }

    @Test func neighborThatIsNotKnownGetsNothingLater() throws {
        let lab = try Lab()
        let frame = PacketBuilder.labelledFrame(nni: 3, label: 3015, packet: Self.packet)
        let number = try #require(lab.nextHops[Lab.nextHopName("c41", .ipv4)])
        let link = lab.writer.reader.nextHop(number).link
        try lab.writer.links.set(link, to: STILE_ADJACENCY_INCOMPLETE)
        let outcomes = lab.run([(5, frame), (5, frame)])
        #expect(outcomes.map(\.verdict) == [.drop(.hostUnreachable), .drop(.hostUnreachable)])
        #expect(outcomes.allSatisfy { $0.punt == nil && $0.frame == nil })
    }

    @Test func labelIsFollowedThroughTheTables() throws {
        let lab = try Lab()
        let frame = PacketBuilder.labelledFrame(nni: 0, label: 1032, packet: Self.packet)
        let explanation = try Explanation.of(frame: frame, arrivingOn: 0, tables: lab.writer.reader)
        let nni = try #require(lab.interfaces[1])
        let unit = try #require(lab.interfaces[11])
        let nextHop = try #require(lab.nextHops[Lab.nextHopName("c42", .ipv4)])
        let adjacency = lab.wayOut(nextHop)
        let entry = lab.writer.reader.interfaces[Int(nni)].label_first + 32
        #expect(explanation.steps.map(\.stage) == [.ingress, .labelCheck, .admission, .departure, .imposition])
        #expect(
            explanation.steps.map(\.entries) == [
                [.interface(nni)], [.labelEntry(entry), .interface(unit), .vrf(1), .nextHop(nextHop)], [.vrf(1)],
                [adjacency], [adjacency],
            ])
        #expect(explanation.output == lab.run([(0, frame)]).compactMap(\.frame))
        #expect(explanation.path == .common)
    }

    /// A label that comes to mean its VRF, another next hop, or nothing, under traffic: each packet meets one of the three.
    @Test func noPacketMeetsAMixtureOfTwoMeanings() throws {
        let lab = try Lab()
        let reader = lab.writer.reader
        let nni = try #require(lab.interfaces[4])
        let (first, base) = (reader.interfaces[Int(nni)].label_first, reader.interfaces[Int(nni)].label_base)
        let unit = reader.labelEntry(3001, on: reader.interfaces + Int(nni))
        let pops = try ["c42", "n11"].map { name in
            let nextHop = try #require(lab.nextHops[Lab.nextHopName(name, .ipv4)])
            return PopEntry(interface: unit.interface, nextHop: nextHop, flags: unit.flags).entry
        }
        let words = [unit, pops[0], pops[1], PopEntry(interface: unit.interface, nextHop: 0, flags: unit.flags).entry]
        let frame = (port: UInt16(5), octets: PacketBuilder.labelledFrame(nni: 3, label: 3015, packet: Self.packet))
        var expected: Set<[UInt8]> = []
        for word in words {
            try lab.writer.labels.setEntry(first + 3015 - base, to: word)
            expected.formUnion(lab.run([frame]).map { $0.frame ?? [] })
        }
        #expect(expected.count == 4 && expected.contains([]))
        let found = lab.outcomes(of: frame, expecting: expected, whileStoring: words) {
            try $0.labels.setEntry(first + 3015 - base, to: $1)
        }
        #expect(found == expected)
    }

    @Test func entryNamesNothingThatIsNotThere() throws {
        let lab = try Lab()
        let beyond = PopEntry(interface: 1, nextHop: 0xFF_FFFF, flags: 0)
        #expect(throws: TablesError.outOfRange(.nextHops)) { try lab.writer.labels.setEntry(1, to: beyond.entry) }
        let families = UInt8(STILE_FLAG_IPV4.rawValue | STILE_FLAG_BY_SOURCE.rawValue)
        let entry = PopEntry(interface: 77, nextHop: 0xABCDE, flags: families | UInt8(STILE_FLAG_VALID.rawValue))
        #expect(PopEntry(entry.entry) == entry && entry.flags == families)
        #expect(PopEntry(stile_label_entry()) == nil && SwapEntry(entry.entry) == nil)
        #expect(PopEntry(SwapEntry(nextHop: 5, mayTransit: true, isBySource: false).entry) == nil)
    }
}
