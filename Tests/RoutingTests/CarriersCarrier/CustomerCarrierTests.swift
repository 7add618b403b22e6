import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// Customers that are carriers themselves: a label for each prefix, towards them and towards the core, that is swapped.
@Suite struct CustomerCarrierTests {
    private static let way = "10.9.0.1/32"
    private static let far = "10.9.0.2/32"

    @Test func `a way goes to the core and to Option B as a VPN route whose label is swapped for the customer's`()
        throws
    {
        let owner = try carrierOwner()
        try owner.tell(Self.way, label: 24001)
        owner.drain()
        for peer in [Carrier.reflector, FarEnd.first] {
            let label = try #require(try owner.toldAsVPN(Self.way, to: peer))
            #expect(!label.isReserved)
            #expect(try owner.swap(label, of: peer) == byCarrier(Carrier.near, "ten1/1", 24001))
        }
        #expect(try owner.toldAsVPN(Self.way) != owner.toldAsVPN(Self.way, to: FarEnd.first))
        #expect(owner.violations.isEmpty)
    }

    @Test func `the VRF's own packets leave without a label`() throws {
        let owner = try carrierOwner()
        try owner.tell(Self.way, label: 24001)
        #expect(
            try owner.action(Self.way)
                == .gateway(circuit: InterfaceNumber(stringLiteral: "ten1/1"), address: Carrier.near.address))
    }

    @Test func `where the LSP ends at the customer's router only what is below goes on`() throws {
        let owner = try carrierOwner()
        try owner.tell(Self.way, label: 3)
        owner.drain()
        #expect(try owner.swap(owner.toldAsVPN(Self.way), of: Carrier.reflector) == byCarrier(Carrier.near, "ten1/1"))
        try owner.tell(Self.way, label: 0)
        owner.drain()
        #expect(
            try owner.swap(owner.toldAsVPN(Self.way), of: Carrier.reflector) == byCarrier(Carrier.near, "ten1/1", 0))
        #expect(owner.violations.isEmpty)
    }

    @Test func `a route of the core is told with a label for the prefix and the neighbor`() throws {
        let owner = try carrierOwner()
        try owner.tellFromCore(Self.far, label: 3001)
        owner.drain()
        let labels = try [Carrier.near, Carrier.other].map { try #require(try owner.told(Self.far, to: $0)) }
        #expect(Set(labels).count == 2 && labels.allSatisfy { !$0.isReserved })
        #expect(try owner.swap(labels[0], of: Carrier.near) == byProvider(3001))
        #expect(try owner.told(Self.far, to: Carrier.ofTwo) == nil)
        // Next hop self, and the customer's AS in ours.
        let sent = try #require(owner.sentLabeled[Carrier.near]?[try prefix(Self.far)]?.attributes)
        #expect(try sent.nextHop == BGPNextHop(address("10.1.0.1")) && sent.asPath == ASPath(sequence: [42, 42]))
        #expect(sent.extendedCommunities.isEmpty && sent.localPreference == nil)
        // And the one that another router of the customer's was told is of another neighbor.
        #expect(try owner.swap(labels[1], of: Carrier.other) == byProvider(3001))
        #expect(owner.violations.isEmpty)
    }

    @Test func `two circuits of a VRF are joined, and nothing goes back`() throws {
        let owner = try carrierOwner()
        try owner.tell(Self.way, label: 24001)
        owner.drain()
        #expect(try owner.told(Self.way) == nil)
        let label = try owner.told(Self.way, to: Carrier.other)
        #expect(try owner.swap(label, of: Carrier.other) == byCarrier(Carrier.near, "ten1/1", 24001))
        #expect(owner.violations.isEmpty)
    }

    @Test func `LSPs go through between the core and Option B as well`() throws {
        let owner = try carrierOwner()
        let route = try vpn("65001:1", Self.far)
        owner.handle(
            .update(neighbor: FarEnd.first, try announcement(route, label: 500, attributes(targets: ["42:1"]))))
        try owner.tellFromCore(Self.way, label: 3001)
        owner.drain()
        let border = NeighborIdentity(address: FarEnd.first.address, autonomousSystem: FarEnd.firstAS, nni: "ten1/0")
        let target = SwapTarget(way: .neighbor(border), labels: [try label(500)], under: .labels)
        #expect(try owner.swap(owner.told(Self.far), of: Carrier.near) == target)
        #expect(try owner.swap(owner.toldAsVPN(Self.far), of: Carrier.reflector) == target)
        #expect(try owner.swap(owner.toldAsVPN(Self.way, to: FarEnd.first), of: FarEnd.first) == byProvider(3001))
        #expect(owner.violations.isEmpty)
    }

    @Test func `customers with the same addresses are two`() throws {
        let owner = try carrierOwner()
        try owner.tell(Self.way, label: 24001)
        try owner.tell(Self.way, label: 24002, from: Carrier.ofTwo)
        owner.drain()
        let (one, two) = (try owner.toldAsVPN(Self.way), try owner.toldAsVPN(Self.way, rd: "42:2"))
        #expect(one != two)
        #expect(try owner.swap(one, of: Carrier.reflector) == byCarrier(Carrier.near, "ten1/1", 24001))
        #expect(try owner.swap(two, of: Carrier.reflector) == byCarrier(Carrier.ofTwo, "ten1/2", 24002))
    }

    @Test func `where an LSP would end here nothing is told`() throws {
        var inputs = try carrierInputs()
        inputs.vrfs["one"]?.staticRoutes = [
            StaticRouteInputs(prefix: try prefix("10.50.0.0/16"), nextHop: .address(try address("10.4.0.9")))
        ]
        inputs.vrfs["one"]?.redistributed = [.ipv4: [.connected, .staticRoutes]]
        let owner = try carrierOwner(inputs)
        #expect(owner.sentLabeled[Carrier.near] == nil)
        // The core is told of them, by labels that are looked up or popped.
        let label = try #require(try owner.toldAsVPN("10.50.0.0/16"))
        #expect(owner.swap(label, of: Carrier.reflector) == nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `another label of the customer changes the way and not our labels`() throws {
        let owner = try carrierOwner()
        try owner.tell(Self.way, label: 24001)
        owner.drain()
        let (core, near) = (try owner.toldAsVPN(Self.way), try owner.told(Self.way, to: Carrier.other))
        try owner.tell(Self.way, label: 24009)
        #expect(try owner.swap(core, of: Carrier.reflector) == byCarrier(Carrier.near, "ten1/1", 24009))
        #expect(try owner.swap(near, of: Carrier.other) == byCarrier(Carrier.near, "ten1/1", 24009))
        owner.drain()
        #expect(try owner.toldAsVPN(Self.way) == core && owner.told(Self.way, to: Carrier.other) == near)
        #expect(owner.violations.isEmpty)
    }

    @Test func `what is withdrawn takes its labels with it at once`() throws {
        let owner = try carrierOwner()
        try owner.tell(Self.way, label: 24001)
        try owner.tellFromCore(Self.far, label: 3001)
        owner.drain()
        let labels = [
            try owner.toldAsVPN(Self.way), try owner.told(Self.way, to: Carrier.other), try owner.told(Self.far),
        ]
        #expect(!labels.contains(nil))
        try owner.takeBack(Self.way)
        try owner.withdrawFromCore(Self.far)
        // Before anybody has heard of it.
        #expect(owner.installed.allSatisfy { !labels.contains($0.label) })
        #expect(try owner.toldAsVPN(Self.way) != nil && owner.told(Self.far) != nil)
        owner.drain()
        #expect(try owner.toldAsVPN(Self.way) == nil && owner.told(Self.far) == nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a label whose path only is the worse one now goes on leading there until that is read`() throws {
        let owner = try carrierOwner()
        try owner.tell(Self.way, label: 24001, from: Carrier.other)
        owner.drain()
        let core = try owner.toldAsVPN(Self.way)
        let far = try owner.told(Self.way)
        try owner.tell(Self.way, label: 24002)
        // The best may be the one or the other; both stay ways of one label.
        owner.drain()
        #expect(try owner.toldAsVPN(Self.way) == core)
        #expect(owner.swap(core, of: Carrier.reflector) != nil && far != nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `without a transport to the PE there is no label`() throws {
        let owner = try carrierOwner()
        try owner.tellFromCore(Self.far, label: 3001)
        owner.drain()
        let label = try #require(try owner.told(Self.far))
        owner.handle(.transportsChanged([Carrier.provider: .unreachable]))
        #expect(owner.installed.allSatisfy { $0.label != label })
        owner.drain()
        #expect(try owner.told(Self.far) == nil)
        owner.handle(.transportsChanged([Carrier.provider: .resolved]))
        owner.drain()
        #expect(try owner.swap(owner.told(Self.far), of: Carrier.near) == byProvider(3001))
        #expect(owner.violations.isEmpty)
    }

    @Test func `a neighbor that is away goes on using its labels, and loses those whose LSPs end`() throws {
        let owner = try carrierOwner()
        try owner.tellFromCore(Self.way, label: 3001)
        try owner.tellFromCore(Self.far, label: 3002)
        owner.drain()
        let labels = [try owner.told(Self.way), try owner.told(Self.far)]
        owner.handle(.down(neighbor: Carrier.near, gracefulRestart: gracefulRestart(families: [.ipv4LabeledUnicast])))
        owner.drain()
        #expect(try owner.swap(labels[0], of: Carrier.near) == byProvider(3001))
        // Another label of the PE's is followed; what is withdrawn is nobody's.
        try owner.tellFromCore(Self.way, label: 3009)
        try owner.withdrawFromCore(Self.far)
        #expect(try owner.swap(labels[0], of: Carrier.near) == byProvider(3009))
        #expect(owner.swap(labels[1], of: Carrier.near) == nil)
        owner.drain()
        owner.handle(.established(neighbor: Carrier.near, carrierSession()))
        owner.drain()
        #expect(try owner.told(Self.way) == labels[0] && owner.told(Self.far) == nil)
        owner.handle(.down(neighbor: Carrier.near, gracefulRestart: nil, isForgotten: true))
        owner.drain()
        #expect(owner.installed.allSatisfy { $0.neighbor != Carrier.near } && owner.violations.isEmpty)
    }

    @Test(arguments: [FarEnd.first, FarEnd.second])
    func `a label of a neighbor that is away never leads where its route would not be told`(
        source: PeerAddress
    ) throws {
        // Back to itself, or to another operator without transit.
        var inputs = try carrierInputs()
        inputs.neighbors[FarEnd.second] = try noteInputs().neighbors[FarEnd.second]
        let families = try #require(inputs.neighbors[FarEnd.first]).families
        inputs.neighbors[FarEnd.second]?.families = families
        inputs.neighbors[FarEnd.first]?.announcedRestartSeconds = 90
        inputs.vrfs["one"]?.eligibleNeighbors.insert(FarEnd.second)
        let owner = try carrierOwner(inputs)
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        owner.handle(
            .established(neighbor: FarEnd.first, session(families: [.vpnv4], restart: gracefulRestart())))
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 3, families: [.vpnv4])))
        try owner.tell(Self.way, label: 24001)
        let system = source == FarEnd.first ? FarEnd.firstAS : FarEnd.secondAS
        let further = try attributes(from: source, targets: ["42:1"], path: [system, 65_200, 65_201])
        owner.handle(.update(neighbor: source, try announcement(vpn("65001:1", Self.way), label: 500, further)))
        owner.drain()
        let label = try #require(try owner.toldAsVPN(Self.way, to: FarEnd.first))
        #expect(try owner.swap(label, of: FarEnd.first) == byCarrier(Carrier.near, "ten1/1", 24001))
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart(families: [.vpnv4])))
        #expect(try owner.swap(label, of: FarEnd.first) == byCarrier(Carrier.near, "ten1/1", 24001))
        try owner.takeBack(Self.way)
        #expect(owner.swap(label, of: FarEnd.first) == nil)
        owner.drain()
        #expect(owner.violations.isEmpty)
    }

    @Test func `labels stay over a restart of the box`() throws {
        let owner = try carrierOwner()
        try owner.tell(Self.way, label: 24001)
        try owner.tellFromCore(Self.far, label: 3001)
        owner.drain()
        var allocations = Allocations()
        allocations.labels = owner.table.labels
        let saved = try AllocationsFile.decode(AllocationsFile.encode(allocations)).labels
        #expect(saved.labels == owner.table.labels.labels)
        let again = try carrierOwner(
            table: RoutingTable(
                labels: saved, awaiting: [Carrier.near, Carrier.reflector], selectionDeferral: seconds(60),
                generator: SeededGenerator(seed: 7)))
        again.mayInstallWithoutSession = true
        try again.tell(Self.way, label: 24001)
        try again.tellFromCore(Self.far, label: 3001)
        again.handle(.endOfRIB(neighbor: Carrier.near, .labeledUnicast(.ipv4)))
        again.handle(.endOfRIB(neighbor: Carrier.reflector, .vpn(.ipv4)))
        again.handle(.endOfRIB(neighbor: Carrier.reflector, .vpn(.ipv6)))
        again.advance(to: seconds(61))
        again.drain()
        #expect(try again.toldAsVPN(Self.way) == owner.toldAsVPN(Self.way))
        #expect(try again.told(Self.far) == owner.told(Self.far))
        #expect(again.violations.isEmpty)
    }

    @Test(arguments: [
        (4, "10.9.0.1/32", "10.1.0.2", RouteRejection.reservedLabel),
        (24001, "10.9.0.1/32", "10.1.0.77", .nextHopNotNeighbor),
        (24001, "127.0.0.1/32", "10.1.0.2", .martianPrefix),
    ])
    func `what cannot be the neighbor's is refused`(
        _ number: UInt32, _ text: String, _ hop: String, _ reason: RouteRejection
    ) throws {
        let owner = try carrierOwner()
        try owner.tell(text, label: number, nextHop: address(hop))
        owner.drain()
        #expect(try owner.action(text) == nil && owner.toldAsVPN(text) == nil)
        #expect(
            owner.table.neighborSummary(Carrier.near)?.families[.ipv4LabeledUnicast]?.rejectedCount[reason] == 1)
    }

    @Test func `two labels are refused, and without a policy everything is`() throws {
        var inputs = try carrierInputs()
        let owner = try carrierOwner(inputs)
        try owner.tell(Self.way, label: 0, labels: [24001, 24002])
        owner.drain()
        #expect(try owner.toldAsVPN(Self.way) == nil)
        inputs.neighbors[Carrier.near]?.families[.ipv4LabeledUnicast]?.importPolicy = nil
        inputs.neighbors[Carrier.near]?.families[.ipv4LabeledUnicast]?.exportPolicy = nil
        let silent = try carrierOwner(inputs)
        try silent.tell(Self.way, label: 24001)
        try silent.tellFromCore(Self.far, label: 3001)
        silent.drain()
        #expect(try silent.toldAsVPN(Self.way) == nil && silent.told(Self.far) == nil)
        #expect(try silent.told(Self.far, to: Carrier.other) != nil)
    }

    @Test func `a prefix list and an export map hold`() throws {
        var inputs = try carrierInputs()
        let list = PrefixFilter([.init(permits: true, prefix: try prefix("10.9.0.0/24"), lengths: 32...32)])
        inputs.neighbors[Carrier.near]?.families[.ipv4LabeledUnicast]?.importFilter = list
        inputs.neighbors[Carrier.near]?.families[.ipv4LabeledUnicast]?.exportFilter = list
        let owner = try carrierOwner(inputs)
        try owner.tell(Self.way, label: 24001)
        try owner.tell("10.8.0.1/32", label: 24002)
        try owner.tellFromCore(Self.far, label: 3001)
        try owner.tellFromCore("10.8.0.2/32", label: 3002)
        owner.drain()
        #expect(try owner.toldAsVPN(Self.way) != nil && owner.toldAsVPN("10.8.0.1/32") == nil)
        #expect(try owner.told(Self.far) != nil && owner.told("10.8.0.2/32") == nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a VRF that goes takes the labels of its circuits with it`() throws {
        var inputs = try carrierInputs()
        let owner = try carrierOwner(inputs)
        try owner.tellFromCore(Self.far, label: 3001)
        owner.drain()
        #expect(try owner.told(Self.far) != nil)
        inputs.vrfs["one"] = nil
        inputs.neighbors[Carrier.near] = nil
        inputs.neighbors[Carrier.other] = nil
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.installed.allSatisfy { $0.owner.vrf?.name != "one" })
    }

    @Test func `labels that run out are said and the routes are not told`() throws {
        var inputs = try carrierInputs()
        inputs.labelRange = 1000...1015
        let owner = try carrierOwner(inputs)
        for number in 1...20 { try owner.tellFromCore("10.9.1.\(number)/32", label: 3000 + UInt32(number)) }
        owner.drain()
        let told = owner.sentLabeled[Carrier.near]?.count ?? 0
        #expect(told > 0 && told < 20)
        #expect(owner.table.vrfsWithoutFreeLabel == ["one"])
        #expect(owner.violations.isEmpty)
    }
}
