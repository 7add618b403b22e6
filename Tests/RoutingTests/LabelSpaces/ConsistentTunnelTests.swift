import Addressing
import BGP
import Routing
import Testing

/// What RFC 9573 §4.2 wants of two routes of one PE by one tunnel.
@Suite struct ConsistentTunnelTests {
    typealias Said = TunnelRoutes.Said

    private static let provider = TunnelRoutes.firstPE

    private func owner() throws -> Owner { SignallingReflectionTests.owner(try TunnelRoutes.inputs()) }

    private func isReflected(_ route: AnnouncedRoute, _ owner: Owner) -> Bool {
        owner.sentSignalling[Cluster.otherClient]?[route.nlri] != nil
    }

    /// What one of two routes says, and the other.
    static let disagreements: [(Said, Said)] = [
        (.common(1001), .space(1900, 50_001)), (.common(1001), .own(5001)), (.space(1900, 50_001), .own(5001)),
    ]

    @Test(arguments: 0..<3)
    func `routes of one PE by one tunnel that disagree place no label, in either order`(number: Int) throws {
        let (one, other) = Self.disagreements[number]
        for (first, second) in [(one, other), (other, one)] {
            let owner = try owner()
            let routes = [
                try TunnelRoutes.inclusive(1, of: Self.provider), try TunnelRoutes.inclusive(2, of: Self.provider),
            ]
            owner.announce(routes[0], try first.attributes(of: Self.provider))
            let alone = TunnelRoutes.tables(owner)
            #expect(!alone.isEmpty)
            owner.announce(routes[1], try second.attributes(of: Self.provider))
            #expect(TunnelRoutes.tables(owner).isEmpty)
            #expect(owner.counted(.ipv4MVPN) == [.inconsistentTunnel: 1])
            #expect(owner.table.inconsistentTunnels(limit: 9).map(\.provider) == [Self.provider])
            #expect(
                owner.log.contains(
                    .routesRejected(
                        neighbor: Cluster.client, .inconsistentTunnel, count: 1, example: routes[1].nlri)))
            // A reflector is no PE that receives: its clients judge for themselves.
            #expect(isReflected(routes[0], owner) && isReflected(routes[1], owner))
            owner.withdraw(routes[1])
            #expect(TunnelRoutes.tables(owner) == alone && owner.table.inconsistentTunnelCount == 0)
            owner.announce(routes[1], try second.attributes(of: Self.provider))
            var agreed = second
            (agreed.isExtended, agreed.flags, agreed.spaces) = (first.isExtended, first.flags, first.spaces)
            agreed.label = first.label + 1
            owner.announce(routes[1], try agreed.attributes(of: Self.provider))
            #expect(owner.table.inconsistentTunnelCount == 0 && TunnelRoutes.tables(owner) != alone)
        }
    }

    @Test func `another tunnel, or another PE's, has nothing to do with it`() throws {
        let owner = try owner()
        owner.announce(
            try TunnelRoutes.inclusive(1, of: Self.provider), try Said.common(1001).attributes(of: Self.provider))
        owner.announce(
            try TunnelRoutes.inclusive(2, of: Self.provider), try Said.own(5001, tree: 2).attributes(of: Self.provider))
        // The other PE says the first one's tree.
        var stolen = Said.own(5002)
        stolen.tunnel = (2, TunnelRoutes.tree(1, of: Self.provider))
        owner.announce(
            try TunnelRoutes.inclusive(1, of: TunnelRoutes.secondPE), try stolen.attributes(of: TunnelRoutes.secondPE))
        #expect(
            TunnelRoutes.tables(owner) == [
                "common": ["1001 tunnel"], "10.0.0.11": ["5001 tunnel", "5002 tunnel"],
            ], "the same root has given them, as two routers say")
        #expect(owner.table.receivedLabelSpaces.count == 3, "and what the one says is kept apart")
        #expect(owner.counted(.ipv4MVPN).isEmpty)
    }

    @Test func `different spaces in one tunnel are told apart by their names`() throws {
        let owner = try owner()
        for (number, name) in [(1, 1900), (2, 1901)] as [(UInt8, UInt32)] {
            owner.announce(
                try TunnelRoutes.inclusive(number, of: Self.provider),
                try Said.space(name, 50_001).attributes(of: Self.provider))
        }
        #expect(
            TunnelRoutes.tables(owner) == [
                "common": ["1900 space", "1901 space"], "space 1900": ["50001 tunnel"], "space 1901": ["50001 tunnel"],
            ])
    }
}
