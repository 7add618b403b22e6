import Addressing
import BGP
import Routing
import Testing

/// The routes that count as withdrawn, with the reason, while the neighbor announces them.
@Suite struct RejectedRouteTests {
    private func rejected(
        _ owner: Owner, of peer: PeerAddress = Customer.inOne, _ family: SessionFamily = .ipv4
    ) -> [String: RouteRejection] {
        let routes = owner.table.identifiers(.rejected, peer, family: family)
        #expect(owner.table.count(.rejected, peer, family: family) == routes.count)
        return Dictionary(
            uniqueKeysWithValues: owner.table.rejectedRoutes(from: peer, family: family, among: routes).map {
                ($0.route.description, $0.reason)
            })
    }

    @Test func `each has its last reason until it is acceptable or withdrawn`() throws {
        let owner = withCustomers(try customerInputs())
        try owner.announce("192.168.1.0/24", path: [Customer.system, 42])
        try owner.announce("192.168.2.0/24", nextHop: BGPNextHop(try address("10.9.9.9")))
        try owner.announce("127.1.0.0/16")
        try owner.announce("192.168.4.0/24")
        #expect(
            rejected(owner) == [
                "192.168.1.0/24": .asPathLoop, "192.168.2.0/24": .nextHopNotOnCircuit, "127.1.0.0/16": .martianPrefix,
            ])
        try owner.announce("192.168.1.0/24", path: [7])
        try owner.announce("192.168.2.0/24")
        try owner.withdraw("127.1.0.0/16")
        #expect(rejected(owner) == ["192.168.1.0/24": .asPathNotFromNeighbor])
        #expect(rejected(owner, of: Customer.inTwo).isEmpty && rejected(owner, of: FarEnd.first, .vpnv4).isEmpty)
        owner.advance(to: seconds(5))
        try owner.announce("192.168.4.0/24", path: [Customer.system, 42])
        let last = owner.table.rejectedRoutes(
            from: Customer.inOne, family: .ipv4, among: [.unicast(try prefix("192.168.4.0/24"))])
        #expect(last.map(\.rejectedAt) == [seconds(5)])
        #expect(last.map { $0.attributes?.asPath } == [ASPath(sequence: [Customer.system, 42])])
    }

    @Test func `a policy that comes or goes is a reason, too`() throws {
        var inputs = try customerInputs()
        let owner = withCustomers(inputs)
        try owner.announce("192.168.1.0/24")
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.importFilter = PrefixFilter([])
        owner.handle(.configure(inputs))
        #expect(rejected(owner) == ["192.168.1.0/24": .neighborPrefixList])
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.importFilter = nil
        owner.handle(.configure(inputs))
        try owner.announce("192.168.1.0/24")
        #expect(rejected(owner).isEmpty)
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.importPolicy = RoutePolicy([])
        owner.handle(.configure(inputs))
        #expect(rejected(owner) == ["192.168.1.0/24": .neighborRouteMap])
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.importPolicy = everything
        owner.handle(.configure(inputs))
        try owner.announce("192.168.1.0/24")
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.importPolicy = nil
        owner.handle(.configure(inputs))
        #expect(rejected(owner) == ["192.168.1.0/24": .noPolicy])
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.importPolicy = everything
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.allowedOwnSystems = 1
        owner.handle(.configure(inputs))
        try owner.announce("192.168.1.0/24", path: [Customer.system, 42])
        #expect(rejected(owner).isEmpty)
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.allowedOwnSystems = 0
        owner.handle(.configure(inputs))
        #expect(rejected(owner) == ["192.168.1.0/24": .asPathLoop])
    }

    @Test func `of a far end those that the lists of all VRFs refuse`() throws {
        var inputs = try customerInputs()
        let owner = withCustomers(inputs)
        try owner.announceFromFarEnd("10.9.0.0/16")
        try owner.announceFromFarEnd("10.10.0.0/16", targets: ["42:9"])
        #expect(rejected(owner, of: FarEnd.first, .vpnv4).isEmpty, "that nobody imports it is no rejection")
        inputs.vrfs["one"]?.importFilters[.ipv4] = PrefixFilter([])
        owner.handle(.configure(inputs))
        #expect(rejected(owner, of: FarEnd.first, .vpnv4) == ["65001:1:10.9.0.0/16": .vrfPrefixList])
        try owner.announceFromFarEnd("10.11.0.0/16")
        #expect(rejected(owner, of: FarEnd.first, .vpnv4).count == 2)
        inputs.vrfs["one"]?.importFilters[.ipv4] = nil
        owner.handle(.configure(inputs))
        try owner.announceFromFarEnd("10.11.0.0/16")
        #expect(rejected(owner, of: FarEnd.first, .vpnv4) == ["65001:1:10.9.0.0/16": .vrfPrefixList])
    }

    @Test(arguments: [true, false])
    func `they end with the session, kept routes or not, and with the family`(isKept: Bool) throws {
        let owner = withCustomers(try customerInputs())
        try owner.announce("192.168.1.0/24")
        try owner.announce("192.168.2.0/24", path: [7])
        let restart = GracefulRestartCapability(
            restarted: true, restartTimeSeconds: 120, forwardingPreserved: [.ipv4Unicast: true])
        owner.handle(.down(neighbor: Customer.inOne, gracefulRestart: isKept ? restart : nil))
        #expect(rejected(owner).isEmpty)
        #expect(try (owner.action("192.168.1.0/24") != nil) == isKept)
        owner.handle(.established(neighbor: Customer.inOne, customerSession()))
        try owner.announce("192.168.2.0/24", path: [7])
        #expect(rejected(owner).count == 1)
        owner.handle(.familyDisabled(neighbor: Customer.inOne, .ipv4Unicast))
        #expect(rejected(owner).isEmpty)
    }

    @Test func `what is not repeated in a refresh is gone`() throws {
        let owner = withCustomers(try customerInputs())
        try owner.announce("192.168.1.0/24", path: [7])
        try owner.announce("192.168.2.0/24", path: [7])
        owner.handle(.refreshBegan(neighbor: Customer.inOne, .ipv4Unicast))
        try owner.announce("192.168.2.0/24", path: [7])
        #expect(rejected(owner).count == 2)
        owner.handle(.refreshEnded(neighbor: Customer.inOne, .ipv4Unicast))
        #expect(rejected(owner) == ["192.168.2.0/24": .asPathNotFromNeighbor])
    }

    @Test func `they are bounded, and large attributes are not kept`() throws {
        let owner = withCustomers(try customerInputs())
        for number in 0..<1030 { try owner.announce("172.16.\(number / 256).\(number % 256)/32", path: [7]) }
        #expect(rejected(owner).count == 1024)
        #expect(owner.table.omittedRejectionCount(of: Customer.inOne, family: .ipv4) == 6)
        #expect(rejected(owner, .ipv6).isEmpty)
        try owner.announce("172.16.0.0/32", path: [7]) {
            $0.communities = (0..<1000).map { Community(rawValue: $0) }
        }
        let first = owner.table.rejectedRoutes(
            from: Customer.inOne, family: .ipv4, among: [.unicast(try prefix("172.16.0.0/32"))])
        #expect(first.map(\.reason) == [.asPathNotFromNeighbor] && first.map(\.attributes) == [nil])
        owner.handle(.down(neighbor: Customer.inOne, gracefulRestart: nil))
        #expect(owner.table.omittedRejectionCount(of: Customer.inOne, family: .ipv4) == 0)
    }
}
