import Addressing
import CTableLayout
import ControlProtocol
import PacketFormats
import Testing

/// A static route by a link-local address: its neighbor is asked for on the link of the circuit that the route names, and
/// nobody else's link-local address takes a place in the tables.
@Suite struct LinkLocalRouteTests {
    private static let text =
        LaboratoryConfiguration.first
        + "ipv6 route vrf one 2001:db8:77::/48 ten1/1 fe80::77\n"
    private static let router = IPv6Address("fe80::77")!

    private static func frame(_ message: NeighborDiscoveryPacket) -> [UInt8] {
        EthernetFrame.octets(
            destination: PuntTests.circuit, source: Laboratory.customer, etherType: EtherType.ipv6,
            payload: message.octets)
    }

    @Test func theRouteLeadsToTheRouterOnTheLink() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let dataplane = try await laboratory.dataplane()
        let circuit = try await PuntTests.number(of: "ten1/1", in: laboratory)
        let own = IPv6Address("fe80::ff:fe00:11")!
        // The box asks for it as long as the route is there: from its own link-local address.
        var asked: [NeighborDiscoveryPacket] = []
        try await laboratory.eventually("a solicitation") {
            asked += dataplane.takeInjected().filter { $0.data.count > 54 }.compactMap {
                NeighborDiscoveryPacket(parsing: $0.data[14...])
            }.filter { if case .neighborSolicitation(Self.router, _) = $0.message { true } else { false } }
            return !asked.isEmpty
        }
        #expect(asked.first?.source == own)
        let stranger = IPv6Address("fe80::88")!
        for sender in [stranger, Self.router] {
            let solicitation = NeighborDiscoveryPacket(
                source: sender, destination: own,
                message: .neighborSolicitation(target: own, sourceLinkLayerAddress: Laboratory.customer))
            dataplane.punt(
                STILE_PUNT_NEIGHBOR_DISCOVERY, counter: circuit, isFrame: true, Self.frame(solicitation))
        }
        let query = ExplainPacket(
            interface: "ten1/1", source: IPAddress("2001:db8:1::7")!, destination: IPAddress("2001:db8:77::1")!)
        try await laboratory.eventually("the router") {
            let explanation = try await laboratory.explain(query)
            return explanation.verdict == .forwarded && explanation.egressInterface == "ten1/1"
        }
        let known = try await laboratory.ask(ShowNeighbors())
        #expect(known.neighbors.map(\.address).filter { $0 == .ipv6(stranger) }.isEmpty)
        #expect(known.neighbors.map(\.address).filter { $0 == .ipv6(Self.router) }.count == 1)
        let routes = try await laboratory.ask(ShowRoutes(vrf: "one"))
        let route = try #require(routes.routes.first { $0.prefix == IPPrefix("2001:db8:77::/48") })
        #expect(route.nextHops.map(\.address) == [.ipv6(Self.router)])
        #expect(route.nextHops.map(\.interface) == ["ten1/1"] && route.nextHops.allSatisfy(\.isResolved))
        await laboratory.stop()
    }
}
