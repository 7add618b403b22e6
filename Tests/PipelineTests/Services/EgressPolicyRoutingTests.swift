import CTableLayout
import Pipeline
import Testing

/// Route maps on the interfaces that packets leave by.
@Suite struct EgressPolicyRoutingTests {
    private typealias Entry = ServicePlan.RouteMapEntry

    /// A lab with a route map for what leaves by the interface with this counter.
    private func lab(
        _ counter: UInt16, _ entries: [Entry], services: [UInt16: ServicePlan.Services] = [:],
        others: [UInt16: [Entry]] = [:]
    ) throws -> Lab {
        let lab = try Lab()
        var plan = ServicePlan(services: services)
        plan.outgoingRouteMaps = others
        plan.outgoingRouteMaps[counter] = entries
        for counter in plan.outgoingRouteMaps.keys where plan.services[counter] == nil {
            plan.services[counter] = .init()
        }
        try lab.install(plan)
        return lab
    }

    private func circuitFrame(
        to destination: UInt32, payload: Int = 24, timeToLive: UInt8 = 64
    ) -> (port: UInt16, octets: [UInt8]) {
        let packet = PacketBuilder.ipv4(
            source: 0x0A01_004D, destination: destination, timeToLive: timeToLive,
            payload: [UInt8](repeating: 1, count: payload))
        return (2, PacketBuilder.circuitFrame(counter: 41, packet: packet))
    }

    private func labelledFrame(label: UInt32 = 1001, to destination: UInt32) -> (port: UInt16, octets: [UInt8]) {
        let packet = PacketBuilder.ipv4(source: 0x0A03_0009, destination: destination)
        return (0, PacketBuilder.labelledFrame(nni: 0, label: label, packet: packet))
    }

    private func label(_ outcome: Lab.Outcome?) -> [UInt8]? { outcome?.frame.map { Array($0[14..<17]) } }

    @Test func whatWouldLeaveByTheUnitGoesToACircuitInstead() throws {
        let lab = try lab(11, [Entry(instance: 1, lengths: 0...60, nextHops: ["c42"])])
        let outcomes = lab.run([circuitFrame(to: 0x0A03_0009), circuitFrame(to: 0x0A03_0009, payload: 60)])
        #expect(outcomes.map(\.verdict) == [.transmit(port: 3), .transmit(port: 0)])
        #expect(outcomes.first?.frame.map { Array($0.prefix(6)) } == LabPlan.neighborMAC(counter: 42))
        #expect(lab.classCounters(1).packets == [1, 0, 0])
        #expect(lab.classCounters(1).octets == [44, 0, 0])
    }

    @Test func whatWouldLeaveByACircuitGoesByTheUnitWithTheLabelOfTheRoute() throws {
        let lab = try lab(42, [Entry(instance: 1, nextHops: ["silent"], recursive: ServicePlan.viaNNI)])
        let outcome = lab.run([circuitFrame(to: 0x0A02_0009)]).first
        #expect(outcome?.verdict == .transmit(port: 0))
        #expect(label(outcome) == Array(PacketBuilder.octets(5001 << 12 | 0x100).prefix(3)))
    }

    /// What came from an NNI stays off the NNIs without transit, whoever leads it there: VRF 1 has none, VRF 2 has.
    @Test func theTransitRuleHolds() throws {
        let without = try lab(42, [Entry(instance: 1, recursive: ServicePlan.viaNNI)])
        #expect(without.run([labelledFrame(to: 0x0A02_0009)]).map(\.verdict) == [.drop(.transitNotAllowed)])
        let with = try lab(45, [Entry(instance: 1, recursive: ServicePlan.viaNNI)])
        #expect(with.run([labelledFrame(label: 1002, to: 0x0A02_0009)]).map(\.verdict) == [.transmit(port: 0)])
    }

    @Test func noMapLeadsIntoAnotherVRF() throws {
        let neighbor = try lab(42, [Entry(instance: 1, nextHops: ["c43"])])
        #expect(neighbor.run([circuitFrame(to: 0x0A02_0009)]).map(\.verdict) == [.drop(.adjacencyOfAnotherVRF)])
        let vrf = try lab(42, [Entry(instance: 1, otherwise: .vrf(2))])
        #expect(vrf.run([circuitFrame(to: 0x0A02_0009)]).map(\.verdict) == [.drop(.routeMapDiscarded)])
    }

    @Test func null0TakesItAndItCountsWhereItWouldHaveLeft() throws {
        let lab = try lab(42, [Entry(instance: 1, nextHops: ["silent"], otherwise: .discard)])
        let outcomes = lab.run([circuitFrame(to: 0x0A02_0009), circuitFrame(to: 0x0A03_0009)])
        #expect(outcomes.map(\.verdict) == [.drop(.routeMapDiscarded), .transmit(port: 0)])
        #expect(lab.drops(.routeMapDiscarded, counter: 42) == 1)
        #expect(lab.classCounters(1).packets == [0, 1, 0])
    }

    /// The services of where a packet leaves hold for it, and not those of where it would have left.
    @Test func accessListsAreThoseOfTheWayOut() throws {
        var denies = ServicePlan.Services()
        denies.ipv4Out = [.init(permits: false)]
        let toDenying = try lab(11, [Entry(instance: 1, nextHops: ["c42"])], services: [42: denies])
        #expect(toDenying.run([circuitFrame(to: 0x0A03_0009)]).map(\.verdict) == [.drop(.accessListDenied)])
        #expect(toDenying.drops(.accessListDenied, counter: 42) == 1)
        let fromDenying = try lab(11, [Entry(instance: 1, nextHops: ["c42"])], services: [11: denies])
        #expect(fromDenying.run([circuitFrame(to: 0x0A03_0009)]).map(\.verdict) == [.transmit(port: 3)])
    }

    /// Two maps that send to each other: the first one decides.
    @Test func oneMapDecides() throws {
        let lab = try lab(
            11, [Entry(instance: 1, nextHops: ["c42"])],
            others: [42: [Entry(instance: 2, recursive: ServicePlan.viaNNI)]])
        #expect(lab.run([circuitFrame(to: 0x0A03_0009)]).map(\.verdict) == [.transmit(port: 3)])
        #expect(lab.classCounters(1).packets == [1, 0, 0])
        #expect(lab.classCounters(2).packets == [0, 0, 0])
    }

    /// A code point that the entry sets is what the label's class is made from, and what lists look at.
    @Test func theMarkedClassGoesIntoTheLabel() throws {
        let lab = try lab(42, [Entry(instance: 1, recursive: ServicePlan.viaNNI, dscp: 46)])
        let frame = try #require(lab.run([circuitFrame(to: 0x0A02_0009)]).first?.frame)
        #expect(frame[16] >> 1 & 7 == 5)
        #expect(frame[19] == 46 << 2)
    }

    /// An error about a packet that the map would have taken goes to the sender by his route.
    @Test func whatTheBoxSaysGoesByItsDestination() throws {
        let lab = try lab(41, [Entry(instance: 1, otherwise: .discard)])
        let outcome = try #require(lab.run([circuitFrame(to: 0x0A03_0009, timeToLive: 1)]).first)
        #expect(outcome.verdict == .transmit(port: 2))
        #expect(lab.classCounters(1).packets == [0, 0, 0])
    }

    @Test func theExplanationNamesTheEntryAndTheWayOut() throws {
        let lab = try lab(11, [Entry(instance: 1, lengths: 0...50, nextHops: ["c42"])])
        let nextHop = try #require(lab.nextHops[Lab.nextHopName("c42", .ipv4)])
        let before = try #require(lab.nextHops[Lab.nextHopName("n11", .ipv4)])
        let reader = lab.writer.reader
        let services = reader.interfaces[Int(reader.nextHop(before).interface)].services
        let first = reader.services[Int(services)].route_maps_out.ipv4_first
        let frame = circuitFrame(to: 0x0A03_0009)
        let explanation = try Explanation.of(frame: frame.octets, arrivingOn: frame.port, tables: lab.writer.reader)
        let departure = try #require(explanation.steps.first { $0.stage == .departure })
        #expect(
            departure.entries == [
                lab.wayOut(before), .routeMapEntry(first, isWithoutNextHop: false), .nextHop(nextHop),
                lab.wayOut(nextHop),
            ])
        #expect(explanation.verdict == .transmit(port: 3))
    }
}
