import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// How many labels the routes of one VRF take up: what one VRF or one of its customers does is no other's loss.
@Suite struct VRFLabelShareTests {
    private static let reflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))

    /// The note's box with customers and a reflector: 100 labels, VRFs one and two in these modes.
    private static func inputs(
        _ one: LabelMode, _ two: LabelMode = .perPrefix, maximum: Int? = nil
    ) throws -> RoutingInputs {
        var inputs = try customerInputs()
        var neighbor = NeighborInputs(
            peer: reflector, remoteAutonomousSystem: 42, nni: NeighborIdentity.core,
            localAddress: .ipv4(IPv4Address(10, 0, 0, 1)))
        neighbor.families = [.vpnv4: .init(.internal)]
        inputs.neighbors[reflector] = neighbor
        inputs.labelRange = 1000...1099
        for name in inputs.vrfs.keys { inputs.vrfs[name]?.eligibleNeighbors = [reflector] }
        inputs.vrfs["one"]?.labelMode = one
        inputs.vrfs["one"]?.maximumLabels = maximum
        inputs.vrfs["two"]?.labelMode = two
        return inputs
    }

    private static func owner(_ inputs: RoutingInputs) -> Owner {
        let owner = withCustomers(inputs)
        owner.handle(.established(neighbor: reflector, session(identifier: 9)))
        owner.drain()
        return owner
    }

    /// How many routes of a VRF of the note the reflector has been told.
    private static func told(_ owner: Owner, _ vrf: String) -> Int {
        let distinguisher = RouteDistinguisher("42:\(vrf == "one" ? 1 : 2)")
        return (owner.sent[reflector] ?? [:]).keys.count { $0.routeDistinguisher == distinguisher }
    }

    private static func fill(_ owner: Owner, _ count: Int, from peer: PeerAddress = Customer.inOne) throws {
        for number in 0..<count { try owner.announce("10.20.\(number).0/24", from: peer) }
        owner.drain()
    }

    @Test func `one VRF with many routes takes a quarter of the range and leaves the others theirs`() throws {
        let owner = Self.owner(try Self.inputs(.perPrefix))
        try Self.fill(owner, 120)
        #expect(Self.told(owner, "one") == 25)
        #expect(
            owner.log.filter { if case .maximumLabelsReached = $0 { true } else { false } }
                == [.maximumLabelsReached(vrf: "one", neighbor: Self.reflector, limit: 25)])
        #expect(owner.table.vrfsWithoutFreeLabel == ["one"])
        let count = owner.table.routeLabels(inVRF: "one")
        #expect(count?.count == 25 && count?.most == 25)
        try Self.fill(owner, 20, from: Customer.inTwo)
        #expect(Self.told(owner, "two") == 21, "its routes and its subnet")
        #expect(owner.table.vrfsWithoutFreeLabel == ["one"] && owner.violations.isEmpty)
    }

    @Test func `the VRF may say how many`() throws {
        let owner = Self.owner(try Self.inputs(.perPrefix, maximum: 10))
        try Self.fill(owner, 120)
        #expect(Self.told(owner, "one") == 10)
        // More, up to what is kept for whole VRFs: an eighth, and the labels that VRFs two and three have and had.
        for (maximum, expected) in [(40, 40), (1000, 85)] {
            owner.handle(.configure(try Self.inputs(.perPrefix, .perVRF, maximum: maximum)))
            owner.drain()
            #expect(Self.told(owner, "one") == expected)
        }
        // Fewer: those that are there stay.
        owner.handle(.configure(try Self.inputs(.perPrefix, .perVRF, maximum: 5)))
        owner.drain()
        #expect(Self.told(owner, "one") == 85)
        // A whole VRF's label is no route's.
        owner.handle(.configure(try Self.inputs(.perVRF, .perVRF, maximum: 1)))
        owner.drain()
        #expect(Self.told(owner, "one") == 122 && owner.table.vrfsWithoutFreeLabel.isEmpty)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a customer that says another next hop each time spends its own VRF's labels`() throws {
        let owner = Self.owner(try Self.inputs(.perNextHop))
        for number in 10..<120 {
            let nextHop = BGPNextHop(.ipv4(IPv4Address(10, 1, 0, UInt8(number))))
            try owner.announce("10.20.0.0/24", nextHop: nextHop)
            owner.drain()
        }
        #expect(owner.table.routeLabels(inVRF: "one")?.count == 25)
        #expect(owner.log.contains(.maximumLabelsReached(vrf: "one", neighbor: Self.reflector, limit: 25)))
        try Self.fill(owner, 30, from: Customer.inTwo)
        #expect(Self.told(owner, "two") == 25)
        // When the quarantines are over, the route has a label again.
        owner.advance(to: owner.now.advanced(bySeconds: 302))
        owner.drain()
        #expect(owner.sent[Self.reflector]?[try vpn("42:1", "10.20.0.0/24")] != nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `who had a label until lately has it again, whatever others have taken up`() throws {
        let owner = Self.owner(try Self.inputs(.perPrefix, maximum: 10))
        try Self.fill(owner, 12)
        let route = try #require(owner.sent[Self.reflector]?.keys.first { "\($0.prefix)".hasPrefix("10.20.") })
        let label = owner.sent[Self.reflector]?[route]?.label
        try owner.withdraw("\(route.prefix)")
        owner.drain()
        #expect(Self.told(owner, "one") == 9)
        try owner.announce("\(route.prefix)")
        owner.drain()
        #expect(owner.sent[Self.reflector]?[route]?.label == label && Self.told(owner, "one") == 10)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a process that starts again knows what each VRF has taken up`() throws {
        let owner = Self.owner(try Self.inputs(.perPrefix))
        try Self.fill(owner, 60)
        for number in 0..<60 { try owner.withdraw("10.20.\(number).0/24") }
        owner.drain()
        // When nothing depends on it, it is saved a moment later.
        owner.advance(to: owner.now.advanced(bySeconds: 2))
        var allocations = Allocations()
        allocations.labels = owner.saved
        let read = try AllocationsFile.decode(AllocationsFile.encode(allocations)).labels
        let one = try #require(try Self.inputs(.perPrefix).vrfs["one"]?.identity)
        #expect(read.count(ofRoutesIn: one) == 25 && read.quarantine.count > 20)
    }
}
