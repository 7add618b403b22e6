import Addressing
import BGP
import Routing
import Testing

/// RFC 4271 §5.1.3, RFC 2545 §3, RFC 8950: packets leave by the circuit that the neighbor is on.
@Suite struct CustomerNextHopTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var prefix = "192.168.1.0/24"
        let nextHop: String
        var linkLocal: String?
        /// `nil`: the route is refused.
        let gateway: String?
    }

    private static let ipv6 = "2001:db8:9::/48"

    static let cases = [
        Case(testDescription: "the neighbor's own", nextHop: "10.1.0.2", gateway: "10.1.0.2"),
        Case(testDescription: "another host of the circuit", nextHop: "10.1.0.77", gateway: "10.1.0.77"),
        Case(testDescription: "ours", nextHop: "10.1.0.1", gateway: nil),
        Case(testDescription: "off the circuit", nextHop: "10.2.0.2", gateway: nil),
        Case(testDescription: "on another circuit of the VRF", nextHop: "10.4.0.2", gateway: nil),
        Case(testDescription: "IPv6", prefix: ipv6, nextHop: "2001:db8:1::2", gateway: "2001:db8:1::2"),
        Case(testDescription: "IPv6, ours", prefix: ipv6, nextHop: "2001:db8:1::1", gateway: nil),
        Case(testDescription: "IPv6, off the circuit", prefix: ipv6, nextHop: "2001:db8:2::2", gateway: nil),
        Case(testDescription: "link-local alone", prefix: ipv6, nextHop: "fe80::2", gateway: "fe80::2"),
        Case(
            testDescription: "a global one on the link before the link-local one", prefix: ipv6,
            nextHop: "2001:db8:1::2", linkLocal: "fe80::2", gateway: "2001:db8:1::2"),
        Case(
            testDescription: "the link-local one beside a global one off the link", prefix: ipv6,
            nextHop: "2001:db8:77::2", linkLocal: "fe80::2", gateway: "fe80::2"),
        Case(
            testDescription: "a second address that is not link-local nor on the link", prefix: ipv6,
            nextHop: "2001:db8:77::2", linkLocal: "2001:db8:78::2", gateway: nil),
        Case(testDescription: "IPv6 for an IPv4 route", nextHop: "2001:db8:1::2", gateway: "2001:db8:1::2"),
        Case(testDescription: "link-local for an IPv4 route", nextHop: "fe80::2", gateway: "fe80::2"),
        Case(testDescription: "IPv4 for an IPv6 route", prefix: ipv6, nextHop: "10.1.0.2", gateway: "10.1.0.2"),
        Case(
            testDescription: "IPv4, mapped, for an IPv6 route", prefix: ipv6, nextHop: "::ffff:10.1.0.2",
            gateway: "10.1.0.2"),
    ]

    @Test(arguments: cases) func `of a customer's route`(_ given: Case) throws {
        let owner = withCustomers(try customerInputs())
        let linkLocal = try given.linkLocal.map { try #require(IPv6Address($0)) }
        try owner.announce(
            given.prefix, nextHop: BGPNextHop(try address(given.nextHop), linkLocal: linkLocal))
        let expected = try given.gateway.map { ForwardingAction.gateway(circuit: "ten1/1", address: try address($0)) }
        #expect(try owner.action(given.prefix) == expected)
        let family: SessionFamily = given.prefix.contains(":") ? .ipv6 : .ipv4
        let refused = owner.table.neighborSummary(Customer.inOne)?.families[family]?.rejectedCount[.nextHopNotOnCircuit]
        #expect(refused == (given.gateway == nil ? 1 : 0))
    }

    /// There is nothing to ask for an IPv6 neighbor's Ethernet address with.
    @Test func `a link-local address needs IPv6 on the circuit`() throws {
        let owner = withCustomers(try customerInputs())
        let linkLocal = try #require(IPv6Address("fe80::2"))
        for nextHop in [BGPNextHop(.ipv6(linkLocal)), BGPNextHop(try address("2001:db8:77::2"), linkLocal: linkLocal)] {
            try owner.announce(
                "2001:db8:9::/48", from: Customer.other, path: [Customer.otherSystem], nextHop: nextHop)
            #expect(try owner.action("2001:db8:9::/48") == nil)
        }
    }

    @Test func `our own link-local address is no next hop`() throws {
        var inputs = try customerInputs()
        let own = try #require(InterfaceAddress("fe80::1/64"))
        let circuit = try #require(inputs.neighbors[Customer.inOne]?.circuit)
        inputs.neighbors[Customer.inOne]?.circuit = .init(number: circuit.number, addresses: circuit.addresses + [own])
        let owner = withCustomers(inputs)
        try owner.announce("2001:db8:9::/48", nextHop: BGPNextHop(own.address))
        #expect(try owner.action("2001:db8:9::/48") == nil)
    }

    /// RFC 4271 §6.3. It is made from the Ethernet address, and so is not among the circuit's addresses.
    @Test func `our own link-local address that nobody has configured is no next hop either`() throws {
        var inputs = try customerInputs()
        let own = try #require(IPv6Address("fe80::1"))
        let circuit = try #require(inputs.neighbors[Customer.inOne]?.circuit)
        inputs.neighbors[Customer.inOne]?.circuit = .init(
            number: circuit.number, addresses: circuit.addresses, linkLocal: own)
        let owner = withCustomers(inputs)
        for nextHop in [BGPNextHop(.ipv6(own)), BGPNextHop(try address("2001:db8:77::2"), linkLocal: own)] {
            try owner.announce("2001:db8:9::/48", nextHop: nextHop)
            #expect(try owner.action("2001:db8:9::/48") == nil)
        }
        try owner.announce("192.168.1.0/24", nextHop: BGPNextHop(.ipv6(own)))
        #expect(try owner.action("192.168.1.0/24") == nil)
        #expect(owner.refusals(.nextHopNotOnCircuit) == 1)
        try owner.announce("2001:db8:9::/48", nextHop: BGPNextHop(try address("fe80::2")))
        #expect(
            try owner.action("2001:db8:9::/48") == .gateway(circuit: "ten1/1", address: try address("fe80::2")))
    }

    @Test func `what customers are given has our address on their circuit, of the routes' family if there is one`()
        throws
    {
        let inputs = try customerInputs()
        let owner = withCustomers(inputs)
        #expect(try owner.given("10.4.0.0/24")?.nextHop == BGPNextHop(address("10.1.0.1")))
        #expect(try owner.given("2001:db8:1::/64")?.nextHop == BGPNextHop(address("2001:db8:1::1")))
        #expect(try owner.given("10.1.0.0/24", to: Customer.other)?.nextHop == BGPNextHop(address("10.4.0.1")))
        #expect(try owner.given("2001:db8:1::/64", to: Customer.other) == nil, "the circuit has no IPv6")
        #expect(owner.violations.isEmpty)
    }

    @Test func `routes follow the state of the neighbor's next hop`() throws {
        let owner = withCustomers(try customerInputs())
        try owner.announce("192.168.1.0/24")
        owner.handle(.nextHopChanged(neighbor: Customer.inTwo, .unreachable))
        #expect(try owner.action("192.168.1.0/24") == byNeighbor())
        owner.handle(.nextHopChanged(neighbor: Customer.inOne, .unreachable))
        #expect(try owner.action("192.168.1.0/24") == nil)
        owner.handle(.nextHopChanged(neighbor: Customer.inOne, .resolved))
        #expect(try owner.action("192.168.1.0/24") == byNeighbor())
        #expect(owner.violations.isEmpty)
    }

    /// RFC 2545 §3: both addresses of the circuit, and for IPv4 the address of that (RFC 8950 is for circuits without one).
    @Test func `to a neighbor with a link-local address the next hops are the circuit's, with ours beside`() throws {
        var inputs = try customerInputs()
        let linkLocal = try #require(IPv6Address("fe80::1"))
        let peer = PeerAddress(try address("fe80::2"), vrf: "one")
        let replaced = try #require(inputs.neighbors[Customer.inOne])
        inputs.neighbors[Customer.inOne] = nil
        var neighbor = NeighborInputs(
            peer: peer, remoteAutonomousSystem: Customer.system, nni: nil, localAddress: .ipv6(linkLocal))
        neighbor.circuit = replaced.circuit
        neighbor.families = replaced.families
        inputs.neighbors[peer] = neighbor
        let owner = connected(inputs)
        owner.handle(.established(neighbor: peer, customerSession()))
        owner.drain()
        let sent = try #require(owner.sentUnicast[peer])
        #expect(try sent[prefix("10.1.0.0/24")]?.nextHop == BGPNextHop(address("10.1.0.1")))
        #expect(
            try sent[prefix("2001:db8:1::/64")]?.nextHop == BGPNextHop(address("2001:db8:1::1"), linkLocal: linkLocal))
        #expect(owner.violations.isEmpty)
    }
}
