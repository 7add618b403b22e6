import Addressing
import BGP
import Routing
import Testing

/// Whose a tunnel is, and whose its labels are (RFC 5331 §8): its root's, if the tree says that.
@Suite struct TunnelOwnerTests {
    typealias Said = TunnelRoutes.Said

    private static let provider = TunnelRoutes.firstPE

    private func owner() throws -> Owner { SignallingReflectionTests.owner(try TunnelRoutes.inputs()) }

    @Test func `a PE with two next hops has one tunnel by one tree`() throws {
        let owner = try owner()
        owner.announce(
            try TunnelRoutes.inclusive(1, of: Self.provider), try Said.common(1001).attributes(of: Self.provider))
        var other = try Said.own(5001).attributes(of: Self.provider)
        other.nextHop = BGPNextHop(try #require(IPAddress("2001:db8::11")))
        owner.announce(try TunnelRoutes.domain(1, of: Self.provider), other)
        #expect(TunnelRoutes.tables(owner).isEmpty && owner.table.inconsistentTunnelCount == 1)
        #expect(owner.table.inconsistentTunnels(limit: 9).map(\.provider) == [Self.provider])
    }

    @Test func `PEs behind one next hop have a table each`() throws {
        let owner = try owner()
        for number in UInt8(1)...2 {
            let provider = number == 1 ? TunnelRoutes.firstPE : TunnelRoutes.secondPE
            var said = Said.own(5001)
            said.tunnel = (2, TunnelRoutes.tree(1, of: provider))
            var attributes = try said.attributes(of: Self.provider)
            attributes.nextHop = BGPNextHop(Cluster.reflector.address)
            owner.announce(try TunnelRoutes.inclusive(number, of: provider), attributes)
        }
        #expect(TunnelRoutes.tables(owner) == ["10.0.0.11": ["5001 tunnel"], "10.0.0.12": ["5001 tunnel"]])
    }

    /// Many send into one such tree (RFC 6388 §3): each has a stance of its own.
    @Test func `of an MP2MP tree the next hop says whose label it is`() throws {
        let owner = try owner()
        for (number, provider) in [(UInt8(1), TunnelRoutes.firstPE), (2, TunnelRoutes.secondPE)] {
            var said = number == 1 ? Said.common(1001) : .own(5001)
            var element = TunnelRoutes.tree(1, of: Self.provider)
            element[0] = 8
            said.tunnel = (7, element)
            owner.announce(try TunnelRoutes.inclusive(number, of: provider), try said.attributes(of: provider))
        }
        #expect(TunnelRoutes.tables(owner) == ["common": ["1001 tunnel"], "10.0.0.12": ["5001 tunnel"]])
    }

    /// RFC 6514 §5 with RFC 4875 §19.1: two octets that say nothing. RFC 6388 §3.1: the two elements of one MP2MP tree.
    static let spellings: [(type: UInt8, one: [UInt8], other: [UInt8])] = [
        (1, [10, 0, 0, 11, 0, 0, 0, 7, 0, 0, 0, 1], [10, 0, 0, 11, 0xff, 0xff, 0, 7, 0, 0, 0, 1]),
        (7, [7, 0, 1, 4, 10, 0, 0, 11, 0, 1, 9], [8, 0, 1, 4, 10, 0, 0, 11, 0, 1, 9]),
    ]

    @Test(arguments: 0..<2) func `one tree that is written in two ways is one tunnel`(number: Int) throws {
        let (type, one, other) = Self.spellings[number]
        let owner = try owner()
        var first = Said.common(1001)
        first.tunnel = (type, one)
        var second = Said.own(5001)
        second.tunnel = (type, other)
        owner.announce(try TunnelRoutes.inclusive(1, of: Self.provider), try first.attributes(of: Self.provider))
        owner.announce(try TunnelRoutes.inclusive(2, of: Self.provider), try second.attributes(of: Self.provider))
        #expect(TunnelRoutes.tables(owner).isEmpty && owner.counted(.ipv4MVPN) == [.inconsistentTunnel: 1])
    }

    /// Identifiers of RFC 6514 §5, RFC 6388 §2.2, RFC 7307 §3.1 and RFC 8556 §2; of an MP2MP tree and of RSVP-TE nobody is named.
    static let roots: [(type: UInt8, identifier: [UInt8], root: String?)] = [
        (2, [6, 0, 1, 4, 10, 0, 0, 11, 0, 1, 9], "10.0.0.11"),
        (2, [6, 0, 2, 16, 0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [7, 0, 1, 9], "2001:db8::7"),
        (2, [6, 0, 29, 8, 10, 0, 0, 11, 0, 0, 0, 1, 0, 1, 9], "10.0.0.11"),
        (7, [8, 0, 1, 4, 10, 0, 0, 11, 0, 1, 9], nil),
        (3, [10, 0, 0, 11, 232, 0, 0, 1], "10.0.0.11"), (4, [10, 0, 0, 12, 232, 0, 0, 1], "10.0.0.12"),
        (11, [0, 0, 7, 10, 0, 0, 13], "10.0.0.13"), (1, [10, 0, 0, 11, 0, 0, 0, 7, 0, 0, 0, 1], nil),
    ]

    @Test(arguments: 0..<8) func `a tree says its root`(number: Int) throws {
        let (type, identifier, root) = Self.roots[number]
        let tunnel = PMSITunnel(typeCode: type, labelField: 0, identifier: identifier)
        let tree = try #require(tunnel.labelledTree)
        #expect(tree.root == root.flatMap { IPAddress($0) })
    }
}
