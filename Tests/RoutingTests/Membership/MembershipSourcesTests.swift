import Addressing
import BGP
import Routing
import Testing

/// Route target membership where VPN routes are not a VRF's with the VRF's targets: relayed ones, and those behind an export map.
@Suite struct MembershipSourcesTests {
    private let route: VPNPrefix

    init() throws { route = try vpn("65001:1", "10.9.0.0/16") }

    /// A border that relays, whose reflector says what it wants.
    private func border() throws -> Owner {
        var inputs = try Border.inputs()
        inputs.neighbors[Border.reflector]?.families[.routeTargets] = .init(.internal)
        let owner = Owner()
        owner.handle(.configure(inputs))
        for peer in Border.all {
            let families = peer == Border.reflector ? Wishes.families : [.vpnv4, .vpnv6]
            owner.handle(
                .established(neighbor: peer, session(identifier: Border.number(of: peer), families: families)))
        }
        owner.drain()
        return owner
    }

    @Test func `what is relayed from the core is asked for as well`() throws {
        let owner = try border()
        #expect(owner.asked(Border.reflector) == ["42:42:7/96", "42:42:9/96"])
        #expect(owner.asked(Border.first).isEmpty)
    }

    @Test func `what is relayed to the core goes where its targets are wanted, as they are there`() throws {
        let owner = try border()
        owner.endMembership(from: Border.reflector)
        try owner.announce(
            route, from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:8"]))
        owner.drain()
        #expect(owner.has(Border.reflector).isEmpty)
        #expect(owner.has(Border.otherReflector) == ["65001:1:10.9.0.0/16"])
        owner.say(try Wishes.wish("65001:8"), from: Border.reflector)
        #expect(owner.has(Border.reflector).isEmpty)
        owner.say(try Wishes.wish("42:8"), from: Border.reflector)
        #expect(owner.has(Border.reflector) == ["65001:1:10.9.0.0/16"])
        owner.takeBack(try Wishes.wish("42:8"), from: Border.reflector)
        #expect(owner.has(Border.reflector).isEmpty)
        owner.say(.everything, from: Border.reflector)
        #expect(owner.has(Border.reflector) == ["65001:1:10.9.0.0/16"])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a label is called for where the route is wanted, and only there`() throws {
        let owner = try border()
        func labels() -> Int { owner.table.labels.labels.keys.count { $0.neighbor.peer == Border.reflector } }
        func valid() -> Int { owner.installed.count { $0.neighbor == Border.reflector } }
        for (number, name) in ["65001:7", "65001:8"].enumerated() {
            try owner.announce(
                try vpn("65001:1", "10.\(number).0.0/16"), from: Border.first, label: 100 + UInt32(number),
                Border.attributes(from: Border.first, [name]))
        }
        owner.drain()
        #expect(labels() == 0)
        owner.endMembership(from: Border.reflector)
        owner.drain()
        #expect(labels() == 0)
        owner.say(try Wishes.wish("42:8"), from: Border.reflector)
        #expect(labels() == 1 && valid() == 1)
        owner.say(.everything, from: Border.reflector)
        #expect(labels() == 2 && valid() == 2)
        owner.takeBack(.everything, from: Border.reflector)
        owner.takeBack(try Wishes.wish("42:8"), from: Border.reflector)
        #expect(labels() == 0 && valid() == 0)
        #expect(owner.has(Border.reflector).isEmpty)
        #expect(owner.installed.contains { $0.neighbor == Border.otherReflector })
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a relayed route waits for the wishes of a neighbor that comes later`() throws {
        let owner = try border()
        try owner.announce(
            route, from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:8"]))
        owner.say(try Wishes.wish("42:8"), from: Border.reflector)
        #expect(owner.has(Border.reflector).isEmpty)
        owner.endMembership(from: Border.reflector)
        #expect(owner.has(Border.reflector) == ["65001:1:10.9.0.0/16"])
    }

    @Test func `targets that an export map gives are those that count`() throws {
        var inputs = try Wishes.inputs()
        var entry = RoutePolicy.Entry(permits: true)
        entry.changes.routeTargets = .init([try target("42:99")], isAdditive: false)
        inputs.vrfs["one"]?.exportPolicies[.ipv4] = RoutePolicy([entry])
        let owner = Wishes.owner(inputs)
        owner.endMembership(from: Cluster.reflector)
        owner.say(try Wishes.wish("42:1"), from: Cluster.reflector)
        #expect(owner.has(Cluster.reflector).isEmpty)
        owner.say(try Wishes.wish("42:99"), from: Cluster.reflector)
        #expect(owner.has(Cluster.reflector) == ["42:1:10.1.0.0/24"])
        inputs.vrfs["one"]?.exportPolicies = [:]
        owner.takeBack(try Wishes.wish("42:99"), from: Cluster.reflector)
        #expect(owner.has(Cluster.reflector).isEmpty)
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.has(Cluster.reflector) == ["42:1:10.1.0.0/24"])
    }
}
