import Addressing
import BGP
import Routing
import Testing

/// Option B: which VPN routes go on without a VRF, and how they look.
@Suite struct RelayTests {
    private let route: VPNPrefix
    private let own: VPNPrefix

    init() throws {
        route = try vpn("65001:1", "10.9.0.0/16")
        own = try vpn("42:501", "10.8.0.0/16")
    }

    private func firstIdentity(_ inputs: RoutingInputs) throws -> NeighborIdentity {
        try #require(inputs.neighbors[Border.first]?.identity)
    }

    @Test func `a far end's route goes to the core with its distinguisher, the listed targets and a label of ours`()
        throws
    {
        let inputs = try Border.inputs()
        let owner = Border.owner(inputs)
        try owner.announce(
            route, from: Border.first, label: 100,
            Border.attributes(from: Border.first, ["65001:7", "65001:99", "65001:8"]))
        owner.drain()
        for peer in [Border.reflector, Border.otherReflector] {
            let sent = try #require(owner.sent[peer]?[route])
            #expect(owner.targets(of: route, at: peer) == ["65001:7", "42:8"])
            #expect(sent.attributes.nextHop == BGPNextHop(Border.loopback))
            #expect(sent.attributes.localPreference == 100)
            #expect(sent.attributes.asPath == ASPath(sequence: [FarEnd.firstAS]))
            #expect(sent.attributes.largeCommunities == [Border.mark])
            let target = SwapTarget(way: .neighbor(try firstIdentity(inputs)), labels: [try label(100)])
            #expect(owner.way(of: route, at: peer) == target)
        }
        // Not to another NNI, nor back.
        #expect(owner.sent[Border.second]?[route] == nil)
        #expect(owner.sent[Border.first]?[route] == nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `VPN-IPv6 goes over the session of IPv4, with our address in its mapped form`() throws {
        let owner = Border.owner(try Border.inputs())
        let route = try vpn("65001:1", "2001:db8:9::/48")
        var attributes = try Border.attributes(from: Border.first, ["65001:7"])
        attributes.nextHop = BGPNextHop(.ipv6(IPv6Address(mapping: IPv4Address(1, 2, 3, 4))))
        try owner.announce(route, from: Border.first, label: 100, attributes)
        owner.drain()
        let sent = try #require(owner.sent[Border.reflector]?[route])
        #expect(sent.attributes.nextHop == BGPNextHop(.ipv6(IPv6Address(mapping: IPv4Address(10, 0, 0, 1)))))
        #expect(owner.way(of: route, at: Border.reflector)?.labels == [try label(100)])
    }

    @Test func `a PE's route goes to those far ends that it is listed for, while a transport leads there`() throws {
        let owner = Border.owner(try Border.inputs())
        try owner.announce(
            own, from: Border.reflector, label: 300, Border.attributes(from: Border.reflector, ["42:9", "42:3"]))
        owner.drain()
        #expect(owner.sent[Border.first]?[own] == nil)
        owner.handle(.transportsChanged([Border.provider: .resolved]))
        owner.drain()
        let sent = try #require(owner.sent[Border.first]?[own])
        #expect(owner.targets(of: own, at: Border.first) == ["65001:9"])
        #expect(sent.attributes.asPath == ASPath(sequence: [42]))
        #expect(sent.attributes.localPreference == nil)
        #expect(sent.attributes.nextHop == BGPNextHop(.ipv4(IPv4Address(1, 2, 3, 5))))
        let target = SwapTarget(way: .provider(Border.provider), labels: [try label(300)])
        #expect(owner.way(of: own, at: Border.first) == target)
        #expect(owner.sent[Border.second]?[own] == nil)
        #expect(owner.sent[Border.otherReflector]?[own] == nil)
        owner.handle(.transportsChanged([Border.provider: .unreachable]))
        owner.drain()
        #expect(owner.sent[Border.first]?[own] == nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `without a list nothing goes in or out`() throws {
        var inputs = try Border.inputs()
        inputs.neighbors[Border.first]?.families[.vpnv4]?.relay = RelayInputs()
        let owner = Border.owner(inputs)
        try owner.announce(route, from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:7"]))
        try owner.announce(own, from: Border.reflector, label: 300, Border.attributes(from: Border.reflector, ["42:7"]))
        owner.handle(.transportsChanged([Border.provider: .resolved]))
        owner.drain()
        #expect(owner.rejections(.targetNotListed, of: Border.first) == 1)
        #expect(owner.table.neighborSummary(Border.first)?.families[.vpnv4]?.receivedCount == 0)
        #expect(owner.sent[Border.first]?[own] == nil)
        #expect(owner.sent[Border.second]?[own] != nil)
    }

    @Test func `from NNI to NNI only where both say so, across two boxes too`() throws {
        for transit in [[], [Border.first], [Border.second], [Border.first, Border.second]] as [Set<PeerAddress>] {
            let owner = Border.owner(try Border.inputs(transit: transit))
            try owner.announce(
                route, from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:7"]))
            // Another border router of ours has it from an NNI.
            try owner.announce(
                own, from: Border.reflector, label: 300,
                Border.attributes(from: Border.reflector, ["42:7"], mark: Border.mark))
            owner.handle(.transportsChanged([Border.provider: .resolved]))
            owner.drain()
            #expect((owner.sent[Border.second]?[route] != nil) == (transit.count == 2), "\(transit)")
            for peer in [Border.first, Border.second] {
                #expect((owner.sent[peer]?[own] != nil) == transit.contains(peer), "\(transit)")
                #expect(owner.sent[peer]?[own]?.attributes.largeCommunities ?? [] == [])
            }
            #expect(owner.violations.isEmpty, "\(owner.violations)")
        }
    }

    @Test func `a route map that takes the mark away does not make another operator's route ours`() throws {
        var inputs = try Border.inputs()
        var entry = RoutePolicy.Entry(permits: true)
        entry.changes.largeCommunities = .init([LargeCommunity(42, 7, 7)], isAdditive: false)
        inputs.neighbors[Border.reflector]?.families[.vpnv4]?.importPolicy = RoutePolicy([entry])
        let owner = Border.owner(inputs)
        // The far end's of the same distinguisher stays: what another border router relays is not of the core.
        try owner.announce(route, from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:7"]))
        let marked = try vpn("65001:1", "10.8.0.0/16")
        try owner.announce(
            marked, from: Border.reflector, label: 300,
            Border.attributes(from: Border.reflector, ["42:7"], mark: Border.mark))
        try owner.announce(own, from: Border.reflector, label: 300, Border.attributes(from: Border.reflector, ["42:7"]))
        owner.handle(.transportsChanged([Border.provider: .resolved]))
        owner.drain()
        #expect(owner.sent[Border.otherReflector]?[route] != nil)
        #expect(owner.sent[Border.first]?[marked] == nil)
        #expect(owner.sent[Border.first]?[own]?.attributes.largeCommunities == [LargeCommunity(42, 7, 7)])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `what must not leave the AS or not be passed on stays`() throws {
        let owner = Border.owner(try Border.inputs())
        var kept = try Border.attributes(from: Border.reflector, ["42:7"])
        kept.communities = [Community(rawValue: 0xFFFF_FF01)]
        try owner.announce(own, from: Border.reflector, label: 300, kept)
        var silent = try Border.attributes(from: Border.first, ["65001:7"])
        silent.communities = [.noAdvertise]
        try owner.announce(route, from: Border.first, label: 100, silent)
        owner.handle(.transportsChanged([Border.provider: .resolved]))
        owner.drain()
        #expect(owner.sent[Border.first]?[own] == nil)
        #expect(owner.sent[Border.reflector]?[route] == nil)
    }

    @Test func `what means something in one network only does not cross`() throws {
        var attributes = try Border.attributes(from: Border.reflector, ["42:7"])
        // Colour, which is the network's own, and a site of origin.
        attributes.extendedCommunities += [
            ExtendedCommunity(rawValue: 0x030B_0000_0000_0001), ExtendedCommunity(rawValue: 0x0003_FDE9_0000_0001),
        ]
        attributes.multiExitDiscriminator = 5
        attributes.communities = [Community(rawValue: 0x0001_0002)]
        let owner = Border.owner(try Border.inputs())
        try owner.announce(own, from: Border.reflector, label: 300, attributes)
        owner.handle(.transportsChanged([Border.provider: .resolved]))
        owner.drain()
        let sent = try #require(owner.sent[Border.first]?[own]).attributes
        #expect(
            sent.extendedCommunities == [
                ExtendedCommunity(rawValue: 0x0003_FDE9_0000_0001), ExtendedCommunity(try target("42:7")),
            ])
        #expect(sent.multiExitDiscriminator == nil)
        #expect(sent.communities == [Community(rawValue: 0x0001_0002)])
    }

    @Test func `the best of two goes on, and the other when that is gone`() throws {
        let inputs = try Border.inputs()
        let owner = Border.owner(inputs)
        try owner.announce(route, from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:7"]))
        var longer = try Border.attributes(from: Border.second, ["65002:7"])
        longer.asPath = ASPath(sequence: [FarEnd.secondAS, 65009])
        try owner.announce(route, from: Border.second, label: 200, longer)
        owner.drain()
        #expect(owner.way(of: route, at: Border.reflector)?.labels == [try label(100)])
        owner.withdraw(route, from: Border.first)
        owner.drain()
        #expect(owner.way(of: route, at: Border.reflector)?.labels == [try label(200)])
        #expect(owner.targets(of: route, at: Border.reflector) == ["65002:7"])
        owner.handle(.nextHopChanged(neighbor: Border.second, .unreachable))
        owner.drain()
        #expect(owner.sent[Border.reflector]?[route] == nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a VRF imports the same routes, by the targets that they have here`() throws {
        var inputs = try Border.inputs()
        inputs.vrfs["one"]?.importTargets = [try target("42:8")]
        inputs.vrfs["one"]?.eligibleNeighbors = [Border.first]
        let owner = Border.owner(inputs)
        try owner.announce(
            route, from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:7", "65001:8"]))
        owner.drain()
        let action = ForwardingAction.labelled(neighbor: Border.first, label: try label(100))
        #expect(owner.fib["one"]?[route.prefix] == action)
        #expect(owner.sent[Border.reflector]?[route] != nil)
        // The VRF's own routes go to the far end as with Option E.
        let local = try vpn("42:1", "10.1.0.0/24")
        #expect(owner.sent[Border.first]?[local]?.label == allocated(owner.table, "one", for: Border.first))
        // The list is another: the route stays, and leaves the VRF.
        for family in [SessionFamily.vpnv4, .vpnv6] {
            inputs.neighbors[Border.first]?.families[family]?.relay.imported = try Border.listed(["65001:7": "65001:7"])
        }
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.fib["one"]?[route.prefix] == nil)
        #expect(owner.targets(of: route, at: Border.reflector) == ["65001:7"])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }
}
