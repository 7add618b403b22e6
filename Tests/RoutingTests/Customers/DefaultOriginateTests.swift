import Addressing
import BGP
import Routing
import Testing

/// `default-originate`: the operator's word, whatever the VRF has.
@Suite struct DefaultOriginateTests {
    private let everywhere = "0.0.0.0/0"

    private func originating(_ inputs: RoutingInputs, _ family: SessionFamily = .ipv4) -> RoutingInputs {
        var inputs = inputs
        inputs.neighbors[Customer.inOne]?.families[family]?.originatesDefault = true
        return inputs
    }

    @Test func `it is given without a default route in the VRF, put on and off`() throws {
        let inputs = try customerInputs()
        let owner = withCustomers(inputs)
        #expect(try owner.given(everywhere) == nil)
        owner.handle(.configure(originating(inputs)))
        owner.drain()
        let given = try #require(try owner.given(everywhere))
        #expect(given.asPath == ASPath(sequence: [42]))
        #expect(given.origin == .incomplete)
        #expect(try given.nextHop == BGPNextHop(address("10.1.0.1")))
        #expect(try owner.given("::/0") == nil)
        #expect(try owner.given(everywhere, to: Customer.other) == nil)
        #expect(try owner.given(everywhere, to: Customer.inTwo) == nil)
        #expect(owner.sent[FarEnd.first]?.keys.contains { $0.prefix.length == 0 } == false)
        #expect(try owner.action(everywhere) == nil)
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try owner.given(everywhere) == nil)
        #expect(owner.resets.isEmpty && owner.violations.isEmpty)
    }

    @Test func `it is there when the session comes up, in its family`() throws {
        let owner = withCustomers(originating(try customerInputs(), .ipv6))
        #expect(try owner.given("::/0")?.nextHop == BGPNextHop(address("2001:db8:1::1")))
        #expect(try owner.given(everywhere) == nil)
    }

    @Test func `it takes the place of a default route of the VRF, which is back when it is put off`() throws {
        let inputs = try customerInputs()
        let owner = withCustomers(originating(inputs))
        try owner.announceFromFarEnd(everywhere, path: [FarEnd.firstAS, 7])
        owner.drain()
        #expect(try owner.given(everywhere)?.asPath == ASPath(sequence: [42]))
        #expect(try owner.given(everywhere, to: Customer.other)?.asPath == ASPath(sequence: [42, FarEnd.firstAS, 7]))
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try owner.given(everywhere)?.asPath == ASPath(sequence: [42, FarEnd.firstAS, 7]))
        owner.handle(.configure(originating(inputs)))
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        owner.drain()
        #expect(try owner.given(everywhere)?.asPath == ASPath(sequence: [42]))
        #expect(owner.violations.isEmpty)
    }

    @Test func `neither list nor map is asked, nor is one needed`() throws {
        var inputs = originating(try customerInputs())
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.exportPolicy = RoutePolicy([])
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.exportFilter = PrefixFilter([])
        let owner = withCustomers(inputs)
        #expect(try owner.given(everywhere) != nil)
        #expect(try owner.given("10.1.0.0/24") == nil)
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.exportPolicy = nil
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.exportFilter = nil
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try owner.given(everywhere) != nil)
        var entry = RoutePolicy.Entry(permits: true)
        entry.changes.multiExitDiscriminator = 5
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.exportPolicy = RoutePolicy([entry])
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try owner.given(everywhere)?.multiExitDiscriminator == nil)
        #expect(try owner.given("10.1.0.0/24")?.multiExitDiscriminator == 5)
        #expect(owner.violations.isEmpty)
    }
}
