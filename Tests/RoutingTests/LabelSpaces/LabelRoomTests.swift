import Addressing
import BGP
import Routing
import Testing

/// How much of what PEs say of labels is looked at, and what waits.
@Suite struct LabelRoomTests {
    typealias Said = TunnelRoutes.Said

    private static let provider = TunnelRoutes.firstPE

    private func owner(
        routers: Int = 4096, labels: Int = 16_384, domains: Int = 16_384, segments: Int = 4096
    ) throws -> Owner {
        var limits = ReceivedLabelLimits()
        (limits.routers, limits.labels, limits.domains, limits.segments) = (routers, labels, domains, segments)
        return SignallingReflectionTests.owner(try TunnelRoutes.inputs(), limits: limits)
    }

    private func announce(_ number: UInt8, _ said: Said, _ owner: Owner, of provider: IPAddress = provider) throws {
        owner.announce(try TunnelRoutes.inclusive(number, of: provider), try said.attributes(of: provider))
    }

    @Test func `the limits are those of the documentation`() {
        let limits = ReceivedLabelLimits()
        #expect(limits.labels == 16_384 && limits.domains == 16_384 && limits.segments == 4096)
        #expect(limits.routers == 4096 && limits.owners == 16)
    }

    @Test func `a router with too many labels leaves others theirs, and what waits is placed as others of it go`()
        throws
    {
        let owner = try owner(labels: 3)
        for number in UInt8(1)...5 { try announce(number, .own(5000 + UInt32(number)), owner) }
        #expect(TunnelRoutes.tables(owner) == ["10.0.0.11": ["5001 tunnel", "5002 tunnel", "5003 tunnel"]])
        #expect(owner.table.waitingLabelRoutes == 2 && owner.counted(.ipv4MVPN) == [.labelSpacesFull: 2])
        #expect(
            owner.table.labelFault(of: try TunnelRoutes.inclusive(5, of: Self.provider).nlri) == .labelSpacesFull)
        try announce(1, .own(6001), owner, of: TunnelRoutes.secondPE)
        #expect(TunnelRoutes.tables(owner)["10.0.0.12"] == ["6001 tunnel"])
        // A label that is there already takes no room.
        try announce(6, .own(5001), owner)
        #expect(owner.table.waitingLabelRoutes == 2)
        owner.withdraw(try TunnelRoutes.inclusive(2, of: Self.provider))
        #expect(TunnelRoutes.tables(owner)["10.0.0.11"] == ["5001 tunnel", "5003 tunnel", "5004 tunnel"])
        owner.withdraw(try TunnelRoutes.inclusive(5, of: Self.provider))
        #expect(owner.table.waitingLabelRoutes == 0 && owner.counted(.ipv4MVPN) == [.labelSpacesFull: 2])
    }

    /// RFC 9573 §4.2 is about all routes by a tunnel, whether there is room for their labels or not.
    @Test(arguments: [true, false]) func `a route that waits is asked whether it agrees`(isLast: Bool) throws {
        let owner = try owner(labels: 2)
        if !isLast { try announce(9, .common(1001), owner) }
        try announce(1, .own(5001), owner)
        try announce(2, .own(5002), owner)
        if isLast { try announce(9, .common(1001), owner) }
        #expect(TunnelRoutes.tables(owner).isEmpty && owner.table.inconsistentTunnelCount == 1)
        for number: UInt8 in [1, 2, 9] {
            let nlri = try TunnelRoutes.inclusive(number, of: Self.provider).nlri
            #expect(owner.table.labelFault(of: nlri) == .inconsistentTunnel)
        }
        owner.withdraw(try TunnelRoutes.inclusive(9, of: Self.provider))
        #expect(TunnelRoutes.tables(owner) == ["10.0.0.11": ["5001 tunnel", "5002 tunnel"]])
    }

    @Test func `a route with many labels that waits holds up none with one`() throws {
        let owner = try owner(labels: 3)
        for number in UInt8(1)...3 { try announce(number, .own(5000 + UInt32(number)), owner) }
        var large = try Said.own(5010).attributes(of: Self.provider)
        large.peDistinguisherLabels = try TunnelRoutes.distinguishers(5011, 5012)
        owner.announce(try TunnelRoutes.inclusive(10, of: Self.provider), large)
        try announce(11, .own(5020), owner)
        #expect(owner.table.waitingLabelRoutes == 2)
        owner.withdraw(try TunnelRoutes.inclusive(1, of: Self.provider))
        #expect(TunnelRoutes.tables(owner)["10.0.0.11"] == ["5002 tunnel", "5003 tunnel", "5020 tunnel"])
        #expect(owner.table.waitingLabelRoutes == 1 && owner.counted(.ipv4MVPN) == [.labelSpacesFull: 2])
        for number: UInt8 in [2, 3, 11] { owner.withdraw(try TunnelRoutes.inclusive(number, of: Self.provider)) }
        owner.finishPortions()
        #expect(TunnelRoutes.tables(owner)["10.0.0.11"] == ["5010 tunnel", "5011 provider", "5012 provider"])
        #expect(owner.table.waitingLabelRoutes == 0 && owner.counted(.ipv4MVPN) == [.labelSpacesFull: 2])
    }

    @Test func `broadcast domains and segments have limits, too`() throws {
        let owner = try owner(domains: 1, segments: 1)
        for number in UInt8(1)...2 {
            let said = try Said.common(1000 + UInt32(number), tree: number).attributes(of: Self.provider)
            owner.announce(try TunnelRoutes.domain(number, of: Self.provider), said)
            let (route, octets) = try TunnelRoutes.segment(number, of: Self.provider)
            var contents = try Cluster.attributes(from: Cluster.client).contents
            contents.nextHop = BGPNextHop(Self.provider)
            contents.originatorIdentifier = TunnelRoutes.originator(Self.provider)
            contents.evpn = octets
            contents.extendedCommunities.append(
                ExtendedCommunity(rawValue: 0x0601_0000_0000_0000 | UInt64(1100 + UInt32(number)) << 4))
            owner.announce(route, PathAttributes(contents))
        }
        #expect(TunnelRoutes.tables(owner) == ["common": ["1001 tunnel", "1101 segment"]])
        #expect(owner.table.waitingLabelRoutes == 2 && owner.counted(.evpn) == [.labelSpacesFull: 2])
        owner.withdraw(try TunnelRoutes.segment(1, of: Self.provider).0)
        owner.withdraw(try TunnelRoutes.domain(1, of: Self.provider))
        owner.finishPortions()
        #expect(TunnelRoutes.tables(owner) == ["common": ["1002 tunnel", "1102 segment"]])
    }

    /// A next hop and a tree are the sender's to write.
    @Test func `whoever says another PE's next hop and tree takes nothing from that PE`() throws {
        let owner = try owner()
        let (victim, hostile) = (TunnelRoutes.firstPE, IPv4Address(9, 9, 9, 66))
        try announce(1, .common(1001), owner)
        let tables = TunnelRoutes.tables(owner)
        // The same tree with the other stance.
        var stolen = try Said.own(5001).attributes(of: victim)
        stolen.originatorIdentifier = hostile
        owner.announce(try TunnelRoutes.inclusive(2, of: victim), stolen)
        #expect(TunnelRoutes.tables(owner)["common"] == tables["common"])
        #expect(owner.table.inconsistentTunnelCount == 0)
        // Ever more roots: so many have tables, and a PE that comes afterwards has one, too.
        for number in UInt8(20)..<60 {
            let invented = IPAddress.ipv4(IPv4Address(10, 0, 1, number))
            var said = try Said.own(6001).attributes(of: invented)
            said.originatorIdentifier = hostile
            owner.announce(try TunnelRoutes.inclusive(1, of: invented), said)
        }
        #expect(owner.counted(.ipv4MVPN) == [.labelSpacesFull: 25] && owner.table.waitingLabelRoutes == 25)
        #expect(owner.table.receivedLabelSpaces.count == 17, "the block's, and 16 that one router speaks for")
        try announce(1, .own(7001), owner, of: TunnelRoutes.secondPE)
        #expect(TunnelRoutes.tables(owner)["10.0.0.12"] == ["7001 tunnel"])
    }

    @Test func `when a router goes others that wait get its place, whoever else waits`() throws {
        let owner = try owner(routers: 4, labels: 2)
        func provider(_ number: UInt8) -> IPAddress { .ipv4(IPv4Address(10, 1, 0, number)) }
        // The last one of those that have room has more routes than it may.
        for number in UInt8(1)...6 { try announce(1, .own(5001), owner, of: provider(number)) }
        for vpn in UInt8(2)...3 { try announce(vpn, .own(5000 + UInt32(vpn)), owner, of: provider(4)) }
        for vpn in UInt8(2)...3 { try announce(vpn, .own(5000 + UInt32(vpn)), owner, of: provider(5)) }
        #expect(owner.table.receivedLabelSpaces.count == 4 && owner.table.waitingLabelRoutes == 5)
        owner.withdraw(try TunnelRoutes.inclusive(1, of: provider(1)))
        #expect(TunnelRoutes.tables(owner)["10.1.0.5"] == ["5001 tunnel", "5002 tunnel"], "the first that came")
        #expect(owner.table.waitingLabelRoutes == 3)
        owner.withdraw(try TunnelRoutes.inclusive(1, of: provider(2)))
        #expect(TunnelRoutes.tables(owner)["10.1.0.6"] == ["5001 tunnel"])
        #expect(owner.table.receivedLabelSpaces.count == 4 && owner.table.waitingLabelRoutes == 2)
    }

    @Test func `with another common block all labels are placed anew in portions, and no fault is counted twice`()
        throws
    {
        let owner = try owner()
        for number in UInt8(1)...40 { try announce(number, .common(1480 + UInt32(number)), owner) }
        var inputs = try TunnelRoutes.inputs()
        inputs.commonBlock = 1000...1499
        owner.handle(.configure(inputs))
        #expect(owner.table.isSweeping && TunnelRoutes.tables(owner)["common"]?.count == 40)
        owner.sweep(limit: 20)
        // Another one before it is over.
        inputs.commonBlock = 1000...1489
        owner.handle(.configure(inputs))
        owner.finishPortions()
        #expect(TunnelRoutes.tables(owner)["common"]?.count == 9)
        #expect(owner.counted(.ipv4MVPN) == [.labelOutsideBlock: 31])
        owner.handle(.configure(try TunnelRoutes.inputs()))
        owner.finishPortions()
        #expect(TunnelRoutes.tables(owner)["common"]?.count == 40)
        #expect(owner.counted(.ipv4MVPN) == [.labelOutsideBlock: 31])
    }

    @Test func `of very many tunnels that disagree as many are listed as are asked for`() throws {
        let owner = try owner()
        for tree in UInt8(1)...30 {
            try announce(tree, .common(1001, tree: tree), owner)
            try announce(tree + 100, .own(5001, tree: tree), owner)
        }
        #expect(owner.table.inconsistentTunnelCount == 30)
        let shown = owner.table.inconsistentTunnels(limit: 3).map(\.tree.identifier.last)
        #expect(shown == [1, 2, 3])
    }
}
