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
        _ number: UInt8, label: UInt32, _ owner: Owner, saying communities: [ExtendedCommunity] = []
    ) throws {
        let (route, octets) = try TunnelRoutes.segment(number, of: Self.provider)
        var contents = try Cluster.attributes(from: Cluster.client).contents
        contents.nextHop = BGPNextHop(Self.provider)
        contents.originatorIdentifier = TunnelRoutes.originator(Self.provider)
        contents.evpn = octets
        contents.extendedCommunities +=
            [ExtendedCommunity(rawValue: 0x0601_0000_0000_0000 | UInt64(label) << 4)] + communities
        owner.announce(route, PathAttributes(contents))
    }

    private func announceDomain(_ number: UInt8, _ said: Said, _ owner: Owner) throws {
        owner.announce(try TunnelRoutes.domain(number, of: Self.provider), try said.attributes(of: Self.provider))
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

    @Test func `a tunnel whose routes disagree says nothing of segments`() throws {
        let owner = try owner()
        try announceDomain(1, .common(1001), owner)
        try announceSegment(1, label: 1101, owner)
        try announceDomain(2, .own(5001), owner)
        #expect(TunnelRoutes.tables(owner).isEmpty)
        owner.withdraw(try TunnelRoutes.domain(2, of: Self.provider))
        #expect(TunnelRoutes.tables(owner) == ["common": ["1001 tunnel", "1101 segment"]])
    }

    @Test func `one label for a segment and for a domain is shown as both`() throws {
        let owner = try owner()
        try announceDomain(1, .common(1001), owner)
        try announceSegment(1, label: 1001, owner)
        #expect(TunnelRoutes.tables(owner) == ["common": ["1001 tunnel+segment"]])
    }

    // MARK: PE Distinguisher Labels

    /// Read from octets, as they come in (RFC 6514 §8): a PE's address and a label, twice.
    private func distinguishers(_ first: UInt32, _ second: UInt32) throws -> PEDistinguisherLabels {
        func field(_ label: UInt32) -> [UInt8] {
            let value = label << 4
            return [UInt8(truncatingIfNeeded: value >> 16), UInt8(truncatingIfNeeded: value >> 8), UInt8(value & 0xff)]
        }
        let attribute: [UInt8] = [0xc0, 27, 14, 10, 0, 0, 21] + field(first) + [10, 0, 0, 22] + field(second)
        let route: [UInt8] = [0x80, 14, 23, 0, 1, 5, 4, 10, 0, 0, 11, 0, 1, 12, 0, 0, 0, 42, 0, 0, 0, 1, 10, 0, 0, 11]
        let attributes = route + [0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 5, 4, 0, 0, 0, 100] + attribute
        let body = [0, 0, 0, UInt8(attributes.count)] + attributes
        let context = UpdateContext(
            fourOctetAutonomousSystems: true, isExternal: false, families: [.ipv4MVPN])
        let decoded = DecodedUpdate(body: body[...], context: context)
        #expect(decoded.faults.isEmpty)
        return try #require(decoded.update.attributes.peDistinguisherLabels)
    }

    @Test func `PE Distinguisher Labels are from where the tunnel's label is from`() throws {
        for (said, space) in [
            (Said.common(1001), "common"), (.space(1900, 1001), "space 1900"), (.own(1001), "10.0.0.11"),
        ] {
            let owner = try owner()
            var attributes = try said.attributes(of: Self.provider)
            attributes.peDistinguisherLabels = try distinguishers(1021, 1022)
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
        attributes.peDistinguisherLabels = try distinguishers(1021, label)
        owner.announce(try TunnelRoutes.inclusive(1, of: Self.provider), attributes)
        #expect(TunnelRoutes.tables(owner).isEmpty && owner.counted(.ipv4MVPN) == [reason: 1])
    }
}
