import Addressing
import BGP
import Routing
import Testing

/// RFC 8212: without a policy nothing goes in and nothing out, each direction by itself.
@Suite struct CustomerPolicyTests {
    private func list(_ text: String) throws -> PrefixFilter {
        PrefixFilter([.init(permits: true, prefix: try prefix(text), lengths: 0...32)])
    }

    private func inputs(change: (inout NeighborInputs.Family) throws -> Void) throws -> RoutingInputs {
        var inputs = try customerInputs()
        var family = NeighborInputs.Family(.customer)
        try change(&family)
        inputs.neighbors[Customer.inOne]?.families[.ipv4] = family
        return inputs
    }

    @Test func `without one nothing goes in and nothing out, but End-of-RIB`() throws {
        let owner = withCustomers(try inputs { _ in })
        try owner.announce("192.168.1.0/24")
        owner.drain()
        #expect(try owner.action("192.168.1.0/24") == nil)
        #expect(owner.refusals(.noPolicy) == 1)
        #expect(owner.sentUnicast[Customer.inOne]?.keys.filter { $0.family == .ipv4 } == [])
        #expect(owner.endOfRIBSent[Customer.inOne] == [.ipv4Unicast, .ipv6Unicast])
        #expect(try owner.given("10.1.0.0/24", to: Customer.other) != nil)
    }

    @Test func `a list or a map of one direction opens that direction`() throws {
        let openings: [(in: Bool, (inout NeighborInputs.Family) throws -> Void)] = [
            (true, { $0.importFilter = try list("192.168.0.0/16") }), (true, { $0.importPolicy = everything }),
            (false, { $0.exportFilter = try list("10.0.0.0/8") }), (false, { $0.exportPolicy = everything }),
        ]
        for (isIn, open) in openings {
            let owner = withCustomers(try inputs(change: open))
            try owner.announce("192.168.1.0/24")
            owner.drain()
            #expect(try (owner.action("192.168.1.0/24") != nil) == isIn)
            #expect(try (owner.given("10.1.0.0/24") != nil) == !isIn)
            #expect(owner.violations.isEmpty)
        }
    }

    @Test func `a policy that comes asks for the routes, and one that goes ends them at once`() throws {
        let closed = try inputs { _ in }
        let open = try inputs { $0.importPolicy = everything }
        let owner = withCustomers(closed)
        try owner.announce("192.168.1.0/24")
        owner.handle(.configure(open))
        #expect(try owner.action("192.168.1.0/24") == nil)
        #expect(owner.refreshRequests.count == 1)
        #expect(owner.refreshRequests.contains { $0 == (Customer.inOne, .ipv4Unicast) })
        try owner.announce("192.168.1.0/24")
        #expect(try owner.action("192.168.1.0/24") == byNeighbor())
        owner.drain()
        #expect(try owner.sent[FarEnd.first]?[vpn("42:1", "192.168.1.0/24")] != nil)
        owner.handle(.configure(closed))
        #expect(try owner.action("192.168.1.0/24") == nil)
        owner.drain()
        #expect(try owner.sent[FarEnd.first]?[vpn("42:1", "192.168.1.0/24")] == nil)
        #expect(owner.refreshRequests.count == 1)
        owner.handle(.configure(open))
        #expect(owner.refreshRequests.count == 2, "what went was not kept")
        #expect(owner.resets.isEmpty && owner.violations.isEmpty)
    }

    @Test func `what goes out follows the policy at once`() throws {
        let closed = try inputs { _ in }
        let owner = withCustomers(closed)
        owner.handle(.configure(try inputs { $0.exportFilter = try list("10.1.0.0/24") }))
        owner.drain()
        #expect(try owner.given("10.1.0.0/24") != nil)
        #expect(try owner.given("10.4.0.0/24") == nil)
        owner.handle(.configure(try inputs { $0.exportFilter = try list("10.4.0.0/24") }))
        owner.drain()
        #expect(try owner.given("10.1.0.0/24") == nil)
        #expect(try owner.given("10.4.0.0/24") != nil)
        owner.handle(.configure(closed))
        owner.drain()
        #expect(owner.sentUnicast[Customer.inOne]?.keys.filter { $0.family == .ipv4 } == [])
        #expect(owner.resets.isEmpty && owner.violations.isEmpty)
    }

    @Test func `maps see and write the attributes in both directions`() throws {
        let owner = withCustomers(
            try inputs {
                var entry = RoutePolicy.Entry(permits: true)
                entry.changes.localPreference = 200
                entry.changes.communities = .init([Community(rawValue: 42 << 16 | 1)], isAdditive: true)
                $0.importPolicy = RoutePolicy([entry])
                entry = RoutePolicy.Entry(permits: true)
                entry.changes.multiExitDiscriminator = 7
                entry.changes.prependedSystems = [42]
                $0.exportPolicy = RoutePolicy([entry])
            })
        try owner.announce("192.168.1.0/24")
        #expect(try owner.best("192.168.1.0/24")?.localPreference == 200)
        owner.drain()
        let given = try #require(try owner.given("10.1.0.0/24"))
        #expect(given.multiExitDiscriminator == 7)
        #expect(given.asPath == ASPath(sequence: [42, 42]))
        let other = try #require(try owner.given("192.168.1.0/24", to: Customer.other))
        #expect(other.localPreference == nil)
        #expect(other.communities == [Community(rawValue: 42 << 16 | 1)])
    }
}
