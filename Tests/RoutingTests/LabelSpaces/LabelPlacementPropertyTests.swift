import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// Whatever comes and goes, and in whatever order: the tables are those that the best routes which are there make by themselves.
@Suite struct LabelPlacementPropertyTests {
    typealias Said = TunnelRoutes.Said

    /// A route as the test knows it.
    private struct Route {
        let provider: IPAddress
        /// Of a segment its label alone counts.
        let isSegment: Bool
        let isDomain: Bool
        let said: Said
        let preference: UInt32
    }

    private static let providers = [TunnelRoutes.firstPE, TunnelRoutes.secondPE]

    /// The rules of RFC 9573 §4.2 once more, over all routes at once.
    private static func tables(_ routes: [Route], block: ClosedRange<UInt32>?) -> [String: [String]] {
        var purposes: [String: [UInt32: Set<String>]] = [:]
        for provider in providers {
            let own = routes.filter { $0.provider == provider }
            var domains: Set<String> = []
            for tree in Set(own.filter { !$0.isSegment }.map(\.said.tree)) {
                let sharing = own.filter { !$0.isSegment && $0.said.tree == tree }
                let kinds = Set(sharing.map { $0.said.isExtended ? 1 : $0.said.spaces.isEmpty ? 0 : 2 })
                guard kinds.count == 1 else { continue }
                for route in sharing {
                    guard let space = space(of: route.said, provider, block) else { continue }
                    if space.hasPrefix("space") {
                        purposes["common", default: [:]][route.said.spaces[0].value >> 12, default: []].insert("space")
                    }
                    if route.isDomain { domains.insert(space) }
                    if route.said.label > 0 {
                        purposes[space, default: [:]][route.said.label, default: []].insert("tunnel")
                    }
                }
            }
            guard domains.count == 1, let space = domains.first else { continue }
            for route in own where route.isSegment {
                guard space != "common" || block?.contains(route.said.label) == true else { continue }
                purposes[space, default: [:]][route.said.label, default: []].insert("segment")
            }
        }
        let order = ["tunnel", "segment", "space"]
        return purposes.mapValues { labels in
            labels.sorted { $0.key < $1.key }.map { label, purposes in
                "\(label) \(order.filter(purposes.contains).joined(separator: "+"))"
            }
        }
    }

    /// Where a route's label is from; `nil` where that cannot be.
    private static func space(of said: Said, _ provider: IPAddress, _ block: ClosedRange<UInt32>?) -> String? {
        if said.isExtended { return said.label == 0 || block?.contains(said.label) == true ? "common" : nil }
        guard let space = said.spaces.first else { return "\(provider)" }
        let name = space.value >> 12
        return space.code == 0x0308_0000 && block?.contains(name) == true ? "space \(name)" : nil
    }

    private static func said(_ random: inout SeededGenerator) -> Said {
        let tree = UInt8.random(in: 1...3, using: &random)
        let label = UInt32.random(in: 0...6, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return Said(label: 50_000 + label, tree: tree, spaces: [(0x0308_0001, 1900 << 12)])
        case 1...3: return .space(1900 + label % 2, 1000 + label, tree: tree)
        case 4: return .common(2000 + label, tree: tree)
        case 5...8: return .common(label == 0 ? 0 : 1000 + label, tree: tree)
        default: return .own(label == 0 ? 0 : 1000 + label, tree: tree)
        }
    }

    @Test(arguments: [UInt64(11), 12, 13, 14]) func `the order of routes does not matter`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var inputs = try TunnelRoutes.inputs()
        let owner = SignallingReflectionTests.owner(inputs)
        var held: [PeerAddress: [NLRI: Route]] = [:]
        for round in 0..<600 {
            let peer = Cluster.all[Int.random(in: 0..<4, using: &random)]
            let provider = Self.providers[Int.random(in: 0..<2, using: &random)]
            let number = UInt8.random(in: 1...4, using: &random)
            let kind = Int.random(in: 0..<3, using: &random)
            let segment = try TunnelRoutes.segment(number, of: provider)
            let announced =
                switch kind {
                case 0: try TunnelRoutes.inclusive(number, of: provider)
                case 1: try TunnelRoutes.domain(number, of: provider)
                default: segment.0
                }
            switch Int.random(in: 0..<24, using: &random) {
            case 0:
                owner.handle(.down(neighbor: peer, gracefulRestart: nil))
                held[peer] = nil
                while owner.table.isSweeping { owner.sweep(limit: 3) }
                SignallingReflectionTests.establish(owner, [peer])
            case 1:
                inputs.commonBlock = random.chance(20) ? nil : random.chance(30) ? 1003...1900 : TunnelRoutes.block
                owner.handle(.configure(inputs))
            case 2...8:
                owner.handle(.update(neighbor: peer, Update(withdrawing: [announced.nlri])))
                held[peer]?[announced.nlri] = nil
            default:
                let preference =
                    UInt32.random(in: 1...50, using: &random) * 10 + UInt32(Cluster.number(of: peer) % 10)
                var said = Self.said(&random)
                var contents = try said.attributes(of: provider, from: peer, preference: preference).contents
                if kind == 2 {
                    said = Said(label: 1000 + UInt32.random(in: 1...6, using: &random))
                    contents = try Cluster.attributes(from: peer, preference: preference).contents
                    contents.nextHop = BGPNextHop(provider)
                    contents.originatorIdentifier = TunnelRoutes.originator(provider)
                    contents.evpn = segment.1
                    contents.extendedCommunities.append(
                        ExtendedCommunity(rawValue: 0x0601_0000_0000_0000 | UInt64(said.label) << 4))
                }
                owner.handle(
                    .update(neighbor: peer, Update(announcing: [announced], attributes: PathAttributes(contents))))
                held[peer, default: [:]][announced.nlri] = Route(
                    provider: provider, isSegment: kind == 2, isDomain: kind == 1, said: said, preference: preference)
            }
            owner.drain()
            guard random.chance(40) else { continue }
            var best: [NLRI: Route] = [:]
            for routes in held.values {
                for (nlri, route) in routes where route.preference > best[nlri]?.preference ?? 0 { best[nlri] = route }
            }
            #expect(
                TunnelRoutes.tables(owner) == Self.tables(Array(best.values), block: inputs.commonBlock),
                "seed \(seed) round \(round)")
        }
        for peer in Cluster.all { owner.handle(.down(neighbor: peer, gracefulRestart: nil)) }
        while owner.table.isSweeping { owner.sweep(limit: 3) }
        #expect(TunnelRoutes.tables(owner).isEmpty, "nothing is left")
        #expect(owner.violations.isEmpty, "seed \(seed): \(owner.violations)")
    }

    @Test func `a PE with too many labels leaves others theirs, and what waits is placed as others of it go`() throws {
        let owner = SignallingReflectionTests.owner(try TunnelRoutes.inputs())
        let provider = TunnelRoutes.firstPE
        let tree = TunnelRoutes.tree(1, of: provider)
        func route(_ number: UInt32) throws -> AnnouncedRoute {
            let value: [UInt8] =
                [0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } + [0, 1, 10, 0, 0, 11]
            return AnnouncedRoute(try #require(MulticastVPNRoute(.ipv4, .intraASIPMSI, value[...])))
        }
        func announce(_ number: UInt32) throws {
            var contents = try Cluster.attributes(from: Cluster.client).contents
            contents.originatorIdentifier = TunnelRoutes.originator(provider)
            contents.pmsiTunnel = PMSITunnel(typeCode: 2, labelField: (16 + number) << 4, identifier: tree)
            owner.handle(
                .update(
                    neighbor: Cluster.client,
                    Update(announcing: [try route(number)], attributes: PathAttributes(contents))))
        }
        for number in 0..<UInt32(16_386) { try announce(number) }
        #expect(owner.table.receivedLabelSpaces.map(\.counts) == [[.tunnel: 16_384]])
        #expect(owner.table.waitingLabelRoutes == 2)
        #expect(owner.counted(.ipv4MVPN) == [.labelSpacesFull: 2])
        owner.announce(
            try TunnelRoutes.inclusive(1, of: TunnelRoutes.secondPE),
            try Said.own(5001).attributes(of: TunnelRoutes.secondPE))
        #expect(TunnelRoutes.tables(owner)["10.0.0.12"] == ["5001 tunnel"])
        owner.handle(.update(neighbor: Cluster.client, Update(withdrawing: [try route(7).nlri])))
        #expect(owner.table.waitingLabelRoutes == 1)
        #expect(
            owner.table.receivedLabels(in: .provider(provider), after: try label(16_399), limit: 9).count == 1,
            "one of the two has the place")
        owner.handle(.update(neighbor: Cluster.client, Update(withdrawing: [try route(16_384).nlri])))
        owner.handle(.update(neighbor: Cluster.client, Update(withdrawing: [try route(16_385).nlri])))
        #expect(owner.table.waitingLabelRoutes == 0)
    }

    /// A next hop is the sender's to write.
    @Test func `whoever says another PE's next hop takes nothing from that PE`() throws {
        let owner = SignallingReflectionTests.owner(try TunnelRoutes.inputs())
        let (victim, hostile) = (TunnelRoutes.firstPE, IPv4Address(9, 9, 9, 66))
        owner.announce(try TunnelRoutes.inclusive(1, of: victim), try Said.common(1001).attributes(of: victim))
        let tables = TunnelRoutes.tables(owner)
        // The same tree with the other stance.
        var stolen = try Said.own(5001).attributes(of: victim)
        stolen.originatorIdentifier = hostile
        owner.announce(try TunnelRoutes.inclusive(2, of: victim), stolen)
        #expect(TunnelRoutes.tables(owner)["common"] == tables["common"])
        #expect(owner.table.inconsistentTunnels.isEmpty)
        // Ever more next hops: so many have tables, and a PE that comes afterwards has one, too.
        for number in UInt8(20)..<60 {
            let invented = IPAddress.ipv4(IPv4Address(10, 0, 1, number))
            var said = try Said.own(6001).attributes(of: invented)
            said.originatorIdentifier = hostile
            owner.announce(try TunnelRoutes.inclusive(1, of: invented), said)
        }
        #expect(owner.counted(.ipv4MVPN) == [.labelSpacesFull: 25])
        #expect(owner.table.receivedLabelSpaces.count == 17, "the block's, and 16 that one router speaks for")
        owner.announce(
            try TunnelRoutes.inclusive(1, of: TunnelRoutes.secondPE),
            try Said.own(7001).attributes(of: TunnelRoutes.secondPE))
        #expect(TunnelRoutes.tables(owner)["10.0.0.12"] == ["7001 tunnel"])
    }

    @Test func `when a PE goes others that wait get its place, whoever else waits`() throws {
        let owner = SignallingReflectionTests.owner(try TunnelRoutes.inputs())
        func provider(_ number: Int) -> IPAddress {
            .ipv4(IPv4Address(10, 1, UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)))
        }
        func announce(_ number: Int) throws {
            var said = try Said.own(5001).attributes(of: provider(number))
            said.originatorIdentifier = IPv4Address(
                9, 1, UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number))
            owner.handle(
                .update(
                    neighbor: Cluster.client,
                    Update(announcing: [try TunnelRoutes.inclusive(1, of: provider(number))], attributes: said)))
        }
        for number in 0..<4099 { try announce(number) }
        #expect(owner.table.receivedLabelSpaces.count == 4096 && owner.table.waitingLabelRoutes == 3)
        for number in 0..<3 {
            let gone = try TunnelRoutes.inclusive(1, of: provider(number))
            owner.handle(.update(neighbor: Cluster.client, Update(withdrawing: [gone.nlri])))
            #expect(owner.table.receivedLabelSpaces.count == 4096)
            #expect(owner.table.waitingLabelRoutes == 2 - number)
        }
    }
}
