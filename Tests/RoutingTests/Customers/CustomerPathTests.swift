import Addressing
import BGP
import Routing
import Testing

/// What the AS paths of customers' routes have to be, and what becomes of those that they are given.
@Suite struct CustomerPathTests {
    @Test(
        arguments: [
            ([65100], nil), ([65100, 65100, 7], nil), ([65101], .asPathNotFromNeighbor), ([], .asPathNotFromNeighbor),
            ([7, 65100], .asPathNotFromNeighbor), ([65100, 42], .asPathLoop), ([65100, 42, 7, 42], .asPathLoop),
        ] as [([UInt32], RouteRejection?)])
    func `a path begins with the neighbor's AS and is without ours`(path: [UInt32], reason: RouteRejection?) throws {
        let owner = withCustomers(try customerInputs())
        try owner.announce("192.168.1.0/24", path: path)
        #expect(try (owner.action("192.168.1.0/24") == nil) == (reason != nil))
        if let reason { #expect(owner.refusals(reason) == 1) }
    }

    @Test func `allowas-in takes as many of our own AS as it says, and follows a change at once`() throws {
        var inputs = try customerInputs()
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.allowedOwnSystems = 1
        let owner = withCustomers(inputs)
        try owner.announce("192.168.1.0/24", path: [Customer.system, 42])
        try owner.announce("192.168.2.0/24", path: [Customer.system, 42, 42])
        #expect(try owner.action("192.168.1.0/24") == byNeighbor())
        #expect(try owner.action("192.168.2.0/24") == nil)
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.allowedOwnSystems = 2
        owner.handle(.configure(inputs))
        #expect(owner.refreshRequests.contains { $0 == (Customer.inOne, .ipv4Unicast) })
        try owner.announce("192.168.2.0/24", path: [Customer.system, 42, 42])
        #expect(try owner.action("192.168.2.0/24") == byNeighbor())
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.allowedOwnSystems = 0
        owner.handle(.configure(inputs))
        #expect(try owner.action("192.168.1.0/24") == nil)
        #expect(try owner.action("192.168.2.0/24") == nil)
        #expect(owner.resets.isEmpty && owner.violations.isEmpty)
    }

    @Test func `an AS_SET is taken only by the neighbor's own word`() throws {
        var inputs = try customerInputs()
        let owner = withCustomers(inputs)
        func announce() throws {
            try owner.announce("192.168.1.0/24") { $0.asPath = ASPath([.sequence([Customer.system]), .set([7, 8])]) }
        }
        try announce()
        #expect(try owner.action("192.168.1.0/24") == nil)
        #expect(owner.refusals(.asSet) == 1)
        inputs.neighbors[Customer.inOne]?.acceptsASSets = true
        owner.handle(.configure(inputs))
        try announce()
        #expect(try owner.action("192.168.1.0/24") == byNeighbor())
    }

    @Test func `our own AS is in front, and the neighbor's stays where it is`() throws {
        let owner = withCustomers(try customerInputs())
        try owner.announceFromFarEnd("10.9.0.0/16", path: [FarEnd.firstAS, Customer.system, 7])
        owner.drain()
        #expect(try owner.given("10.9.0.0/16")?.asPath == ASPath(sequence: [42, FarEnd.firstAS, Customer.system, 7]))
        #expect(try owner.given("10.1.0.0/24")?.asPath == ASPath(sequence: [42]))
    }

    @Test func `as-override puts our AS in the place of the neighbor's, also where it is repeated`() throws {
        var inputs = try customerInputs()
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.overridesSystem = true
        let owner = withCustomers(inputs)
        try owner.announceFromFarEnd(
            "10.9.0.0/16", path: [FarEnd.firstAS, Customer.system, 7, Customer.system, Customer.otherSystem])
        owner.drain()
        let replaced = ASPath(sequence: [42, FarEnd.firstAS, 42, 7, 42, Customer.otherSystem])
        let plain = ASPath(
            sequence: [42, FarEnd.firstAS, Customer.system, 7, Customer.system, Customer.otherSystem])
        #expect(try owner.given("10.9.0.0/16")?.asPath == replaced)
        #expect(try owner.given("10.9.0.0/16", to: Customer.other)?.asPath == plain)
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.overridesSystem = false
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try owner.given("10.9.0.0/16")?.asPath == plain)
        #expect(owner.resets.isEmpty && owner.violations.isEmpty)
    }

    /// Sites of one AS, each behind its own neighbor.
    @Test func `with as-override a site has the route of another one of its AS, and never its own`() throws {
        var inputs = try customerInputs()
        inputs.neighbors[Customer.other]?.remoteAutonomousSystem = Customer.system
        inputs.neighbors[Customer.other]?.families[.ipv4]?.overridesSystem = true
        let owner = withCustomers(inputs)
        try owner.announce("192.168.1.0/24", path: [Customer.system, 7])
        owner.drain()
        #expect(
            try owner.given("192.168.1.0/24", to: Customer.other)?.asPath == ASPath(sequence: [42, 42, 7]))
        #expect(try owner.given("192.168.1.0/24") == nil)
    }
}
