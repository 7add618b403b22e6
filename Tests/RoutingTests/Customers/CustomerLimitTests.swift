import Addressing
import BGP
import Routing
import Testing

/// `maximum-prefix` of a customer and `maximum routes` of its VRF.
@Suite struct CustomerLimitTests {
    @Test func `more routes than maximum-prefix end the session of that customer`() throws {
        var inputs = try customerInputs()
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.prefixLimit = PrefixLimit(
            maximum: 2, excess: .endsSession(.seconds(60)))
        let owner = withCustomers(inputs)
        for number in 1...3 {
            try owner.announce("192.168.\(number).0/24")
            try owner.announce("192.168.\(number).0/24", from: Customer.inTwo)
        }
        #expect(
            owner.resets == [Customer.inOne: .maximumPrefixesReached(.ipv4Unicast, limit: 2, .seconds(60))])
        #expect(try owner.action("192.168.1.0/24") == nil)
        #expect(try owner.action("192.168.3.0/24", in: "two") == byNeighbor(Customer.inTwo, "ten1/2"))
        #expect(owner.violations.isEmpty)
    }

    @Test func `a VRF refuses its customers' routes beyond its maximum and takes them when there is room`() throws {
        var inputs = try customerInputs()
        let own = try #require(withCustomers(inputs).table.routeCount(inVRF: "one"))
        inputs.vrfs["one"]?.maximumRoutes = UInt32(own + 2)
        let owner = withCustomers(inputs)
        for number in 1...3 { try owner.announce("192.168.\(number).0/24") }
        #expect(try owner.action("192.168.2.0/24") == byNeighbor())
        #expect(try owner.action("192.168.3.0/24") == nil)
        #expect(owner.log.contains(.maximumRoutesReached(vrf: "one", limit: UInt32(own + 2))))
        try owner.withdraw("192.168.1.0/24")
        owner.advance(to: seconds(10))
        #expect(try owner.action("192.168.3.0/24") == byNeighbor())
        inputs.vrfs["one"]?.maximumRoutes = UInt32(own + 1)
        owner.handle(.configure(inputs))
        #expect(owner.table.routeCount(inVRF: "one") == own + 1)
        inputs.vrfs["one"]?.maximumRoutes = nil
        owner.handle(.configure(inputs))
        #expect(owner.table.routeCount(inVRF: "one") == own + 2)
        #expect(owner.resets.isEmpty && owner.violations.isEmpty)
    }
}
