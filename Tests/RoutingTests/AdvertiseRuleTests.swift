import Addressing
import BGP
import Routing
import Testing

/// The first and the second control-plane rule of Option E.
@Suite struct AdvertiseRuleTests {
    @Test func `routes of eligible VRFs go out with RD, targets, our next hop and one label per VRF and neighbor`()
        throws
    {
        var inputs = try noteInputs()
        inputs.vrfs["two"]?.eligibleNeighbors = []
        inputs.vrfs["one"]?.circuitAddresses.insert(
            CircuitAddress(circuit: "ten1/1", address: try #require(InterfaceAddress("2001:db8::1/64"))))
        let owner = Owner()
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        let sent = try #require(owner.sent[FarEnd.first])
        #expect(
            Set(sent.keys) == [
                try vpn("42:1", "10.1.0.0/24"), try vpn("42:1", "2001:db8::/64"), try vpn("42:3", "10.1.0.0/24"),
            ])
        let ipv4 = try #require(sent[try vpn("42:1", "10.1.0.0/24")])
        let ipv6 = try #require(sent[try vpn("42:1", "2001:db8::/64")])
        #expect(ipv4.label == ipv6.label)
        #expect(ipv4.label != sent[try vpn("42:3", "10.1.0.0/24")]?.label)
        #expect(ipv4.attributes.nextHop == BGPNextHop(try address("1.2.3.5")))
        #expect(ipv6.attributes.nextHop == BGPNextHop(try address("::ffff:1.2.3.5")))
        #expect(ipv4.attributes.routeTargets == [try target("42:1")])
        #expect(ipv4.attributes.asPath == ASPath(sequence: [42]))
        #expect(ipv4.attributes.origin == .incomplete)
        #expect(ipv4.attributes.multiExitDiscriminator == nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `only what is redistributed goes out`() throws {
        var inputs = try noteInputs()
        inputs.vrfs["one"]?.staticRoutes = [
            StaticRouteInputs(prefix: try prefix("192.168.1.0/24"), nextHop: .address(try address("10.1.0.2")))
        ]
        let owner = Owner()
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        #expect(owner.sent[FarEnd.first]?[try vpn("42:1", "192.168.1.0/24")] == nil)
        inputs.vrfs["one"]?.redistributed = [.ipv4: [.staticRoutes]]
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.sent[FarEnd.first]?[try vpn("42:1", "192.168.1.0/24")] != nil)
        #expect(owner.sent[FarEnd.first]?[try vpn("42:1", "10.1.0.0/24")] == nil)
    }

    @Test func `allocations are saved, then the label is installed, then routes leave`() throws {
        let owner = Owner()
        let effects = owner.handle(.configure(try noteInputs()))
        #expect(effects.contains(.saveAllocations))
        func installs(_ effects: [RoutingEffect]) -> Int {
            effects.count { if case .installLabel = $0 { true } else { false } }
        }
        #expect(installs(effects) == 0, "nobody is told a label before a session is up")
        #expect(installs(owner.handle(.established(neighbor: FarEnd.first, session()))) == 3)
        #expect(owner.pull(FarEnd.first, limit: 100).isEmpty)
        owner.confirmOne()
        let batch = owner.pull(FarEnd.first, limit: 100)
        #expect(owner.sent[FarEnd.first]?.count == 1)
        #expect(!batch.contains(.endOfRIB(neighbor: FarEnd.first, .vpnIPv4)), "labels are outstanding")
        owner.drain()
        #expect(owner.sent[FarEnd.first]?.count == 3)
        #expect(owner.endOfRIBSent[FarEnd.first] == [.vpnIPv4, .vpnIPv6])
        #expect(owner.violations.isEmpty)
    }

    @Test func `a VRF that stops being eligible is withdrawn, then its label removed, then quarantined`() throws {
        var inputs = try noteInputs()
        let owner = Owner()
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        let formerLabel = try #require(allocated(owner.table, "one"))
        inputs.vrfs["one"]?.eligibleNeighbors = []
        let binding = LabelBinding(owner: try noteOwner("one"), label: formerLabel)
        #expect(owner.handle(.configure(inputs)) == [.outputReady(neighbor: FarEnd.first)])
        #expect(
            owner.pull(FarEnd.first, limit: 100) == [
                .withdraw(neighbor: FarEnd.first, [.vpn(try vpn("42:1", "10.1.0.0/24"))]),
                .removeLabel(binding, .whenWithdrawalsAreRead),
            ])
        #expect(owner.table.labels.labels[binding.owner] == formerLabel)
        owner.confirmOne()
        #expect(owner.table.labels.labels[binding.owner] == nil)
        #expect(owner.table.labels.quarantine[formerLabel]?.until == seconds(300))
        var four = try #require(inputs.vrfs["two"])
        four = VRFInputs(name: "four", routeDistinguisher: try #require(RouteDistinguisher("42:4")))
        four.eligibleNeighbors = [FarEnd.first]
        inputs.vrfs["four"] = four
        owner.handle(.configure(inputs))
        #expect(allocated(owner.table, "four").map { $0 != formerLabel } == true)
        #expect(owner.violations.isEmpty)
    }

    @Test func `an unconfirmed removal is followed by a new installation when the VRF is eligible again`() throws {
        let inputs = try noteInputs()
        var without = inputs
        without.vrfs["one"]?.eligibleNeighbors = []
        let owner = Owner()
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        let binding = LabelBinding(owner: try noteOwner("one"), label: try #require(allocated(owner.table, "one")))
        owner.handle(.configure(without))
        #expect(owner.pull(FarEnd.first, limit: 9).contains(.removeLabel(binding, .whenWithdrawalsAreRead)))
        #expect(owner.handle(.configure(inputs)).isEmpty)
        #expect(owner.handle(.labelsRemoved([binding])).contains(.installLabel(binding)))
    }

    @Test func `a slow neighbor gets the latest state once and in portions`() throws {
        var inputs = try noteInputs()
        let owner = Owner()
        for number in 0..<50 {
            inputs.vrfs["one"]?.circuitAddresses.insert(
                CircuitAddress(
                    circuit: "ten9/\(number)", address: try #require(InterfaceAddress("10.9.\(number).1/24"))))
        }
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        while !owner.toInstall.isEmpty { owner.confirmOne() }
        for _ in 0..<10 {
            var without = inputs
            without.vrfs["one"]?.circuitAddresses = []
            owner.handle(.configure(without))
            owner.handle(.configure(inputs))
        }
        #expect(owner.table.neighborSummary(FarEnd.first)?.pendingCount == 53)
        var portions = 0
        while !owner.pull(FarEnd.first, limit: 10).isEmpty { portions += 1 }
        #expect(portions == 6)
        #expect(owner.sent[FarEnd.first]?.count == 53)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a route refresh brings everything again, between its marks when both sides know them`() throws {
        let owner = Owner()
        owner.handle(.configure(try noteInputs()))
        var parameters = session()
        parameters.enhancedRouteRefresh = true
        owner.handle(.established(neighbor: FarEnd.first, parameters))
        owner.drain()
        #expect(
            owner.handle(.routeRefresh(neighbor: FarEnd.first, .vpnIPv4)) == [.outputReady(neighbor: FarEnd.first)])
        let batch = owner.pull(FarEnd.first, limit: 100)
        #expect(batch.first == .beginRefresh(neighbor: FarEnd.first, .vpnIPv4))
        #expect(batch.last == .endRefresh(neighbor: FarEnd.first, .vpnIPv4))
        #expect(batch.count == 5)
        #expect(owner.pull(FarEnd.first, limit: 100).isEmpty)
    }

    @Test func `of two VRFs with one route distinguisher the first by name exports`() throws {
        var inputs = try noteInputs()
        inputs.vrfs["two"]?.routeDistinguisher = try #require(RouteDistinguisher("42:1"))
        let owner = Owner()
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        #expect(owner.sent[FarEnd.first]?.values.contains { $0.label == allocated(owner.table, "two") } == false)
        #expect(owner.log.contains(.routeDistinguisherShared(vrf: "two", sharedWith: "one")))
    }
}
