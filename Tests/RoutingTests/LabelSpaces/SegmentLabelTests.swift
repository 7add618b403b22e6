import Addressing
import BGP
import Routing
import Testing

/// RFC 9573 §4.2: labels of Ethernet segments and PE Distinguisher Labels are from where those of broadcast domains and VPNs are.
@Suite struct SegmentLabelTests {
    typealias Said = TunnelRoutes.Said

    private static let provider = TunnelRoutes.firstPE

    private func owner() throws -> Owner { SignallingReflectionTests.owner(try TunnelRoutes.inputs()) }

    /// A route of a segment with an ESI Label (RFC 7432 §7.5), and what it says by itself of the space.
    private func announceSegment(
        _ number: UInt8, label: UInt32, _ owner: Owner, targets: [String] = ["42:77"],
        saying communities: [ExtendedCommunity] = [], tunnel: PMSITunnel? = nil
    ) throws {
        let (route, octets) = try TunnelRoutes.segment(number, of: Self.provider)
        var contents = try Cluster.attributes(from: Cluster.client).contents
        contents.extendedCommunities = try targets.map { ExtendedCommunity(try target($0)) }
        contents.pmsiTunnel = tunnel
        contents.nextHop = BGPNextHop(Self.provider)
        contents.originatorIdentifier = TunnelRoutes.originator(Self.provider)
        contents.evpn = octets
        contents.extendedCommunities +=
            [ExtendedCommunity(rawValue: 0x0601_0000_0000_0000 | UInt64(label) << 4)] + communities
        owner.announce(route, PathAttributes(contents))
    }

    private func announceDomain(
        _ number: UInt8, _ said: Said, _ owner: Owner, targets: [String] = ["42:77"]
    ) throws {
        var contents = try said.attributes(of: Self.provider).contents
        contents.extendedCommunities.removeAll { $0.routeTarget != nil }
        for text in targets { contents.extendedCommunities.append(ExtendedCommunity(try target(text))) }
        owner.announce(try TunnelRoutes.domain(number, of: Self.provider), PathAttributes(contents))
    }

    @Test func `a segment's label goes where the broadcast domains' labels are, whichever comes first`() throws {
        for isSegmentFirst in [true, false] {
            let owner = try owner()
            if isSegmentFirst { try announceSegment(1, label: 1101, owner) }
            #expect(TunnelRoutes.tables(owner).isEmpty, "nobody knows yet where it belongs")
            try announceDomain(1, .common(1001), owner)
            if !isSegmentFirst { try announceSegment(1, label: 1101, owner) }
            #expect(TunnelRoutes.tables(owner) == ["common": ["1001 tunnel", "1101 segment"]])
            try announceDomain(1, .space(1900, 1001), owner)
            #expect(
                TunnelRoutes.tables(owner) == [
                    "common": ["1900 space"], "space 1900": ["1001 tunnel", "1101 segment"],
                ])
            try announceDomain(1, .own(0), owner)
            #expect(TunnelRoutes.tables(owner) == ["10.0.0.11": ["1101 segment"]], "also where no tunnel is shared")
            owner.withdraw(try TunnelRoutes.domain(1, of: Self.provider))
            #expect(TunnelRoutes.tables(owner).isEmpty && owner.counted(.evpn).isEmpty)
        }
    }

    @Test func `with ingress replication it is what others send by`() throws {
        let owner = try owner()
        var replicated = Said.own(3001)
        replicated.tunnel = (6, [10, 0, 0, 11])
        try announceDomain(1, replicated, owner)
        try announceSegment(1, label: 1101, owner)
        #expect(TunnelRoutes.tables(owner).isEmpty && owner.counted(.evpn).isEmpty)
    }

    @Test func `where domains have labels in several spaces the segment's route has to say which`() throws {
        let owner = try owner()
        try announceDomain(1, .common(1001), owner)
        try announceSegment(1, label: 50_101, owner)
        #expect(owner.counted(.evpn) == [.labelOutsideBlock: 1])
        try announceDomain(2, .space(1900, 50_002, tree: 2), owner)
        #expect(owner.counted(.evpn) == [.labelOutsideBlock: 1, .labelsOfSeveralSpaces: 1])
        let tables = ["common": ["1001 tunnel", "1900 space"], "space 1900": ["50002 tunnel"]]
        #expect(TunnelRoutes.tables(owner) == tables)
        try announceSegment(1, label: 50_101, owner, saying: Said.space(1900, 0).communities)
        #expect(TunnelRoutes.tables(owner)["space 1900"] == ["50002 tunnel", "50101 segment"])
        try announceSegment(1, label: 50_101, owner, saying: Said.space(1901, 0).communities)
        #expect(TunnelRoutes.tables(owner) == tables)
        #expect(owner.counted(.evpn)[.labelsOfSeveralSpaces] == 2)
    }

    /// RFC 7432 §8.2.1.1: a segment's routes have the targets of all domains that it belongs to. RFC 9573 §3.3: all ways may be in use at once.
    @Test func `a segment goes with the domains that share a route target with it`() throws {
        let owner = try owner()
        try announceDomain(1, .common(1001), owner, targets: ["42:1"])
        try announceDomain(2, .space(1900, 50_002, tree: 2), owner, targets: ["42:2", "42:3"])
        try announceSegment(1, label: 1101, owner, targets: ["42:9", "42:1"])
        try announceSegment(2, label: 50_102, owner, targets: ["42:3"])
        try announceSegment(3, label: 1103, owner, targets: ["42:4"])
        #expect(
            TunnelRoutes.tables(owner) == [
                "common": ["1001 tunnel", "1101 segment", "1900 space"],
                "space 1900": ["50002 tunnel", "50102 segment"],
            ])
        #expect(owner.counted(.evpn).isEmpty)
        // The second domain comes to the first segment as well.
        try announceDomain(2, .space(1900, 50_002, tree: 2), owner, targets: ["42:1", "42:3"])
        #expect(TunnelRoutes.tables(owner)["common"] == ["1001 tunnel", "1900 space"])
        #expect(owner.counted(.evpn) == [.labelsOfSeveralSpaces: 1])
        let segment = try TunnelRoutes.segment(1, of: Self.provider).0.nlri
        #expect(owner.table.labelFault(of: segment) == .labelsOfSeveralSpaces)
        owner.withdraw(try TunnelRoutes.domain(1, of: Self.provider))
        #expect(owner.table.labelFault(of: segment) == nil)
        #expect(TunnelRoutes.tables(owner)["space 1900"] == ["1101 segment", "50002 tunnel", "50102 segment"])
    }

    /// A tunnel that is no aggregate has no label, and the packets of segments in it have theirs all the same.
    @Test func `a domain with the DCB-flag and no label says where its segments' labels are`() throws {
        let owner = try owner()
        try announceDomain(1, .common(0), owner)
        try announceSegment(1, label: 1101, owner)
        #expect(TunnelRoutes.tables(owner) == ["common": ["1101 segment"]] && owner.counted(.evpn).isEmpty)
    }

    @Test func `PMSI_TUNNEL on a segment's route says nothing`() throws {
        let owner = try owner()
        try announceDomain(1, .space(1900, 50_001), owner)
        let tunnel = PMSITunnel(
            flags: .extended, typeCode: 2, labelField: 1001 << 4, identifier: TunnelRoutes.tree(1, of: Self.provider))
        try announceSegment(
            1, label: 50_101, owner, saying: Said.common(0).communities + Said.space(1900, 0).communities,
            tunnel: tunnel)
        #expect(TunnelRoutes.tables(owner)["space 1900"] == ["50001 tunnel", "50101 segment"])
        #expect(owner.counted(.evpn).isEmpty)
    }

    @Test func `many segments follow their domain in portions`() throws {
        let owner = try owner()
        try announceDomain(1, .common(1001), owner)
        for number in UInt8(1)...40 { try announceSegment(number, label: 1100 + UInt32(number), owner) }
        #expect(!owner.table.isSweeping)
        try announceDomain(1, .space(1900, 50_001), owner)
        #expect(owner.table.isSweeping && TunnelRoutes.tables(owner)["space 1900"] == ["50001 tunnel"])
        owner.sweep(limit: 10)
        #expect(TunnelRoutes.tables(owner)["space 1900"]?.count == 11)
        owner.finishPortions()
        #expect(TunnelRoutes.tables(owner)["space 1900"]?.count == 41)
        #expect(TunnelRoutes.tables(owner)["common"] == ["1900 space"])
    }

    @Test func `a tunnel whose routes disagree says nothing of segments`() throws {
        let owner = try owner()
        try announceDomain(1, .common(1001), owner)
        try announceSegment(1, label: 1101, owner)
        try announceDomain(2, .own(5001), owner)
        #expect(TunnelRoutes.tables(owner).isEmpty)
        owner.withdraw(try TunnelRoutes.domain(2, of: Self.provider))
        #expect(TunnelRoutes.tables(owner) == ["common": ["1001 tunnel", "1101 segment"]])
    }

    // MARK: PE Distinguisher Labels

    @Test func `PE Distinguisher Labels are from where the tunnel's label is from`() throws {
        for (said, space) in [
            (Said.common(1001), "common"), (.space(1900, 1001), "space 1900"), (.own(1001), "10.0.0.11"),
        ] {
            let owner = try owner()
            var attributes = try said.attributes(of: Self.provider)
            attributes.peDistinguisherLabels = try TunnelRoutes.distinguishers(1021, 1022)
            owner.announce(try TunnelRoutes.inclusive(1, of: Self.provider), attributes)
            #expect(TunnelRoutes.tables(owner)[space] == ["1001 tunnel", "1021 provider", "1022 provider"])
        }
    }

    @Test(arguments: [(UInt32(5021), RouteRejection.labelsOfSeveralSpaces), (3, .reservedTunnelLabel)])
    func `with the DCB-flag they are of the block, too, or no label of the route is placed`(
        label: UInt32, reason: RouteRejection
    ) throws {
        let owner = try owner()
        var attributes = try Said.common(1001).attributes(of: Self.provider)
        attributes.peDistinguisherLabels = try TunnelRoutes.distinguishers(1021, label)
        owner.announce(try TunnelRoutes.inclusive(1, of: Self.provider), attributes)
        #expect(TunnelRoutes.tables(owner).isEmpty && owner.counted(.ipv4MVPN) == [reason: 1])
    }
}
