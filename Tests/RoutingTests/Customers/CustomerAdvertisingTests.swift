import Addressing
import BGP
import Routing
import Testing

/// Between customers, far ends and the VRF's own routes.
@Suite struct CustomerAdvertisingTests {
    @Test func `a customer's route goes to far ends without transit, with the VRF's targets, label and next hop`()
        throws
    {
        let owner = withCustomers(try customerInputs())
        try owner.announce("192.168.1.0/24", path: [Customer.system, 7]) {
            $0.extendedCommunities = [ExtendedCommunity(try target("42:2"))]
            $0.multiExitDiscriminator = 9
            $0.communities = [Community(rawValue: 65100 << 16 | 1)]
        }
        owner.drain()
        let sent = try #require(try owner.sent[FarEnd.first]?[vpn("42:1", "192.168.1.0/24")])
        #expect(sent.label == allocated(owner.table, "one"))
        #expect(sent.attributes.asPath == ASPath(sequence: [42, Customer.system, 7]))
        #expect(try sent.attributes.routeTargets == [target("42:1")])
        #expect(try sent.attributes.nextHop == BGPNextHop(address("1.2.3.5")))
        #expect(sent.attributes.communities == [Community(rawValue: 65100 << 16 | 1)])
        #expect(sent.attributes.multiExitDiscriminator == nil)
        try owner.withdraw("192.168.1.0/24")
        owner.drain()
        #expect(try owner.sent[FarEnd.first]?[vpn("42:1", "192.168.1.0/24")] == nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a customer's route goes to the VRF's other customers and never back`() throws {
        let owner = withCustomers(try customerInputs())
        try owner.announce("192.168.1.0/24")
        owner.drain()
        #expect(
            try owner.given("192.168.1.0/24", to: Customer.other)?.asPath == ASPath(sequence: [42, Customer.system]))
        #expect(try owner.given("192.168.1.0/24") == nil)
        // A better one of another customer's takes its place.
        try owner.announce("192.168.1.0/24", path: [Customer.system, 7, 8])
        try owner.announce("192.168.1.0/24", from: Customer.other, path: [Customer.otherSystem])
        owner.drain()
        #expect(try owner.given("192.168.1.0/24", to: Customer.other) == nil)
        #expect(try owner.given("192.168.1.0/24")?.asPath == ASPath(sequence: [42, Customer.otherSystem]))
        #expect(owner.violations.isEmpty)
    }

    @Test func `a far end's route goes to customers with our next hop and without extended communities`() throws {
        let owner = withCustomers(try customerInputs())
        try owner.announceFromFarEnd("10.9.0.0/16", path: [FarEnd.firstAS, 7])
        try owner.announceFromFarEnd("10.10.0.0/16", targets: ["42:2"])
        owner.drain()
        let given = try #require(try owner.given("10.9.0.0/16"))
        #expect(try given.nextHop == BGPNextHop(address("10.1.0.1")))
        #expect(given.extendedCommunities == [])
        #expect(given.asPath == ASPath(sequence: [42, FarEnd.firstAS, 7]))
        #expect(try owner.given("10.9.0.0/16", to: Customer.other) != nil)
        #expect(try owner.given("10.9.0.0/16", to: Customer.inTwo) == nil)
        #expect(try owner.given("10.10.0.0/16") == nil)
        #expect(try owner.given("10.10.0.0/16", to: Customer.inTwo) != nil)
        // From afar it goes to no other far end.
        #expect(owner.sent[FarEnd.first]?.keys.contains { $0.prefix.description.hasSuffix("/16") } == false)
        #expect(owner.violations.isEmpty)
    }

    @Test func `without transit a customer's route goes out, and the far end's that replaces it does not`() throws {
        var inputs = try customerInputs()
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first, FarEnd.second]
        let owner = withCustomers(inputs)
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 8)))
        try owner.announce("10.9.0.0/16", path: [Customer.system, 7, 8])
        owner.drain()
        let key = try vpn("42:1", "10.9.0.0/16")
        #expect(owner.sent[FarEnd.second]?[key] != nil)
        try owner.announceFromFarEnd("10.9.0.0/16")
        owner.drain()
        #expect(owner.sent[FarEnd.first]?[key] == nil && owner.sent[FarEnd.second]?[key] == nil)
        #expect(try owner.given("10.9.0.0/16")?.asPath == ASPath(sequence: [42, FarEnd.firstAS]))
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        owner.drain()
        #expect(owner.sent[FarEnd.second]?[key]?.attributes.asPath == ASPath(sequence: [42, Customer.system, 7, 8]))
        #expect(owner.violations.isEmpty)
    }

    @Test(arguments: [Community.noExport, .noAdvertise, Community(rawValue: 0xFFFF_FF03)])
    func `what may not leave the AS goes to nobody`(community: Community) throws {
        let owner = withCustomers(try customerInputs())
        try owner.announce("192.168.1.0/24") { $0.communities = [community] }
        var contents = try attributes(targets: ["42:1"]).contents
        contents.communities = [community]
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                try announcement(vpn("65001:1", "10.9.0.0/16"), label: 500, PathAttributes(contents))))
        owner.drain()
        #expect(try owner.action("192.168.1.0/24") != nil && owner.action("10.9.0.0/16") != nil)
        #expect(try owner.sent[FarEnd.first]?[vpn("42:1", "192.168.1.0/24")] == nil)
        #expect(try owner.given("192.168.1.0/24", to: Customer.other) == nil)
        #expect(try owner.given("10.9.0.0/16") == nil)
    }

    @Test func `of the VRF's own routes those that are redistributed go to customers`() throws {
        var inputs = try customerInputs()
        inputs.vrfs["one"]?.redistributed = [.ipv4: [.staticRoutes]]
        inputs.vrfs["one"]?.staticRoutes = [
            StaticRouteInputs(prefix: try prefix("172.16.0.0/12"), nextHop: .address(try address("10.1.0.9")))
        ]
        let owner = withCustomers(inputs)
        #expect(owner.sentUnicast[Customer.inOne]?.keys.map { $0.description } == ["172.16.0.0/12"])
        let given = try #require(try owner.given("172.16.0.0/12"))
        #expect(given.origin == .incomplete && given.asPath == ASPath(sequence: [42]))
        inputs.vrfs["one"]?.redistributed = [.ipv4: [.connected], .ipv6: [.connected]]
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(
            owner.sentUnicast[Customer.inOne].map { Set($0.keys.map(\.description)) } == [
                "10.1.0.0/24", "10.4.0.0/24", "2001:db8:1::/64",
            ])
        #expect(owner.violations.isEmpty)
    }

    @Test func `a refresh brings a customer's routes again`() throws {
        let owner = withCustomers(try customerInputs())
        owner.handle(.routeRefresh(neighbor: Customer.inOne, .ipv4Unicast))
        let routes = owner.pull(Customer.inOne, limit: 100).flatMap { effect -> [NLRI] in
            if case .advertise(_, _, let routes) = effect { return routes.map(\.nlri) }
            return []
        }
        #expect(Set(routes.map(\.prefix.description)) == ["10.1.0.0/24", "10.4.0.0/24"])
    }
}
