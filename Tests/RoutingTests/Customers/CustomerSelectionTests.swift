import Addressing
import BGP
import Routing
import Testing

/// Which route wins in a VRF that has customers and far ends.
@Suite struct CustomerSelectionTests {
    private let text = "10.9.0.0/16"
    private var byFarEnd: ForwardingAction {
        get throws { .labelled(neighbor: FarEnd.first, label: try label(500)) }
    }

    @Test func `the shorter path, whoever sent it`() throws {
        let owner = withCustomers(try customerInputs())
        try owner.announceFromFarEnd(text, path: [FarEnd.firstAS, 7])
        #expect(try owner.action(text) == byFarEnd)
        try owner.announce(text)
        #expect(try owner.action(text) == byNeighbor())
        try owner.announce(text, path: [Customer.system, 7, 8])
        #expect(try owner.action(text) == byFarEnd)
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        #expect(try owner.action(text) == byNeighbor())
        #expect(owner.violations.isEmpty)
    }

    @Test func `of equal ones the older, then the lower identifier, then the lower address`() throws {
        let inputs = try customerInputs()
        var owner = withCustomers(inputs)
        try owner.announceFromFarEnd(text)
        owner.advance(to: seconds(1))
        try owner.announce(text)
        #expect(try owner.action(text) == byFarEnd)
        owner = withCustomers(inputs)
        try owner.announce(text)
        try owner.announceFromFarEnd(text)
        #expect(try owner.action(text) == byFarEnd, "9.9.9.4 is lower than 9.9.9.20")
        owner = connected(inputs)
        owner.handle(.established(neighbor: Customer.inOne, customerSession(4)))
        try owner.announce(text)
        try owner.announceFromFarEnd(text)
        #expect(try owner.action(text) == byFarEnd, "1.2.3.4 is lower than 10.1.0.2")
    }

    @Test func `a local preference that a customer's map sets wins over a shorter path`() throws {
        var inputs = try customerInputs()
        var entry = RoutePolicy.Entry(permits: true)
        entry.changes.localPreference = 200
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.importPolicy = RoutePolicy([entry])
        let owner = withCustomers(inputs)
        try owner.announceFromFarEnd(text)
        try owner.announce(text, path: [Customer.system, 7, 8])
        #expect(try owner.action(text) == byNeighbor())
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.importPolicy = everything
        owner.handle(.configure(inputs))
        #expect(try owner.action(text) == byFarEnd)
        #expect(owner.violations.isEmpty)
    }

    @Test(arguments: [(1, false), (20, false), (21, true)] as [(UInt8, Bool)])
    func `a static route is preferred up to a distance of 20`(distance: UInt8, customerWins: Bool) throws {
        var inputs = try customerInputs()
        inputs.vrfs["one"]?.staticRoutes = [
            StaticRouteInputs(prefix: try prefix(text), nextHop: .discard, distance: distance)
        ]
        let owner = withCustomers(inputs)
        try owner.announce(text)
        #expect(try owner.action(text) == (customerWins ? byNeighbor() : .discard))
    }

    /// Neighbors choose their route distinguishers as they like.
    @Test func `the highest route distinguisher there is loses to a lower one`() throws {
        let owner = withCustomers(try customerInputs())
        let attributes = try attributes(targets: ["42:1"])
        let prefix = try prefix(text)
        for (number, distinguisher) in [UInt64.max, UInt64.max - 1].enumerated() {
            let key = VPNPrefix(routeDistinguisher: RouteDistinguisher(rawValue: distinguisher), prefix: prefix)
            owner.handle(
                .update(
                    neighbor: FarEnd.first, try announcement(key, label: 500 + UInt32(number), attributes)))
        }
        #expect(try owner.action(text) == .labelled(neighbor: FarEnd.first, label: label(501)))
    }
}
