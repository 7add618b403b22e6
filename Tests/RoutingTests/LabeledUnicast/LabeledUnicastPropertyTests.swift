import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// Random events of routers of the own network, and the ways that a naive model would have after each.
@Suite struct LabeledUnicastPropertyTests {
    /// What a router has announced and not withdrawn.
    private struct Announced {
        let labels: [UInt32]
        let attributes: PathAttributes
        var isStale = false
    }

    private struct Router {
        let peer: PeerAddress
        let identifier: UInt8
        var isUp = false
        var routes: [IPPrefix: Announced] = [:]
    }

    @Test(arguments: UInt64(1)...30)
    func `after each event the ways are those of a naive model`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let restart = gracefulRestart(seconds: 60, families: [.ipv4LabeledUnicast])
        let owner = connected(try CoreRouter.inputs())
        var routers = [
            Router(peer: CoreRouter.first, identifier: 9), Router(peer: CoreRouter.second, identifier: 8),
        ]
        let prefixes = try ["10.0.0.7/32", "10.0.0.0/24", "0.0.0.0/0"].map { try prefix($0) }
        for step in 0..<300 {
            let index = Int.random(in: 0..<2, using: &random)
            let router = routers[index].peer
            let prefix = prefixes[Int.random(in: 0..<prefixes.count, using: &random)]
            switch Int.random(in: 0..<10, using: &random) {
            case 0 where routers[index].isUp:
                owner.handle(.down(neighbor: router, gracefulRestart: restart))
                routers[index].isUp = false
                routers[index].routes = routers[index].routes.filter { !$0.value.isStale }
                for prefix in prefixes { routers[index].routes[prefix]?.isStale = true }
            case 1 where routers[index].isUp:
                owner.handle(.endOfRIB(neighbor: router, .ipv4LabeledUnicast))
                routers[index].routes = routers[index].routes.filter { !$0.value.isStale }
            case 2 where routers[index].isUp:
                owner.handle(.update(neighbor: router, try CoreRouter.withdrawal(prefix.description)))
                routers[index].routes[prefix] = nil
            case 3...8 where routers[index].isUp:
                let new = try announced(&random)
                owner.handle(
                    .update(
                        neighbor: router,
                        try CoreRouter.announcement(prefix.description, labels: new.labels, new.attributes)))
                routers[index].routes[prefix] = isUsable(new) ? new : nil
            case _ where !routers[index].isUp:
                CoreRouter.establish(router, routers[index].identifier, owner, restart)
                routers[index].isUp = true
            default: break
            }
            for prefix in prefixes {
                #expect(owner.ways[prefix] ?? [] == expected(prefix, routers), "seed \(seed), step \(step)")
            }
            #expect(owner.violations.isEmpty)
        }
    }

    private func announced(_ random: inout SeededGenerator) throws -> Announced {
        let stacks: [[UInt32]] = [
            [16001], [16001, 16002], [3], [0], [16001, 3], [2], [1], [1, 16001], [16, 17, 18],
        ]
        let nextHop = ["10.98.0.1", "10.98.0.5", "10.0.0.1"][Int.random(in: 0..<3, using: &random)]
        let attributes = try CoreRouter.attributes(
            nextHop: nextHop, preference: random.chance(50) ? 100 : 200, path: random.chance(30) ? [7] : [],
            originator: random.chance(30) ? IPv4Address(10, 0, 0, UInt8.random(in: 1...4, using: &random)) : nil,
            clusters: random.chance(30) ? [IPv4Address(1, 1, 1, 1)] : [])
        return Announced(labels: stacks[Int.random(in: 0..<stacks.count, using: &random)], attributes: attributes)
    }

    private func isUsable(_ route: Announced) -> Bool {
        route.labels.count <= 2 && !route.labels.contains(1) && !route.labels.contains(2)
            && route.attributes.nextHop?.resolvedAddress != CoreRouter.loopback
            && route.attributes.originatorIdentifier != IPv4Address(10, 0, 0, 1)
    }

    private func expected(_ prefix: IPPrefix, _ routers: [Router]) -> [LabelledWay] {
        // Written out: debug builds of this toolchain crash on such a closure.
        var routes: [(key: [UInt32], route: Announced)] = []
        for router in routers {
            guard let route = router.routes[prefix] else { continue }
            routes.append((key(router, route), route))
        }
        let ordered = routes.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        var ways: [LabelledWay] = []
        for (_, route) in ordered {
            guard let nextHop = route.attributes.nextHop?.resolvedAddress else { continue }
            let labels = route.labels.filter { $0 != 3 }.compactMap { MPLSLabel(rawValue: $0) }
            let way = LabelledWay(nextHop: nextHop, labels: labels)
            if !ways.contains(way) { ways.append(way) }
        }
        return ways
    }

    /// RFC 4271 §9.1.2.2 and RFC 4456 §9, the lower the better.
    private func key(_ router: Router, _ route: Announced) -> [UInt32] {
        let attributes = route.attributes
        let identifier = attributes.originatorIdentifier ?? IPv4Address(9, 9, 9, router.identifier)
        return [
            ~(attributes.localPreference ?? 100), UInt32(attributes.asPath.length), identifier.rawValue,
            UInt32(attributes.clusterList.count), UInt32(router.identifier),
        ]
    }
}
