import Addressing
import BGP
import Routing
import Testing

/// How many UPDATEs a far end is sent for what came in from another, counted.
@Suite struct UpdatePackingTests {
    private static let sets = 500
    private static let routesOfASet = 40

    private func inputs() throws -> RoutingInputs {
        var inputs = try noteInputs()
        inputs.vrfs = inputs.vrfs.filter { $0.key == "one" }
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first, FarEnd.second]
        inputs.vrfs["one"]?.allowsTransit = true
        inputs.vrfs["one"]?.circuitAddresses = []
        return inputs
    }

    private func prefix(set: Int, route: Int) throws -> VPNPrefix {
        let number = UInt32(set * Self.routesOfASet + route)
        let address = IPAddress.ipv4(IPv4Address(rawValue: 20 << 24 | number << 8))
        return VPNPrefix(
            routeDistinguisher: try #require(RouteDistinguisher("65001:1")),
            prefix: try #require(IPPrefix(covering: address, length: 24)))
    }

    private func attributes(ofSet set: Int) throws -> PathAttributes {
        try RoutingTests.attributes(targets: ["42:1"], path: [FarEnd.firstAS, 100_000 + UInt32(set)])
    }

    /// The UPDATEs that leave for the second far end until there is no more.
    private func messages(of owner: Owner, limit: Int = 500) throws -> Int {
        let encoder = UpdateEncoder(
            context: UpdateContext(
                fourOctetAutonomousSystems: true, isExternal: true, families: [.vpnIPv4, .vpnIPv6]))
        var count = 0
        while true {
            let effects = owner.pull(FarEnd.second, limit: limit)
            guard !effects.isEmpty else { return count }
            for case .advertise(_, let attributes, let routes) in effects {
                count += try encoder.messages(for: Update(announcing: routes, attributes: attributes)).count
            }
        }
    }

    private func owner() throws -> Owner {
        let owner = Owner()
        owner.handle(.configure(try inputs()))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        return owner
    }

    @Test func `a table is sent in as few messages as it came in`() throws {
        let owner = try owner()
        for set in 0..<Self.sets {
            let routes = try (0..<Self.routesOfASet).map {
                AnnouncedRoute(try prefix(set: set, route: $0), labels: .single(try label(500)))
            }
            owner.handle(
                .update(
                    neighbor: FarEnd.first, Update(announcing: routes, attributes: try attributes(ofSet: set))))
        }
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 8)))
        owner.confirmAll()
        // However many are looked at at once.
        while owner.table.isSweeping { owner.sweep(limit: 2_000) }
        #expect(try messages(of: owner) <= Self.sets * 12 / 10)
        #expect(owner.sent[FarEnd.second]?.count == Self.sets * Self.routesOfASet)
        // And once more when it asks for it.
        owner.handle(.routeRefresh(neighbor: FarEnd.second, .vpnIPv4))
        #expect(try messages(of: owner) <= Self.sets * 12 / 10)
    }

    @Test func `routes that came and went before a slow far end took them cost a bounded turn each`() throws {
        let owner = try owner()
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 8)))
        owner.drain()
        let kept = try prefix(set: 60, route: 0)
        func announce(_ prefixes: [VPNPrefix]) throws {
            let routes = try prefixes.map { AnnouncedRoute($0, labels: .single(try label(500))) }
            owner.handle(
                .update(neighbor: FarEnd.first, Update(announcing: routes, attributes: try attributes(ofSet: 1))))
        }
        let gone = try (0..<50).flatMap { set in try (0..<Self.routesOfASet).map { try prefix(set: set, route: $0) } }
        try announce(gone)
        owner.confirmAll()
        owner.handle(
            .update(neighbor: FarEnd.first, Update(withdrawing: gone.map { .vpn($0) })))
        try announce([kept])
        // 2,000 routes of which nothing is sent, at most 40 of them at once; who asks again until none is owed is told the last.
        var portions = 0
        while owner.table.isOutputOwed(to: FarEnd.second) {
            owner.pull(FarEnd.second, limit: 10)
            portions += 1
        }
        #expect(portions >= gone.count / 40)
        #expect(owner.sent[FarEnd.second]?.count == 1)
    }

    @Test func `routes that come one at a time in any order leave together when the far end was slow`() throws {
        let owner = try owner()
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 8)))
        owner.drain()
        for route in 0..<10 {
            for set in 0..<Self.sets {
                owner.handle(
                    .update(
                        neighbor: FarEnd.first,
                        try announcement(
                            prefix(set: set, route: route), label: 500, attributes(ofSet: set))))
            }
        }
        #expect(try messages(of: owner) <= Self.sets * 12 / 10)
        #expect(owner.sent[FarEnd.second]?.count == 10 * Self.sets)
    }

    @Test func `what changed since it was put in is sent as it is now`() throws {
        let owner = try owner()
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 8)))
        owner.drain()
        let key = try prefix(set: 0, route: 0)
        for set in 0..<3 {
            owner.handle(
                .update(
                    neighbor: FarEnd.first, try announcement(key, label: 500, attributes(ofSet: set))))
        }
        #expect(try messages(of: owner) == 1)
        let sent = owner.sent[FarEnd.second]?.values.first
        #expect(sent?.attributes.asPath == ASPath(sequence: [42, FarEnd.firstAS, 100_002]))
    }
}
