import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Testing

/// The routes that neighbors have for being there, when their circuit changes.
@Suite struct HostRouteTests {
    private typealias Text = LaboratoryConfiguration

    private static let neighbor = IPv4Address(10, 1, 0, 7)
    /// On the neighbor's subnet, and never heard of.
    private static let stranger = IPv4Address(10, 1, 0, 9)
    private static let circuit =
        "interface ten1/1\n vrf definition one\n ip address 10.1.0.1/24\n ipv6 address 2001:db8:1::1/64\n"

    private static func nextHop(
        of address: IPv4Address, vrf: UInt16, in laboratory: Laboratory
    ) throws -> UInt32 {
        let reader = try laboratory.tables().reader
        return reader.fib.lookup(ipv4: address.rawValue, root: reader.ipv4Root(ofVRF: vrf))
    }

    private static func hasHostRoute(vrf: UInt16, in laboratory: Laboratory) throws -> Bool {
        try nextHop(of: neighbor, vrf: vrf, in: laboratory) != nextHop(of: stranger, vrf: vrf, in: laboratory)
    }

    /// A box whose circuit ten1/1 in VRF one, the first, has a neighbor; VRF two has the same subnet.
    private static func laboratoryWithNeighbor() async throws -> Laboratory {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        let dataplane = try FakeDataplane(directory: laboratory.options.runtimeDirectory)
        let counter = try await PuntTests.number(of: "ten1/1", in: laboratory)
        var frame = PuntTests.arpReply(from: neighbor, to: IPv4Address(10, 1, 0, 1))
        // As a request for our address it makes an entry.
        frame[21] = 1
        dataplane.punt(STILE_PUNT_ARP, counter: counter, isFrame: true, frame)
        try await laboratory.eventually("the neighbor has a route") { try hasHostRoute(vrf: 1, in: laboratory) }
        #expect(try !hasHostRoute(vrf: 2, in: laboratory))
        return laboratory
    }

    /// The circuit is another customer's then: who was there has to say so anew.
    @Test func aCircuitThatGoesToAnotherVRFLeavesItsNeighborsBehind() async throws {
        let laboratory = try await Self.laboratoryWithNeighbor()
        let moved = Text.first
            .replacing("interface ten1/1\n vrf definition one", with: "interface ten1/1\n vrf definition two")
            .replacing("dot1q 30\n vrf definition two", with: "dot1q 30\n vrf definition one")
        try await laboratory.replace(moved)
        #expect(try !Self.hasHostRoute(vrf: 1, in: laboratory))
        #expect(try !Self.hasHostRoute(vrf: 2, in: laboratory))
        let explanation = try await laboratory.explain(
            ExplainPacket(interface: "ten1/1", source: IPAddress("10.1.0.8")!, destination: .ipv4(Self.neighbor)))
        #expect(explanation.verdict == .punted)
        await laboratory.stop()
    }

    /// Long before it would have been asked in vain. The covering route, if there is another, takes the packets.
    @Test func `a host's route goes with the link of its circuit, and comes back when it is heard again`() async throws
    {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        let dataplane = try await laboratory.dataplane()
        let counter = try await PuntTests.number(of: "ten1/1", in: laboratory)
        var request = PuntTests.arpReply(from: Self.neighbor, to: IPv4Address(10, 1, 0, 1))
        request[21] = 1
        let reader = try laboratory.tables().reader
        func nextHop(_ address: IPv4Address) -> UInt32 {
            reader.fib.lookup(ipv4: address.rawValue, root: reader.ipv4Root(ofVRF: 1))
        }
        func becomes(_ what: Comment, _ condition: () -> Bool) async throws {
            for _ in 0..<3000 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
            #expect(condition(), what)
        }
        dataplane.bringUp(port: 1, address: PuntTests.circuit)
        for _ in 0..<2 {
            try await becomes("the neighbor has a route") {
                dataplane.punt(STILE_PUNT_ARP, counter: counter, isFrame: true, request)
                return nextHop(Self.neighbor) != nextHop(Self.stranger)
            }
            dataplane.bringDown(port: 1, address: PuntTests.circuit)
            let elsewhere = IPv4Address(198, 51, 100, 1)
            try await becomes("the route goes with the link, and its subnet's") {
                nextHop(Self.neighbor) == nextHop(elsewhere)
            }
            // What still comes by the dead port makes no neighbor.
            dataplane.punt(STILE_PUNT_ARP, counter: counter, isFrame: true, request)
            try await Task.sleep(for: .milliseconds(20))
            #expect(nextHop(Self.neighbor) == nextHop(elsewhere))
            dataplane.bringUp(port: 1, address: PuntTests.circuit)
        }
        await laboratory.stop()
    }

    @Test func aNeighborEndsWithItsCircuit() async throws {
        let laboratory = try await Self.laboratoryWithNeighbor()
        try await laboratory.replace(Text.first.replacing(Self.circuit, with: ""))
        let unknown = try Self.nextHop(of: IPv4Address(198, 51, 100, 1), vrf: 1, in: laboratory)
        #expect(try Self.nextHop(of: Self.neighbor, vrf: 1, in: laboratory) == unknown)
        #expect(try !Self.hasHostRoute(vrf: 2, in: laboratory))
        await laboratory.stop()
    }
}
