import Addressing
import BGP
import Routing
import Testing

/// What a route's verdict is, who is charged with it, and what the log says. A route that a PE has to treat as if it were withdrawn (RFC 9573
/// §4.2) is one that nobody who uses labels of tunnels may use.
@Suite struct LabelVerdictTests {
    typealias Said = TunnelRoutes.Said

    private static let provider = TunnelRoutes.firstPE

    private func owner() throws -> Owner { SignallingReflectionTests.owner(try TunnelRoutes.inputs()) }

    private func route(_ number: UInt8) throws -> AnnouncedRoute {
        try TunnelRoutes.inclusive(number, of: Self.provider)
    }

    private func announce(
        _ number: UInt8, _ said: Said, _ owner: Owner, from peer: PeerAddress = Cluster.client, preference: UInt32 = 100
    ) throws {
        owner.announce(
            try route(number), try said.attributes(of: Self.provider, from: peer, preference: preference), from: peer)
    }

    @Test func `all routes of a tunnel that disagrees have the verdict, whichever came last`() throws {
        let owner = try owner()
        for number in UInt8(1)...3 { try announce(number, .common(1000 + UInt32(number)), owner) }
        #expect(owner.table.labelFault(of: try route(1).nlri) == nil)
        try announce(4, .own(5001), owner)
        for number in UInt8(1)...4 {
            #expect(owner.table.labelFault(of: try route(number).nlri) == .inconsistentTunnel)
        }
        #expect(owner.counted(.ipv4MVPN) == [.inconsistentTunnel: 1])
        // Who comes afterwards has not begun it, and neither has who says something else of the same kind.
        try announce(5, .common(1005), owner)
        try announce(4, .own(5002), owner)
        #expect(owner.table.labelFault(of: try route(5).nlri) == .inconsistentTunnel)
        #expect(owner.counted(.ipv4MVPN) == [.inconsistentTunnel: 1])
        owner.withdraw(try route(4))
        #expect(owner.table.labelFault(of: try route(5).nlri) == nil)
        let agreed = owner.log.compactMap { event -> UInt64? in
            if case .tunnelConsistent(Self.provider, _, let count) = event { count } else { nil }
        }
        #expect(agreed == [1])
    }

    @Test func `the neighbor is charged whose route is the best`() throws {
        let owner = try owner()
        try announce(1, .common(1001), owner, from: Cluster.reflector)
        try announce(1, .common(2001), owner, from: Cluster.otherReflector, preference: 200)
        #expect(owner.counted(of: Cluster.reflector, .ipv4MVPN).isEmpty)
        #expect(owner.counted(of: Cluster.otherReflector, .ipv4MVPN) == [.labelOutsideBlock: 1])
        #expect(owner.table.labelFault(of: try route(1).nlri, from: Cluster.otherReflector) == .labelOutsideBlock)
        #expect(owner.table.labelFault(of: try route(1).nlri, from: Cluster.reflector) == nil, "it does not count")
        owner.withdraw(try route(1), from: Cluster.otherReflector)
        #expect(TunnelRoutes.tables(owner) == ["common": ["1001 tunnel"]])
    }

    @Test func `a route that says the same once more is not counted once more`() throws {
        let owner = try owner()
        try announce(1, .common(2001), owner)
        try announce(1, .common(2001), owner, preference: 50)
        try announce(1, .common(2001), owner, from: Cluster.reflector, preference: 200)
        #expect(owner.counted(.ipv4MVPN) == [.labelOutsideBlock: 1])
        #expect(owner.counted(of: Cluster.reflector, .ipv4MVPN).isEmpty)
        try announce(1, .common(3), owner, from: Cluster.reflector, preference: 200)
        #expect(owner.counted(of: Cluster.reflector, .ipv4MVPN) == [.reservedTunnelLabel: 1])
    }

    // MARK: Two meanings

    /// One PE's name of a space is another's label of a VPN: in either order, both have the verdict, and none is removed.
    @Test(arguments: [true, false]) func `a label that stands for two things is believed of nobody`(
        isSpaceFirst: Bool
    ) throws {
        let owner = try owner()
        let other = TunnelRoutes.secondPE
        let second = try TunnelRoutes.inclusive(2, of: other)
        let attributes = try Said.space(1001, 50_001).attributes(of: other)
        if isSpaceFirst { owner.announce(second, attributes) }
        try announce(1, .common(1001), owner)
        if !isSpaceFirst { owner.announce(second, attributes) }
        #expect(TunnelRoutes.tables(owner)["common"] == ["1001 tunnel+space"])
        #expect(owner.table.labelFault(of: try route(1).nlri) == .labelWithTwoMeanings)
        #expect(owner.table.labelFault(of: second.nlri) == .labelWithTwoMeanings)
        #expect(owner.counted(.ipv4MVPN) == [.labelWithTwoMeanings: 1])
        owner.withdraw(second)
        #expect(owner.table.labelFault(of: try route(1).nlri) == nil)
    }

    @Test func `what is provisioned here stands for what it is provisioned for`() throws {
        var inputs = try TunnelRoutes.inputs()
        inputs.vrfs["one"]?.commonLabel = CommonLabel(try label(50_001), context: try label(1900))
        let owner = SignallingReflectionTests.owner(inputs)
        try announce(1, .common(1900), owner)
        #expect(owner.table.labelFault(of: try route(1).nlri) == .labelWithTwoMeanings)
        #expect(owner.counted(.ipv4MVPN) == [.labelWithTwoMeanings: 1])
        try announce(2, .space(1900, 50_001, tree: 2), owner)
        #expect(
            owner.table.labelFault(of: try route(2).nlri) == .labelWithTwoMeanings, "the first route's label names it")
        try announce(1, .common(1001), owner)
        #expect(owner.table.labelFault(of: try route(2).nlri) == nil, "a VRF's label here, and a VPN's there")
    }

    @Test func `one label for a segment and for a domain is one with two meanings`() throws {
        let owner = try owner()
        let domain = try TunnelRoutes.domain(1, of: Self.provider)
        owner.announce(domain, try Said.common(1001).attributes(of: Self.provider))
        let (segment, octets) = try TunnelRoutes.segment(1, of: Self.provider)
        var contents = try Cluster.attributes(from: Cluster.client).contents
        contents.nextHop = BGPNextHop(Self.provider)
        contents.originatorIdentifier = TunnelRoutes.originator(Self.provider)
        contents.evpn = octets
        contents.extendedCommunities.append(ExtendedCommunity(rawValue: 0x0601_0000_0000_0000 | 1001 << 4))
        owner.announce(segment, PathAttributes(contents))
        #expect(TunnelRoutes.tables(owner) == ["common": ["1001 tunnel+segment"]])
        #expect(owner.table.labelFault(of: segment.nlri) == .labelWithTwoMeanings)
        #expect(owner.table.labelFault(of: domain.nlri) == .labelWithTwoMeanings)
    }
}
