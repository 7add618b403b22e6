import Addressing
import BGP
import Routing
import Testing

/// Customers whose sessions or circuits go, come back or are others.
@Suite struct CustomerSessionTests {
    private let text = "192.168.1.0/24"

    private func restart(preserved: Bool = true) -> GracefulRestartCapability {
        GracefulRestartCapability(
            restarted: true, restartTimeSeconds: 120, forwardingPreserved: [.ipv4Unicast: preserved])
    }

    @Test func `a lost session takes its routes along`() throws {
        let owner = withCustomers(try customerInputs())
        try owner.announce(text)
        owner.drain()
        owner.handle(.down(neighbor: Customer.inOne, gracefulRestart: nil))
        owner.drain()
        #expect(try owner.action(text) == nil)
        #expect(try owner.sent[FarEnd.first]?[vpn("42:1", text)] == nil)
        #expect(try owner.given(text, to: Customer.other) == nil)
        owner.handle(.established(neighbor: Customer.inOne, customerSession()))
        owner.drain()
        #expect(try owner.given("10.4.0.0/24") != nil)
        #expect(owner.endOfRIBSent[Customer.inOne] == [.ipv4Unicast, .ipv6Unicast])
        #expect(owner.violations.isEmpty)
    }

    @Test func `routes are kept over a graceful restart, until the time is over`() throws {
        let owner = withCustomers(try customerInputs())
        try owner.announce(text)
        owner.handle(.down(neighbor: Customer.inOne, gracefulRestart: restart()))
        #expect(try owner.action(text) == byNeighbor())
        owner.advance(to: seconds(119))
        #expect(try owner.action(text) == byNeighbor())
        owner.advance(to: seconds(120))
        #expect(try owner.action(text) == nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `what is not repeated after a restart goes with its End-of-RIB`() throws {
        let owner = withCustomers(try customerInputs())
        try owner.announce(text)
        try owner.announce("192.168.2.0/24")
        owner.handle(.down(neighbor: Customer.inOne, gracefulRestart: restart()))
        owner.handle(.established(neighbor: Customer.inOne, customerSession(restart: restart())))
        try owner.announce(text)
        #expect(try owner.action("192.168.2.0/24") == byNeighbor())
        owner.handle(.endOfRIB(neighbor: Customer.inOne, .ipv4Unicast))
        #expect(try owner.action(text) == byNeighbor())
        #expect(try owner.action("192.168.2.0/24") == nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `without preserved forwarding nothing is kept when the neighbor is back`() throws {
        let owner = withCustomers(try customerInputs())
        try owner.announce(text)
        owner.handle(.down(neighbor: Customer.inOne, gracefulRestart: restart()))
        owner.handle(
            .established(neighbor: Customer.inOne, customerSession(restart: restart(preserved: false))))
        #expect(try owner.action(text) == nil)
    }

    @Test func `a neighbor that is removed leaves nothing`() throws {
        var inputs = try customerInputs()
        let owner = withCustomers(inputs)
        try owner.announce(text)
        try owner.announce(text, from: Customer.inTwo)
        owner.drain()
        let former = inputs.neighbors.removeValue(forKey: Customer.inOne)
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try owner.action(text) == nil)
        #expect(try owner.sent[FarEnd.first]?[vpn("42:1", text)] == nil)
        #expect(try owner.action(text, in: "two") == byNeighbor(Customer.inTwo, "ten1/2"))
        try owner.announce(text)
        #expect(try owner.action(text) == nil)
        inputs.neighbors[Customer.inOne] = former
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: Customer.inOne, customerSession()))
        try owner.announce(text)
        #expect(try owner.action(text) == byNeighbor())
        #expect(owner.violations.isEmpty)
    }

    @Test func `another address, circuit or AS ends the session and takes its routes along`() throws {
        let inputs = try customerInputs()
        let changes: [(inout NeighborInputs) throws -> Void] = [
            { $0.localAddress = try address("10.1.0.3") }, { $0.remoteAutonomousSystem = 65199 },
            { $0.circuit = .init(number: "ten1/9", addresses: $0.circuit?.addresses ?? []) },
            { $0.circuit = .init(number: "ten1/1", addresses: [try #require(InterfaceAddress("10.1.0.1/25"))]) },
            { $0.circuit = nil },
        ]
        for change in changes {
            let owner = withCustomers(inputs)
            try owner.announce(text)
            var changed = inputs
            var neighbor = try #require(inputs.neighbors[Customer.inOne])
            try change(&neighbor)
            changed.neighbors[Customer.inOne] = neighbor
            owner.handle(.configure(changed))
            #expect(owner.resets == [Customer.inOne: .configurationChanged])
            #expect(try owner.action(text) == nil)
            owner.drain()
            #expect(owner.violations.isEmpty)
        }
    }

    @Test func `a neighbor in our own AS is no customer`() throws {
        var inputs = try customerInputs()
        inputs.neighbors[Customer.inOne]?.remoteAutonomousSystem = 42
        let owner = withCustomers(inputs)
        try owner.announce(text, path: [])
        owner.drain()
        #expect(try owner.action(text) == nil)
        #expect(owner.sentUnicast[Customer.inOne] == nil)
    }

    /// Another customer's VRF inherits neither routes nor sessions.
    @Test(arguments: [true, false])
    func `a VRF that takes the place of another, by name or by number, has none of its customer's routes`(
        hasSameName: Bool
    ) throws {
        var inputs = try customerInputs()
        let owner = withCustomers(inputs)
        try owner.announce(text)
        owner.drain()
        let former = try #require(inputs.vrfs["one"])
        inputs.vrfs["one"] = nil
        let name = hasSameName ? "one" : "four"
        var new = VRFInputs(
            name: name, number: former.number, routeDistinguisher: try #require(RouteDistinguisher("42:4")))
        new.circuitAddresses = former.circuitAddresses
        new.eligibleNeighbors = former.eligibleNeighbors
        new.redistributed = former.redistributed
        inputs.vrfs[name] = new
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.resets == [Customer.inOne: .configurationChanged, Customer.other: .configurationChanged])
        #expect(try owner.action(text) == nil, "the tables are called by number")
        #expect(owner.sentUnicast[Customer.inOne] == nil)
        owner.handle(.established(neighbor: Customer.inOne, customerSession()))
        try owner.announce(text)
        owner.drain()
        #expect(try owner.action(text) == byNeighbor())
        #expect(try owner.sent[FarEnd.first]?[vpn("42:4", text)] != nil)
        #expect(try owner.given("10.4.0.0/24") != nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `the first convergence waits for customers`() throws {
        let table = RoutingTable(awaiting: [FarEnd.first, Customer.inOne], selectionDeferral: seconds(60))
        let owner = Owner(table)
        owner.handle(.configure(try customerInputs()))
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
        for family in [AddressFamilyIdentifier.vpnIPv4, .vpnIPv6] {
            owner.handle(.endOfRIB(neighbor: FarEnd.first, family))
        }
        #expect(!table.isConverged)
        let peers = GracefulRestartCapability(
            restarted: false, restartTimeSeconds: 120, forwardingPreserved: [.ipv4Unicast: true, .ipv6Unicast: true])
        owner.handle(.established(neighbor: Customer.inOne, customerSession(restart: peers)))
        try owner.announce(text)
        owner.handle(.endOfRIB(neighbor: Customer.inOne, .ipv4Unicast))
        owner.drain()
        #expect(!table.isConverged && owner.sentUnicast.isEmpty)
        owner.handle(.endOfRIB(neighbor: Customer.inOne, .ipv6Unicast))
        #expect(table.isConverged)
        owner.drain()
        #expect(try owner.sent[FarEnd.first]?[vpn("42:1", text)] != nil)
        #expect(try owner.given("10.4.0.0/24") != nil)
        #expect(owner.violations.isEmpty)
    }
}
