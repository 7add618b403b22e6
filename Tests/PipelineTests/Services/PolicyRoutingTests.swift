import CTableLayout
import Pipeline
import Testing

/// Policy-based routing on a circuit and on units, packet by packet.
@Suite struct PolicyRoutingTests {
    private typealias Entry = ServicePlan.RouteMapEntry

    private static let customer: UInt32 = 0x0A01_004D
    private static let elsewhere: UInt32 = 0x0A02_0009

    /// A lab with a route map on the interface with this counter.
    private func lab(_ counter: UInt16, _ entries: [Entry]) throws -> Lab {
        let lab = try Lab()
        var plan = ServicePlan(services: [counter: .init()])
        plan.routeMaps[counter] = entries
        try lab.install(plan)
        return lab
    }

    private func circuitFrame(to destination: UInt32, payload: Int = 24) -> (port: UInt16, octets: [UInt8]) {
        let packet = PacketBuilder.ipv4(
            source: Self.customer, destination: destination, payload: [UInt8](repeating: 1, count: payload))
        return (2, PacketBuilder.circuitFrame(counter: 41, packet: packet))
    }

    private func labelledFrame(
        label: UInt32 = 1001, from source: UInt32 = 0x0A03_0009, to destination: UInt32
    ) -> (port: UInt16, octets: [UInt8]) {
        let packet = PacketBuilder.ipv4(source: source, destination: destination)
        return (0, PacketBuilder.labelledFrame(nni: 0, label: label, packet: packet))
    }

    @Test func theNextHopOfTheEntryTakesThePacketAndTheOthersGoTheirWay() throws {
        // To the NNI by destination, to a circuit by policy.
        let lab = try lab(41, [Entry(instance: 1, lengths: 0...60, nextHops: ["c42"])])
        let outcomes = lab.run([circuitFrame(to: 0x0A03_0009), circuitFrame(to: 0x0A03_0009, payload: 60)])
        #expect(outcomes.map(\.verdict) == [.transmit(port: 3), .transmit(port: 0)])
        let sent = try #require(outcomes.first?.frame)
        #expect(Array(sent.prefix(6)) == LabPlan.neighborMAC(counter: 42))
        #expect(sent.suffix(24).allSatisfy { $0 == 1 })
        #expect(lab.classCounters(1).packets == [1, 0, 0])
        #expect(lab.classCounters(1).octets == [44, 0, 0])
    }

    @Test func aNextHopThatIsDownIsPassedOver() throws {
        let down = try lab(41, [Entry(instance: 1, nextHops: ["silent", "glean", "c42"])])
        #expect(down.run([circuitFrame(to: 0x0A03_0009)]).map(\.verdict) == [.transmit(port: 3)])
        #expect(down.classCounters(1).packets == [1, 0, 0])
        let allDown = try lab(41, [Entry(instance: 1, nextHops: ["silent", "glean"])])
        #expect(allDown.run([circuitFrame(to: 0x0A03_0009)]).map(\.verdict) == [.transmit(port: 0)])
        #expect(allDown.classCounters(1).packets == [0, 1, 0])
        let discarding = try lab(41, [Entry(instance: 1, nextHops: ["silent"], otherwise: .discard)])
        #expect(discarding.run([circuitFrame(to: 0x0A03_0009)]).map(\.verdict) == [.drop(.routeMapDiscarded)])
        #expect(discarding.drops(.routeMapDiscarded, counter: 41) == 1)
        #expect(discarding.classCounters(1).packets == [0, 1, 0])
    }

    /// An adjacency that changes while the map stays: no packet waits for the map.
    @Test func aNeighborThatFailsAndComesBackIsFollowedAtOnce() throws {
        let lab = try lab(41, [Entry(instance: 1, nextHops: ["c42"])])
        let link = try #require(lab.links[Lab.nextHopName("c42", .ipv4)])
        let nextHop = try #require(lab.nextHops[Lab.nextHopName("c42", .ipv4)])
        let reader = lab.writer.reader
        let up = reader.adjacencies[Int(reader.adjacency(of: reader.nextHop(nextHop)))]
        func verdict() -> Verdict? { lab.run([circuitFrame(to: 0x0A03_0009)]).first?.verdict }
        #expect(verdict() == .transmit(port: 3))
        try lab.writer.links.set(link, to: STILE_ADJACENCY_FAILED)
        #expect(verdict() == .transmit(port: 0))
        try lab.writer.links.set(link, to: up)
        #expect(verdict() == .transmit(port: 3))
        #expect(lab.classCounters(1).packets == [2, 1, 0])
    }

    @Test func theBoxIsReachedWhateverTheMapSays() throws {
        for entry in [
            Entry(instance: 1, nextHops: ["c42"], dscp: 9), Entry(instance: 1, otherwise: .discard),
            Entry(instance: 1, otherwise: .vrf(2)),
        ] {
            let lab = try lab(41, [entry])
            let frame = circuitFrame(to: 0x0A01_0001)
            let outcome = try #require(lab.run([frame]).first)
            #expect(outcome.verdict == .punt(.receive))
            #expect(outcome.punt?.octets == Array(frame.octets.dropFirst(14)))
            #expect(lab.classCounters(1).packets == [0, 0, 0])
        }
    }

    @Test func anotherVRFsRoutesAndLabelTakeThePacket() throws {
        let lab = try lab(41, [Entry(instance: 1, otherwise: .vrf(2))])
        let outcomes = lab.run([circuitFrame(to: Self.elsewhere), circuitFrame(to: 0x0A03_0009)])
        #expect(outcomes.map(\.verdict) == [.transmit(port: 4), .transmit(port: 0)])
        let label = PacketBuilder.octets(5002 << 12 | 0x100).prefix(3)
        #expect(outcomes[1].frame.map { Array($0[14..<17]) } == Array(label))
    }

    /// The sender is in the VRF that the packet came in by.
    @Test func anErrorGoesBackToTheSendersVRF() throws {
        let lab = try lab(41, [Entry(instance: 1, otherwise: .vrf(2))])
        let outcome = try #require(lab.run([circuitFrame(to: 0xAC10_0001)]).first)
        #expect(lab.drops(.noRoute, counter: 41) == 1)
        #expect(outcome.verdict == .transmit(port: 2))
        #expect(outcome.frame.map { Array($0.prefix(6)) } == LabPlan.neighborMAC(counter: 41))
    }

    @Test func fromNNIToNNIOnlyWhereBothVRFsAllowIt() throws {
        // VRF 1 has no transit, VRF 2 has.
        let withoutTransit = try lab(11, [Entry(instance: 1, otherwise: .vrf(2))])
        #expect(
            withoutTransit.run([labelledFrame(to: 0x0A04_0009), labelledFrame(to: Self.elsewhere)]).map(\.verdict)
                == [.drop(.transitNotAllowed), .transmit(port: 4)])
        let intoOne = try lab(12, [Entry(instance: 1, otherwise: .vrf(1))])
        let frame = labelledFrame(label: 1002, to: 0x0A03_0009)
        #expect(intoOne.run([frame]).map(\.verdict) == [.drop(.transitNotAllowed)])
        let without = try lab(12, [Entry(instance: 1, lengths: 0...1, otherwise: .discard)])
        #expect(without.run([frame]).map(\.verdict) == [.transmit(port: 0)])
    }

    /// A label that has a next hop leads by it, unless the map has the packet looked up: in another VRF or in its own.
    @Test(arguments: [true, false])
    func aMapHasPacketsLookedUpThatHaveTheNextHopOfTheirLabel(onTheCommonPath: Bool) throws {
        let frame = labelledFrame(label: 1032, to: 0x0A01_0009)
        for (entry, port) in [
            (Entry(instance: 1, lengths: 0...1, otherwise: .vrf(1)), UInt16(3)),
            (Entry(instance: 1, otherwise: .vrf(1)), 2),
        ] {
            let lab = try lab(11, [entry])
            lab.worker.pointee.usesCommonPath = onTheCommonPath
            #expect(lab.run([frame]).map(\.verdict) == [.transmit(port: port)])
        }
    }

    /// What a fault in the control process could install.
    @Test func noMapLeadsPastALabelOrIntoAnotherVRF() throws {
        let labelled = try lab(11, [Entry(instance: 1, nextHops: ["n21"])])
        #expect(labelled.run([labelledFrame(to: Self.elsewhere)]).map(\.verdict) == [.transmit(port: 3)])
        #expect(labelled.classCounters(1).packets == [0, 1, 0])
        let foreign = try lab(11, [Entry(instance: 1, nextHops: ["c43"])])
        #expect(foreign.run([labelledFrame(to: Self.elsewhere)]).map(\.verdict) == [.drop(.adjacencyOfAnotherVRF)])
    }

    /// Towards an NNI with the label of the route there: from a circuit and, where the VRF has transit, from an NNI.
    @Test func whereAnAddressIsRoutedPacketsGoWithTheLabelOfTheRoute() throws {
        let viaNNI = ServicePlan.viaNNI
        let fromCircuit = try lab(41, [Entry(instance: 1, nextHops: ["silent"], recursive: viaNNI)])
        let outcome = try #require(fromCircuit.run([circuitFrame(to: Self.elsewhere)]).first)
        #expect(outcome.verdict == .transmit(port: 0))
        #expect(outcome.frame.map { Array($0[14..<17]) } == Array(PacketBuilder.octets(5001 << 12 | 0x100).prefix(3)))
        #expect(fromCircuit.classCounters(1).packets == [1, 0, 0])
        let neighborFirst = try lab(41, [Entry(instance: 1, nextHops: ["c42"], recursive: viaNNI)])
        #expect(neighborFirst.run([circuitFrame(to: 0x0A03_0009)]).map(\.verdict) == [.transmit(port: 3)])
        // The transit rule is Departure's, as ever: VRF 1 has none, VRF 2 has.
        let withoutTransit = try lab(11, [Entry(instance: 1, recursive: viaNNI)])
        #expect(withoutTransit.run([labelledFrame(to: Self.elsewhere)]).map(\.verdict) == [.drop(.transitNotAllowed)])
        let withTransit = try lab(12, [Entry(instance: 1, recursive: viaNNI)])
        let frame = labelledFrame(label: 1002, to: Self.elsewhere)
        #expect(withTransit.run([frame]).map(\.verdict) == [.transmit(port: 0)])
    }

    /// No route, Null0, a host that is looked for or silent, the box itself.
    @Test(arguments: [0xAC10_0001, 0x0A09_0001, 0x0A01_0909, 0x0A08_0001, 0x0A01_0001] as [UInt32])
    func anAddressWhoseRouteLeadsNowhereTakesNothing(_ address: UInt32) throws {
        let lab = try lab(41, [Entry(instance: 1, recursive: (address, []))])
        #expect(lab.run([circuitFrame(to: 0x0A03_0009)]).map(\.verdict) == [.transmit(port: 0)])
        #expect(lab.classCounters(1).packets == [0, 1, 0])
        let foreign = try self.lab(41, [Entry(instance: 1, recursive: (0x0A06_0009, []))])
        #expect(foreign.run([circuitFrame(to: 0x0A03_0009)]).map(\.verdict) == [.drop(.adjacencyOfAnotherVRF)])
    }

    @Test func theExplanationNamesTheEntry() throws {
        let lab = try lab(
            41, [Entry(instance: 1, lengths: 0...50, nextHops: ["c42"]), Entry(instance: 2, nextHops: ["silent"])])
        let interface = lab.writer.reader.interfaces[Int(lab.writer.reader.interface(untaggedOn: 2))]
        let first = lab.writer.reader.services[Int(interface.services)].route_maps_in.ipv4_first
        let nextHop = try #require(lab.nextHops[Lab.nextHopName("c42", .ipv4)])
        let adjacency = lab.wayOut(nextHop)
        func entries(_ frame: (port: UInt16, octets: [UInt8])) throws -> [Explanation.Entry] {
            let explanation = try Explanation.of(
                frame: frame.octets, arrivingOn: frame.port, tables: lab.writer.reader)
            return try #require(explanation.steps.first { $0.stage == .services }).entries
        }
        let place = Explanation.Entry.interface(lab.writer.reader.interface(untaggedOn: 2))
        #expect(
            try entries(circuitFrame(to: 0x0A03_0009)) == [
                place, .routeMapEntry(first, isWithoutNextHop: false), .nextHop(nextHop), adjacency,
            ])
        #expect(
            try entries(circuitFrame(to: 0x0A03_0009, payload: 60)) == [
                place, .routeMapEntry(first + 1, isWithoutNextHop: true),
            ])
        #expect(try entries(circuitFrame(to: 0x0A01_0001)) == [place])
    }
}
