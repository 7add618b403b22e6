import Addressing
import BGP
import Routing
import Testing

/// What of MVPN and EVPN routes does not cross an NNI, and what is taken off.
@Suite struct SignallingRefusalTests {
    private struct Case {
        let reason: RouteRejection
        let route: NLRI
        let octets: EVPNRouteAttributes?
        var communities: [UInt64] = []
        var tunnel: PMSITunnel?
        var others: [UnrecognizedAttribute] = []
    }

    private func attribute(_ type: UInt8, _ value: [UInt8]) -> UnrecognizedAttribute {
        UnrecognizedAttribute(typeCode: type, partial: false, value: value)
    }

    private func cases(of system: UInt32) throws -> [Case] {
        let distinguisher = SignallingBorder.distinguisher(system)
        let (mac, macOctets) = try SignallingBorder.macAddress(of: system, [100], number: 1)
        let (vxlan, vxlanOctets) = try SignallingBorder.macAddress(of: system, [100], number: 2)
        let (srv6, srv6Octets) = try SignallingBorder.macAddress(of: system, [100], number: 3)
        let (leaf, leafOctets) = try SignallingBorder.macAddress(of: system, [100], number: 4)
        let (segment, segmentOctets) = try SignallingBorder.autoDiscovery(of: system, tag: 255, label: 100)
        let (flood, floodOctets) = try SignallingBorder.inclusive(of: system, originator: [10, 0, 0, 99])
        // RFC 9251 §9.2, §9.3: an IGMP join and leave synch route of a segment.
        let synch =
            distinguisher + [UInt8](repeating: 9, count: 10) + [0, 0, 0, 7, 0, 32, 232, 0, 0, 1, 32, 10, 0, 0, 7]
        let (join, joinOctets) = try SignallingBorder.evpn(.membershipReportSynch, synch + [2])
        let (leave, leaveOctets) = try SignallingBorder.evpn(.leaveSynch, synch + [0, 0, 0, 1, 10, 2])
        return [
            // RFC 9012 §4.1: VXLAN by the attribute; RFC 9252 §2: an SRv6 L2 service.
            Case(
                reason: .virtualNetwork, route: .evpn(vxlan), octets: vxlanOctets,
                others: [attribute(23, [0, 8, 0, 0])]),
            Case(
                reason: .virtualNetwork, route: .evpn(srv6), octets: srv6Octets, others: [attribute(40, [6, 0, 1, 0])]),
            Case(reason: .virtualNetwork, route: .evpn(mac), octets: macOctets, communities: [0x030c_0000_0000_0008]),
            Case(reason: .eTree, route: .evpn(leaf), octets: leafOctets, communities: [0x0605_0100_0000_0000]),
            Case(reason: .labelOutOfPlace, route: .evpn(segment), octets: segmentOctets),
            Case(
                reason: .labelOutOfPlace, route: .evpn(flood), octets: floodOctets,
                tunnel: PMSITunnel(typeCode: 0, labelField: 100 << 4, identifier: [])),
            Case(reason: .ethernetSegment, route: .evpn(join), octets: joinOctets),
            Case(reason: .ethernetSegment, route: .evpn(leave), octets: leaveOctets),
        ]
    }

    private func announce(_ item: Case, from peer: PeerAddress, _ target: String, _ owner: Owner) throws {
        guard case .evpn(let route) = item.route, let octets = item.octets else { return }
        try owner.announce(
            route, octets, from: peer, [target], communities: item.communities, tunnel: item.tunnel,
            others: item.others)
    }

    @Test func `what cannot be told with labels of ours is refused by name, and from the core stays there`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        var expected: [RouteRejection: UInt64] = [:]
        for item in try cases(of: 65001) {
            try announce(item, from: Border.first, "65001:7", owner)
            expected[item.reason, default: 0] += 1
            owner.settle()
            #expect(owner.told(item.route, Border.reflector) == nil, "\(item.route)")
        }
        for (reason, count) in expected {
            #expect(owner.rejections(reason, of: Border.first, in: .evpn) == count, "\(reason)")
        }
        for item in try cases(of: 42) {
            try announce(item, from: Border.reflector, "42:7", owner)
            owner.settle()
            #expect(owner.told(item.route, Border.first) == nil, "\(item.route)")
        }
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test(
        arguments: [
            ([24, 127, 0, 0, 0], RouteRejection.martianPrefix), ([16, 169, 254, 0, 0], .martianPrefix),
            ([8, 224, 0, 0, 0], .multicastPrefix), ([24, 10, 1, 2, 0], nil),
        ] as [([UInt8], RouteRejection?)])
    func `a prefix that no unicast route may have is none of EVPN either`(
        prefix: [UInt8], reason: RouteRejection?
    ) throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let (route, octets) = try SignallingBorder.evpn(
            .ipPrefix,
            SignallingBorder.distinguisher(65001) + [UInt8](repeating: 0, count: 14) + prefix + [0, 0, 0, 0]
                + SignallingBorder.field(100))
        try owner.announce(route, octets, from: Border.first, ["65001:7"])
        owner.settle()
        #expect((owner.told(.evpn(route), Border.reflector) == nil) == (reason != nil))
        if let reason { #expect(owner.rejections(reason, of: Border.first, in: .evpn) == 1) }
    }

    @Test(
        arguments: [
            ([32, 127, 0, 0, 1, 32, 232, 0, 0, 1], RouteRejection.martianPrefix),
            ([32, 232, 0, 0, 2, 32, 232, 0, 0, 1], .multicastPrefix),
            ([32, 10, 1, 1, 1, 32, 10, 0, 0, 1], .noMulticastGroup),
            ([32, 10, 1, 1, 1, 32, 232, 0, 0, 1], nil), ([0, 0], nil),
        ] as [([UInt8], RouteRejection?)])
    func `a selective tunnel is of a source that can be, and of a group`(flow: [UInt8], reason: RouteRejection?) throws
    {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let route = try #require(
            MulticastVPNRoute(
                .ipv4, .selectivePMSI, (SignallingBorder.distinguisher(65001) + flow + [10, 0, 0, 7])[...]))
        try owner.announce(route, from: Border.first, ["65001:7"])
        owner.settle()
        #expect((owner.told(.multicastVPN(route), Border.reflector) == nil) == (reason != nil))
        if let reason { #expect(owner.rejections(reason, of: Border.first, in: .ipv4MVPN) == 1) }
    }

    @Test func `a host behind two labels is no martian`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let front =
            SignallingBorder.distinguisher(65001) + [UInt8](repeating: 0, count: 10)
            + [0, 0, 0, 7, 48, 2, 0, 0, 0, 0, 1, 32, 127, 0, 0, 1]
        let (route, octets) = try SignallingBorder.evpn(
            .macIPAdvertisement, front + SignallingBorder.field(100) + SignallingBorder.field(101))
        try owner.announce(route, octets, from: Border.first, ["65001:7"])
        #expect(owner.rejections(.martianPrefix, of: Border.first, in: .evpn) == 1)
        // Nothing is routed to it by a label of frames.
        let (_, one) = try SignallingBorder.evpn(.macIPAdvertisement, front + SignallingBorder.field(100))
        try owner.announce(route, one, from: Border.first, ["65001:7"])
        owner.settle()
        #expect(owner.told(.evpn(route), Border.reflector) != nil)
    }

    // MARK: What is taken off

    @Test func `a tunnel beside a route that has none does not go on with its label`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let raw = SignallingBorder.replication(label: 100, to: [1, 2, 3, 4])
        let (mac, macOctets) = try SignallingBorder.macAddress(of: 65001, [100])
        let (prefix, _) = try SignallingBorder.prefix(of: 65001, label: 100)
        // RFC 9136 §3.1: by a gateway, without a label.
        let (_, prefixOctets) = try SignallingBorder.evpn(
            .ipPrefix,
            SignallingBorder.distinguisher(65001) + [UInt8](repeating: 0, count: 14)
                + [24, 10, 1, 2, 0, 10, 1, 2, 1, 0, 0, 0])
        for (route, octets) in [(mac, macOctets), (prefix, prefixOctets)] {
            try owner.announce(route, octets, from: Border.first, ["65001:7"], tunnel: raw)
            owner.settle()
            let told = try #require(owner.told(.evpn(route), Border.reflector))
            #expect(told.pmsiTunnel == nil, "\(route)")
            #expect(!route.labelFields(in: told.evpn).contains { $0 >> 4 == 100 })
        }
        #expect(prefix.labelFields(in: owner.told(.evpn(prefix), Border.reflector)?.evpn) == [0])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test
    func `a far end has a MAC address neither for ever nor as the default gateway, and its segment's label ends here`()
        throws
    {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let (mac, octets) = try SignallingBorder.macAddress(of: 65001, [100])
        // MAC mobility, sticky and with the highest number; default gateway; ESI Label of a single-active segment; multicast flags.
        let said: [UInt64] = [
            0x0600_0100_ffff_ffff, 0x030d_0000_0000_0000, 0x0601_0100_0000_3e91, 0x0609_0003_0000_0000,
        ]
        try owner.announce(mac, octets, from: Border.first, ["65001:8"], communities: said)
        owner.settle()
        let told = try #require(owner.told(.evpn(mac), Border.reflector)).extendedCommunities.map(\.rawValue)
        #expect(
            told == [
                0x0600_0000_7fff_ffff, 0x0601_0100_0000_0000, 0x0609_0003_0000_0000,
                ExtendedCommunity(try target("42:8")).rawValue,
            ])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    // MARK: What hides what

    @Test func `a route that may not go hides none that may`() throws {
        let owner = SignallingBorder.owner(
            try SignallingBorder.inputs(
                transit: [Border.first, Border.second], distinguishers: ["65001:1"]))
        let (route, octets) = try SignallingBorder.macAddress(of: 65001, [100])
        let (_, ofCore) = try SignallingBorder.macAddress(of: 65001, [300])
        // Nobody has listed 42:99; an internal route with the higher preference.
        var attributes = try Border.attributes(from: Border.reflector, ["42:99"], preference: 200)
        attributes.evpn = ofCore
        owner.hear(Update(announcing: [AnnouncedRoute(route)], attributes: attributes), from: Border.reflector)
        try owner.announce(route, octets, from: Border.first, ["65001:7"])
        owner.settle()
        #expect(owner.ways(of: route, at: Border.second).compactMap { $0?.labels.map(\.rawValue) } == [[100]])
        #expect(owner.ways(of: route, at: Border.reflector).compactMap { $0?.labels.map(\.rawValue) } == [[100]])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a MAC address is where it was seen last`() throws {
        let owner = SignallingBorder.owner(
            try SignallingBorder.inputs(
                transit: [Border.first, Border.second], distinguishers: ["65001:1"]))
        let (route, octets) = try SignallingBorder.macAddress(of: 65001, [100])
        let (_, ofCore) = try SignallingBorder.macAddress(of: 65001, [300])
        func seen(_ octets: EVPNRouteAttributes, from peer: PeerAddress, _ target: String, moves: UInt64?) throws
            -> [UInt32]
        {
            try owner.announce(
                route, octets, from: peer, [target], communities: moves.map { [0x0600_0000_0000_0000 | $0] } ?? [])
            owner.settle()
            return owner.ways(of: route, at: Border.second).flatMap { $0?.labels.map(\.rawValue) ?? [] }
        }
        // The AS path of the own network's is the shorter one, which counts where nothing is said.
        #expect(try seen(ofCore, from: Border.reflector, "42:7", moves: nil) == [300])
        #expect(try seen(octets, from: Border.first, "65001:7", moves: nil) == [300])
        #expect(try seen(ofCore, from: Border.reflector, "42:7", moves: 1) == [300])
        #expect(try seen(octets, from: Border.first, "65001:7", moves: 2) == [100])
        // Sticky in the own network goes before all that a far end may say.
        #expect(try seen(octets, from: Border.first, "65001:7", moves: 0x0100_ffff_ffff) == [100])
        #expect(try seen(ofCore, from: Border.reflector, "42:7", moves: 0x0100_0000_0001) == [300])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }
}
