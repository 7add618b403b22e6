import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// Whatever comes and goes, and in whatever order: the tables are those that the best routes which are there make by themselves.
@Suite struct LabelPlacementPropertyTests {
    /// A box, and what its neighbors have sent it.
    private final class World {
        var inputs: RoutingInputs
        let owner: Owner
        var held: [PeerAddress: [NLRI: RandomTunnelRoute]] = [:]

        init(_ limits: ReceivedLabelLimits) throws {
            inputs = try TunnelRoutes.inputs()
            owner = SignallingReflectionTests.owner(inputs, limits: limits)
        }

        func announce(_ route: RandomTunnelRoute, from peer: PeerAddress) {
            owner.handle(.update(neighbor: peer, Update(announcing: [route.route], attributes: route.attributes)))
            held[peer, default: [:]][route.route.nlri] = route
        }

        func lose(_ peer: PeerAddress) {
            owner.handle(.down(neighbor: peer, gracefulRestart: nil))
            held[peer] = nil
            owner.finishPortions()
            SignallingReflectionTests.establish(owner, [peer])
        }

        func step(ties: Bool, _ random: inout SeededGenerator) throws {
            let peer = Cluster.all[Int.random(in: 0..<4, using: &random)]
            switch Int.random(in: 0..<24, using: &random) {
            case 0: lose(peer)
            case 1:
                inputs.commonBlock = random.chance(20) ? nil : random.chance(30) ? 1003...1900 : TunnelRoutes.block
                owner.handle(.configure(inputs))
            case 2...8:
                let nlri = try RandomTunnelRoute(from: peer, ties: ties, &random).route.nlri
                owner.handle(.update(neighbor: peer, Update(withdrawing: [nlri])))
                held[peer]?[nlri] = nil
            default: announce(try RandomTunnelRoute(from: peer, ties: ties, &random), from: peer)
            }
            owner.drain()
        }

        /// The verdicts on all routes, by neighbor.
        func verdicts(_ isMeant: (RouteRejection) -> Bool = { _ in true }) -> [String: String] {
            var found: [String: String] = [:]
            for (peer, routes) in held {
                for nlri in routes.keys {
                    guard let fault = owner.table.labelFault(of: nlri, from: peer), isMeant(fault) else { continue }
                    found["\(peer.address) \(nlri)"] = fault.rawValue
                }
            }
            return found
        }

        /// Another box with the same routes, which come one after the other in another order.
        func shuffled(_ limits: ReceivedLabelLimits, _ random: inout SeededGenerator) throws -> World {
            let other = try World(limits)
            other.inputs = inputs
            other.owner.handle(.configure(inputs))
            var all: [(PeerAddress, RandomTunnelRoute)] = []
            for (peer, routes) in held { for route in routes.values { all.append((peer, route)) } }
            all.shuffle(using: &random)
            for (peer, route) in all { other.announce(route, from: peer) }
            other.owner.finishPortions()
            return other
        }

        func end() {
            for peer in Cluster.all { owner.handle(.down(neighbor: peer, gracefulRestart: nil)) }
            owner.finishPortions()
            #expect(TunnelRoutes.tables(owner).isEmpty, "nothing is left")
            #expect(owner.table.waitingLabelRoutes == 0 && owner.table.inconsistentTunnelCount == 0)
            #expect(owner.violations.isEmpty, "\(owner.violations)")
        }
    }

    @Test(arguments: [UInt64(11), 12, 13, 14]) func `the order of routes does not matter`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let world = try World(ReceivedLabelLimits())
        for round in 0..<600 {
            try world.step(ties: false, &random)
            guard random.chance(40) else { continue }
            world.owner.finishPortions()
            var best: [NLRI: RandomTunnelRoute] = [:]
            for routes in world.held.values {
                for (nlri, route) in routes where route.preference > best[nlri]?.preference ?? 0 { best[nlri] = route }
            }
            #expect(
                TunnelRoutes.tables(world.owner)
                    == LabelRules(Array(best.values), block: world.inputs.commonBlock).tables,
                "seed \(seed) round \(round)")
        }
        world.end()
    }

    @Test(arguments: [UInt64(21), 22, 23]) func `another box with the same routes says the same of each`(
        seed: UInt64
    ) throws {
        var random = SeededGenerator(seed: seed)
        let world = try World(ReceivedLabelLimits())
        for round in 0..<400 {
            try world.step(ties: true, &random)
            guard random.chance(8) else { continue }
            world.owner.finishPortions()
            let other = try world.shuffled(ReceivedLabelLimits(), &random)
            #expect(TunnelRoutes.tables(world.owner) == TunnelRoutes.tables(other.owner), "seed \(seed) round \(round)")
            #expect(world.verdicts() == other.verdicts(), "seed \(seed) round \(round)")
            #expect(
                world.owner.table.inconsistentTunnels(limit: .max) == other.owner.table.inconsistentTunnels(limit: .max)
            )
        }
        world.end()
    }

    /// With less room than is needed it matters who comes first, but not to the rule on routes by one tunnel.
    @Test(arguments: [UInt64(31), 32, 33]) func `with little room the rule on tunnels holds all the same`(
        seed: UInt64
    ) throws {
        var random = SeededGenerator(seed: seed)
        var limits = ReceivedLabelLimits()
        (limits.labels, limits.domains, limits.segments, limits.owners) = (4, 3, 2, 1)
        let world = try World(limits)
        func isOfTunnels(_ fault: RouteRejection) -> Bool {
            [.inconsistentTunnel, .unknownLabelSpace].contains(fault)
        }
        for round in 0..<400 {
            try world.step(ties: true, &random)
            guard random.chance(8) else { continue }
            world.owner.finishPortions()
            let other = try world.shuffled(limits, &random)
            #expect(world.verdicts(isOfTunnels) == other.verdicts(isOfTunnels), "seed \(seed) round \(round)")
            #expect(
                world.owner.table.inconsistentTunnels(limit: .max) == other.owner.table.inconsistentTunnels(limit: .max)
            )
            let waiting = world.verdicts { $0 == .labelSpacesFull }.count
            #expect(waiting <= world.owner.table.waitingLabelRoutes, "seed \(seed) round \(round)")
        }
        world.end()
    }
}
