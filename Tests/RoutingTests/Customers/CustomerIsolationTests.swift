import Addressing
import BGP
import Routing
import Testing

/// A router inside a VRF is in that VRF and in no other.
@Suite struct CustomerIsolationTests {
    @Test func `its routes enter that VRF only, whatever their extended communities say`() throws {
        let owner = withCustomers(try customerInputs())
        try owner.announce("192.168.1.0/24") {
            $0.extendedCommunities = [
                ExtendedCommunity(try target("42:2")), ExtendedCommunity(try target("42:3")),
                ExtendedCommunity(rawValue: 0x0003_FFFF_0000_0001),
            ]
        }
        #expect(try owner.action("192.168.1.0/24") == byNeighbor())
        #expect(try owner.action("192.168.1.0/24", in: "two") == nil)
        #expect(try owner.action("192.168.1.0/24", in: "three") == nil)
        #expect(try owner.best("192.168.1.0/24")?.extendedCommunities == [])
        owner.drain()
        let sent = try #require(try owner.sent[FarEnd.first]?[vpn("42:1", "192.168.1.0/24")])
        #expect(try sent.attributes.extendedCommunities == [ExtendedCommunity(target("42:1"))])
        #expect(try owner.sent[FarEnd.first]?[vpn("42:2", "192.168.1.0/24")] == nil)
        #expect(try owner.given("192.168.1.0/24", to: Customer.other) != nil)
        #expect(try owner.given("192.168.1.0/24", to: Customer.inTwo) == nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `neighbors of one address in two VRFs have nothing in common`() throws {
        let owner = withCustomers(try customerInputs())
        try owner.announce("192.168.1.0/24")
        try owner.announce("192.168.2.0/24", from: Customer.inTwo)
        try owner.announce("192.168.3.0/24")
        try owner.announce("192.168.3.0/24", from: Customer.inTwo)
        #expect(try owner.action("192.168.1.0/24") == byNeighbor())
        #expect(try owner.action("192.168.2.0/24") == nil)
        #expect(try owner.action("192.168.1.0/24", in: "two") == nil)
        #expect(try owner.action("192.168.2.0/24", in: "two") == byNeighbor(Customer.inTwo, "ten1/2"))
        try owner.withdraw("192.168.3.0/24")
        #expect(try owner.action("192.168.3.0/24") == nil)
        #expect(try owner.action("192.168.3.0/24", in: "two") == byNeighbor(Customer.inTwo, "ten1/2"))
        owner.handle(.down(neighbor: Customer.inTwo, gracefulRestart: nil))
        #expect(try owner.action("192.168.3.0/24", in: "two") == nil)
        #expect(try owner.action("192.168.1.0/24") == byNeighbor())
        #expect(owner.violations.isEmpty)
    }

    @Test func `VPN routes of a customer and unicast routes of a far end do not count`() throws {
        let owner = withCustomers(try customerInputs())
        var contents = PathAttributes.Contents(
            asPath: ASPath(sequence: [Customer.system]), nextHop: BGPNextHop(Customer.address))
        contents.extendedCommunities = [ExtendedCommunity(try target("42:1"))]
        let attributes = PathAttributes(contents)
        owner.handle(
            .update(
                neighbor: Customer.inOne, try announcement(vpn("65100:1", "192.168.1.0/24"), label: 500, attributes)))
        let route = AnnouncedRoute(unicast: try prefix("192.168.2.0/24"))
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                Update(announcing: [route], attributes: try Self.fromFarEnd())))
        for vrf in ["one", "two", "three"] {
            #expect(try owner.action("192.168.1.0/24", in: vrf) == nil)
            #expect(try owner.action("192.168.2.0/24", in: vrf) == nil)
        }
    }

    private static func fromFarEnd() throws -> PathAttributes { try attributes(targets: ["42:1"]) }

    @Test func `a family that the VRF does not carry is neither taken nor given`() throws {
        var inputs = try customerInputs()
        inputs.vrfs["one"]?.families = [.ipv4]
        let owner = withCustomers(inputs)
        let nextHop = BGPNextHop(try address("2001:db8:1::2"))
        try owner.announce("2001:db8:9::/48", nextHop: nextHop)
        #expect(try owner.action("2001:db8:9::/48") == nil)
        #expect(owner.sentUnicast[Customer.inOne]?.keys.contains { $0.family == .ipv6 } == false)
        inputs.vrfs["one"]?.families = [.ipv4, .ipv6]
        owner.handle(.configure(inputs))
        #expect(owner.refreshRequests.contains { $0 == (Customer.inOne, .ipv6Unicast) })
        #expect(!owner.refreshRequests.contains { $0.0 == Customer.inTwo })
        try owner.announce("2001:db8:9::/48", nextHop: nextHop)
        #expect(try owner.action("2001:db8:9::/48") == .gateway(circuit: "ten1/1", address: nextHop.address))
        owner.drain()
        #expect(try owner.given("2001:db8:1::/64") != nil)
        #expect(owner.violations.isEmpty)
    }

    /// A host route would take another host of the circuit away.
    @Test func `its routes inside connected subnets are not used but where the VRF allows it`() throws {
        var inputs = try customerInputs()
        let owner = withCustomers(inputs)
        try owner.announce("10.1.0.9/32")
        try owner.announce("10.4.0.0/25")
        #expect(try owner.action("10.1.0.9/32") == nil)
        #expect(try owner.action("10.4.0.0/25") == nil)
        #expect(owner.refusals(.connectedSubnet) == 2)
        inputs.vrfs["one"]?.acceptsConnectedSubnets = true
        owner.handle(.configure(inputs))
        #expect(try owner.action("10.1.0.9/32") == byNeighbor())
        #expect(try owner.action("10.4.0.0/25") == byNeighbor())
        #expect(owner.violations.isEmpty)
    }

    @Test func `destinations that are no unicast ones are taken only by its own word`() throws {
        var inputs = try customerInputs()
        let owner = withCustomers(inputs)
        try owner.announce("127.0.0.0/8")
        try owner.announce("239.1.0.0/16")
        #expect(try owner.action("127.0.0.0/8") == nil)
        #expect(owner.refusals(.martianPrefix) == 1 && owner.refusals(.multicastPrefix) == 1)
        inputs.neighbors[Customer.inOne]?.acceptsMartians = true
        owner.handle(.configure(inputs))
        #expect(owner.refreshRequests.contains { $0 == (Customer.inOne, .ipv4Unicast) })
        try owner.announce("127.0.0.0/8")
        #expect(try owner.action("127.0.0.0/8") == byNeighbor())
    }
}
