import Addressing
import BGP
import Routing
import Testing

/// What RFC 9573 §4 wants of who receives x-PMSI and IMET routes, rule by rule.
@Suite struct CommonLabelRulesTests {
    typealias Said = TunnelRoutes.Said

    private static let provider = TunnelRoutes.firstPE

    private func owner() throws -> Owner { SignallingReflectionTests.owner(try TunnelRoutes.inputs()) }

    private func isReflected(_ route: AnnouncedRoute, _ owner: Owner) -> Bool {
        owner.sentSignalling[Cluster.otherClient]?[route.nlri] != nil
    }

    // MARK: §4.1: what the DCB-flag is

    @Test func `the DCB-flag places the label in the default table`() throws {
        let owner = try owner()
        owner.announce(
            try TunnelRoutes.inclusive(1, of: Self.provider), try Said.common(1001).attributes(of: Self.provider))
        #expect(TunnelRoutes.tables(owner) == ["common": ["1001 tunnel"]])
    }

    @Test(arguments: [
        // The community without the Extension bit, and the community without bit 47.
        Said(label: 1001, isExtended: false, flags: 1), Said(label: 1001, isExtended: true, flags: 2),
    ]) func `the DCB-flag is there only with the Extension bit and bit 47 of the community`(said: Said) throws {
        let owner = try owner()
        owner.announce(try TunnelRoutes.inclusive(1, of: Self.provider), try said.attributes(of: Self.provider))
        #expect(TunnelRoutes.tables(owner) == ["10.0.0.11": ["1001 tunnel"]])
    }

    @Test func `a flag that is in any of several communities is set`() throws {
        let owner = try owner()
        var contents = try Said.common(1001).attributes(of: Self.provider).contents
        contents.extendedCommunities.append(ExtendedCommunity(rawValue: 0x0307_0000_0000_0004))
        owner.announce(try TunnelRoutes.inclusive(1, of: Self.provider), PathAttributes(contents))
        #expect(TunnelRoutes.tables(owner) == ["common": ["1001 tunnel"]])
    }

    // MARK: §4.2: where labels are placed

    @Test func `the community places an entry for the space, and the label in the table of that`() throws {
        for code: UInt64 in [0x0308_0000, 0x4308_0000] {
            let owner = try owner()
            var said = Said.space(1900, 50_001)
            said.spaces[0].code = code
            owner.announce(try TunnelRoutes.inclusive(1, of: Self.provider), try said.attributes(of: Self.provider))
            #expect(TunnelRoutes.tables(owner) == ["common": ["1900 space"], "space 1900": ["50001 tunnel"]])
        }
    }

    @Test func `with neither the label is of the PE's own space, and each PE has a table`() throws {
        let owner = try owner()
        for provider in [TunnelRoutes.firstPE, TunnelRoutes.secondPE] {
            owner.announce(
                try TunnelRoutes.inclusive(1, of: provider), try Said.own(1001).attributes(of: provider))
        }
        #expect(TunnelRoutes.tables(owner) == ["10.0.0.11": ["1001 tunnel"], "10.0.0.12": ["1001 tunnel"]])
        owner.withdraw(try TunnelRoutes.inclusive(1, of: TunnelRoutes.firstPE))
        #expect(TunnelRoutes.tables(owner) == ["10.0.0.12": ["1001 tunnel"]])
    }

    @Test func `all PEs with one label of the common block have one entry`() throws {
        let owner = try owner()
        for provider in [TunnelRoutes.firstPE, TunnelRoutes.secondPE] {
            owner.announce(
                try TunnelRoutes.inclusive(1, of: provider), try Said.common(1001).attributes(of: provider))
        }
        #expect(owner.table.receivedLabels(in: .common).map(\.uses) == [2])
        owner.withdraw(try TunnelRoutes.inclusive(1, of: TunnelRoutes.firstPE))
        #expect(TunnelRoutes.tables(owner) == ["common": ["1001 tunnel"]])
        owner.withdraw(try TunnelRoutes.inclusive(1, of: TunnelRoutes.secondPE))
        #expect(TunnelRoutes.tables(owner).isEmpty)
    }

    @Test func `zero is no label`() throws {
        let owner = try owner()
        owner.announce(try TunnelRoutes.inclusive(1, of: Self.provider), try Said.own(0).attributes(of: Self.provider))
        owner.announce(
            try TunnelRoutes.inclusive(2, of: Self.provider),
            try Said.space(1900, 0, tree: 2).attributes(of: Self.provider))
        #expect(TunnelRoutes.tables(owner) == ["common": ["1900 space"]])
        #expect(owner.counted(.ipv4MVPN).isEmpty)
    }

    // MARK: §4.2: both

    @Test func `a route with DCB-flag and label space is treated as withdrawn and goes on to nobody`() throws {
        let owner = try owner()
        let route = try TunnelRoutes.inclusive(1, of: Self.provider)
        owner.announce(route, try Said.common(1001).attributes(of: Self.provider))
        #expect(isReflected(route, owner))
        var both = Said.common(1001)
        both.spaces = [(0x0308_0000, 1900 << 12)]
        owner.announce(route, try both.attributes(of: Self.provider))
        #expect(!isReflected(route, owner) && TunnelRoutes.tables(owner).isEmpty)
        #expect(owner.counted(.ipv4MVPN) == [.dcbAndLabelSpace: 1])
        let rejected = owner.table.rejectedRoutes(from: Cluster.client, family: .ipv4MVPN, among: [route.nlri])
        #expect(rejected.map(\.reason) == [.dcbAndLabelSpace])
        #expect(
            owner.log.contains(
                .routesRejected(neighbor: Cluster.client, .dcbAndLabelSpace, count: 1, example: route.nlri)))
        owner.announce(route, try both.attributes(of: Self.provider))
        #expect(
            owner.log.filter { if case .routesRejected = $0 { true } else { false } }.count == 1,
            "once a minute at most")
        owner.announce(route, try Said.common(1001).attributes(of: Self.provider))
        #expect(isReflected(route, owner) && TunnelRoutes.tables(owner) == ["common": ["1001 tunnel"]])
    }

    @Test func `the same of an IMET route, and of a space that is named by an unknown type`() throws {
        let owner = try owner()
        var both = Said.common(1001)
        both.spaces = [(0x0308_0007, 7)]
        owner.announce(try TunnelRoutes.domain(1, of: Self.provider), try both.attributes(of: Self.provider))
        #expect(owner.counted(.evpn) == [.dcbAndLabelSpace: 1])
    }

    /// "A received route with both": whichever the tunnel is. None yet, as when leaves are asked for first; one of another network; one for
    /// experiments; SRv6; a tree with ingress replication besides.
    static let tunnels: [(type: UInt8, identifier: [UInt8])] = [
        (0, []), (8, [10, 0, 0, 11, 0, 0, 0, 1]), (0x7b, [1]), (13, [0, 0, 0, 1, 10, 0, 0, 11]),
        (0x83, [0, 1, 1, 10, 0, 0, 11, 232, 0, 0, 1]),
    ]

    @Test(arguments: 0..<5) func `the rule holds for all tunnels but those whose labels leaves give`(number: Int) throws
    {
        let owner = try owner()
        var both = Said.common(1001)
        both.spaces = [(0x0308_0000, 1900 << 12)]
        both.tunnel = Self.tunnels[number]
        let route = try TunnelRoutes.inclusive(1, of: Self.provider)
        owner.announce(route, try both.attributes(of: Self.provider))
        #expect(!isReflected(route, owner) && owner.counted(.ipv4MVPN) == [.dcbAndLabelSpace: 1])
    }

    // MARK: What may not be placed

    static let unusable: [(Said, RouteRejection)] = [
        (Said(label: 50_001, spaces: [(0x0308_0001, 1900 << 12)]), .unknownLabelSpace),
        (Said(label: 50_001, spaces: [(0x0308_0000, 1900 << 12), (0x0308_0000, 1901 << 12)]), .severalLabelSpaces),
        (.common(2000), .labelOutsideBlock), (.common(999), .labelOutsideBlock),
        (.space(2000, 50_001), .labelOutsideBlock),
        (.common(3), .reservedTunnelLabel), (.own(15), .reservedTunnelLabel), (.space(1900, 7), .reservedTunnelLabel),
        (.space(0, 50_001), .reservedTunnelLabel),
        // The Extension bit without the community: whether the label is of the block nobody knows.
        (Said(label: 1001, isExtended: true), .missingTunnelFlags),
    ]

    @Test(arguments: 0..<10) func `a label that cannot be looked up is placed nowhere and the route is kept`(
        number: Int
    ) throws {
        let (said, reason) = Self.unusable[number]
        let owner = try owner()
        let route = try TunnelRoutes.domain(1, of: Self.provider)
        owner.announce(route, try said.attributes(of: Self.provider))
        #expect(TunnelRoutes.tables(owner).isEmpty && isReflected(route, owner))
        #expect(owner.counted(.evpn) == [reason: 1] && owner.table.labelFault(of: route.nlri) == reason)
        #expect(
            owner.log.contains(.routesRejected(neighbor: Cluster.client, reason, count: 1, example: route.nlri)))
        owner.announce(route, try Said.common(1001).attributes(of: Self.provider))
        #expect(TunnelRoutes.tables(owner) == ["common": ["1001 tunnel"]])
        #expect(owner.table.labelFault(of: route.nlri) == nil)
    }

    @Test func `what is of the block goes by how it is reserved now`() throws {
        let owner = try owner()
        owner.announce(
            try TunnelRoutes.inclusive(1, of: Self.provider), try Said.common(1500).attributes(of: Self.provider))
        var inputs = try TunnelRoutes.inputs()
        inputs.commonBlock = 1000...1499
        owner.handle(.configure(inputs))
        #expect(TunnelRoutes.tables(owner).isEmpty && owner.counted(.ipv4MVPN) == [.labelOutsideBlock: 1])
        inputs.commonBlock = nil
        owner.handle(.configure(inputs))
        #expect(TunnelRoutes.tables(owner).isEmpty, "without a block no label is of it")
        owner.handle(.configure(try TunnelRoutes.inputs()))
        #expect(TunnelRoutes.tables(owner) == ["common": ["1500 tunnel"]])
    }

    // MARK: What the rules are not about

    @Test func `labels of ingress replication are leaves', and VNIs are no labels`() throws {
        let owner = try owner()
        var both = Said.common(1001)
        both.spaces = [(0x0308_0000, 1900 << 12)]
        let route = try TunnelRoutes.inclusive(1, of: Self.provider)
        for type: UInt8 in [6, 10] {
            both.tunnel = (type, [10, 0, 0, 11])
            owner.announce(route, try both.attributes(of: Self.provider))
            #expect(isReflected(route, owner))
        }
        both.tunnel = (3, [10, 0, 0, 11, 232, 0, 0, 1])
        both.isVXLAN = true
        owner.announce(try TunnelRoutes.domain(2, of: Self.provider), try both.attributes(of: Self.provider))
        var overlay = Said.own(1001)
        overlay.isVXLAN = true
        owner.announce(try TunnelRoutes.domain(1, of: Self.provider), try overlay.attributes(of: Self.provider))
        owner.announce(try TunnelRoutes.leaf(1, of: Self.provider), try Said.own(1001).attributes(of: Self.provider))
        #expect(TunnelRoutes.tables(owner).isEmpty)
        #expect(owner.counted(.ipv4MVPN).isEmpty && owner.counted(.evpn).isEmpty)
    }

    /// RFC 8365 §5.1.3: MPLS, MPLS in GRE, and MPLS in UDP (RFC 7510).
    @Test(arguments: [UInt64(10), 11, 13]) func `who offers MPLS beside VXLAN says labels`(encapsulation: UInt64) throws
    {
        let owner = try owner()
        var said = Said.common(1001)
        (said.isVXLAN, said.mpls) = (true, encapsulation)
        owner.announce(try TunnelRoutes.domain(1, of: Self.provider), try said.attributes(of: Self.provider))
        #expect(TunnelRoutes.tables(owner) == ["common": ["1001 tunnel"]])
    }
}
