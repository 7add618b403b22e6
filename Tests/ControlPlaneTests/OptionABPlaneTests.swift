import Addressing
import BGP
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Routing
import Testing

/// A box with a VRF on the labels of an Option E session and one on a circuit of its own beside it.
@Suite struct OptionABPlaneTests {
    private static let box =
        (0..<3).map { "port ten1/\($0)\n device net_null\($0)\n mac-address 02:00:00:00:00:1\($0)\n" }.joined() + """
            ip vrf red
             rd 42:1
             route-target both 42:1
             optE 192.0.2.2
            interface ten1/0
             encap mpls optE
             ip address 192.0.2.1/30
            interface ten1/1
             vrf definition red
             ip address 10.1.0.1/24
            interface ten1/2
             vrf definition blue
             ip address 10.2.0.1/24
            router bgp 42
             neighbor 192.0.2.2 remote-as 65001
             address-family vpnv4
              neighbor 192.0.2.2 optE
             address-family ipv4 vrf blue
              redistribute connected

            """
    private static let blue = "ip vrf blue\n rd 42:2\n route-target both 42:2\n"
    private static let onCircuit = box + blue + " optAB 192.0.2.2 next-hop 10.2.0.9\n"
    private static let onLabels = box + blue + " optE 192.0.2.2\n"
    private static let farEnd = PeerAddress(.ipv4(IPv4Address(192, 0, 2, 2)))

    /// A route of the far end's in both VRFs.
    private func announce(in laboratory: Laboratory) async throws {
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: [65001]), nextHop: BGPNextHop(Self.farEnd.address))
        contents.extendedCommunities = try ["42:1", "42:2"].map { ExtendedCommunity(try #require(RouteTarget($0))) }
        let route = AnnouncedRoute(
            try RelayedLabelTests.prefix("65001:7", "10.9.0.0/16"), labels: .single(try RelayedLabelTests.label(777)))
        await (try #require(laboratory.plane)).handle(
            .update(neighbor: Self.farEnd, Update(announcing: [route], attributes: PathAttributes(contents))))
    }

    private func toldLabels(in laboratory: Laboratory) async throws -> [ToldLabel] {
        try await laboratory.ask(ShowLabels()).validNowhere
    }

    private func laboratory(_ text: String) async throws -> Laboratory {
        let laboratory = try Laboratory()
        try await laboratory.start(text)
        try await announce(in: laboratory)
        return laboratory
    }

    @Test func `the label that is told leads nowhere, and the show commands say so`() async throws {
        let laboratory = try await laboratory(Self.onCircuit)
        try await laboratory.eventually("the label is told") { try await !toldLabels(in: laboratory).isEmpty }
        let told = try #require(try await toldLabels(in: laboratory).first)
        #expect(told.vrf == "blue" && told.neighbor == Self.farEnd.address && !told.label.isReserved)
        #expect(told.farEnds == [CircuitFarEnd(address: .ipv4(IPv4Address(10, 2, 0, 9)), circuit: "ten1/2")])
        #expect(try await laboratory.ask(ShowLabels()).labels.map(\.vrf) == ["red"])
        let isolation = try await laboratory.ask(ShowIsolation())
        #expect(isolation.isIsolated && isolation.validNowhere == [told])
        #expect(
            isolation.text(.plain).contains(
                "label \(told.label) is told to 192.0.2.2 for VRF blue and is valid nowhere: its packets come from "
                    + "10.2.0.9 on ten1/2"))
        let blue = try #require(isolation.vrfs.first { $0.vrf == "blue" })
        #expect(blue.entrances == [VRFDoor(interface: "ten1/2", prefixes: 0)])
        #expect(blue.exits.allSatisfy { $0.label == nil })
        let neighbors = try await laboratory.ask(ShowBGPNeighbors()).neighbors
        #expect(neighbors.first?.eligibleVrfs == ["blue", "red"])
        #expect(neighbors.first?.vrfsOnCircuits == [VRFOnCircuits(vrf: "blue", farEnds: told.farEnds)])
        let explained = try await laboratory.explain(
            ExplainPacket(
                interface: "ten1/0", labels: [told.label], source: try #require(IPAddress("10.9.0.1")),
                destination: try #require(IPAddress("10.2.0.5"))))
        #expect(explained.reason == "label_not_valid_here" && explained.help == told.text)
        await laboratory.stop()
    }

    @Test func `routes of the session lead to the circuit in one VRF, and under the label in the other`() async throws {
        let laboratory = try await laboratory(Self.onCircuit)
        let explained = try await laboratory.explain(
            ExplainPacket(
                interface: "ten1/2", source: try #require(IPAddress("10.2.0.5")),
                destination: try #require(IPAddress("10.9.0.1"))))
        #expect(explained.vrf == "blue" && explained.egressLabel == nil)
        let lookup = try #require(explained.steps.first { $0.entry?.contains("10.2.0.9") == true })
        #expect(lookup.entry?.contains("10.2.0.9 on ten1/2, the far end of 192.0.2.2 by optAB") == true)
        let line = Self.onCircuit.split(separator: "\n").count
        #expect(lookup.configurationLine == "test.conf:\(line)", "\(explained.steps)")
        let routes = try await laboratory.ask(ShowRoutes()).routes.filter { $0.prefix == IPPrefix("10.9.0.0/16") }
        #expect(routes.map(\.vrf) == ["blue", "red"])
        #expect(routes.map { $0.nextHops.first?.interface } == ["ten1/2", "ten1/0 vrf red"])
        #expect(routes.map { $0.nextHops.first?.label?.rawValue } == [nil, 777])
        await laboratory.stop()
    }

    @Test func `a live change leaves one way in, and a restart the label`() async throws {
        let laboratory = try await laboratory(Self.onLabels)
        try await laboratory.eventually("both labels are valid") {
            try await laboratory.ask(ShowLabels()).labels.count == 2
        }
        try await laboratory.replace(Self.onCircuit, sessions: false)
        try await laboratory.eventually("the label is valid nowhere") {
            let shown = try await laboratory.ask(ShowLabels())
            return shown.labels.map(\.vrf) == ["red"] && shown.validNowhere.map(\.vrf) == ["blue"]
        }
        let label = try await toldLabels(in: laboratory).first?.label
        await laboratory.stop()
        try await laboratory.start(Self.onCircuit)
        try await laboratory.eventually("it is the same after a restart") {
            try await toldLabels(in: laboratory).first?.label == label
        }
        try await laboratory.replace(Self.onLabels, sessions: false)
        try await laboratory.eventually("the VRF has a label that is valid again") {
            let shown = try await laboratory.ask(ShowLabels())
            return shown.labels.map(\.vrf).sorted() == ["blue", "red"] && shown.validNowhere.isEmpty
        }
        await laboratory.stop()
    }
}
