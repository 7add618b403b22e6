import Addressing
import BGP
import Routing
import Testing

/// `import` and `export route-map` of a VRF: what enters it and leaves it, with what attributes and targets, there alone.
@Suite struct VRFRouteMapTests {
    private static let reflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))
    private let marked = Community(rawValue: 65001 << 16 | 1)

    private func entry(
        permits: Bool = true, _ conditions: RoutePolicy.Condition...,
        changes: (inout AttributeChanges) -> Void = { _ in }
    ) -> RoutePolicy.Entry {
        var entry = RoutePolicy.Entry(permits: permits)
        entry.conditions = conditions
        changes(&entry.changes)
        return entry
    }

    private func targets(_ texts: String...) throws -> RoutePolicy.Condition {
        .routeTargets([RouteTargetFilter([.init(permits: true, values: Set(try texts.map { try target($0) }))])])
    }

    private var isMarked: RoutePolicy.Condition {
        .communities([CommunityFilter([.init(permits: true, values: [marked])])], exactly: false)
    }

    /// The note's configuration with a reflector.
    private func inputs() throws -> RoutingInputs {
        var inputs = try noteInputs()
        var neighbor = NeighborInputs(
            peer: Self.reflector, remoteAutonomousSystem: 42, nni: NeighborIdentity.core,
            localAddress: .ipv4(IPv4Address(10, 0, 0, 1)))
        neighbor.families = [.vpnv4: .init(.internal)]
        inputs.neighbors[Self.reflector] = neighbor
        for name in inputs.vrfs.keys { inputs.vrfs[name]?.eligibleNeighbors.insert(Self.reflector) }
        return inputs
    }

    private func owner(_ inputs: RoutingInputs) -> Owner {
        let owner = connected(inputs)
        owner.handle(.established(neighbor: Self.reflector, session(identifier: 9, families: [.vpnv4])))
        owner.drain()
        return owner
    }

    private func announce(
        _ owner: Owner, _ text: String, targets: [String] = ["42:1"], communities: [Community] = []
    ) throws {
        var contents = try attributes(targets: targets, discriminator: 7).contents
        contents.communities = communities
        owner.handle(
            .update(
                neighbor: FarEnd.first, try announcement(vpn("65001:1", text), label: 500, PathAttributes(contents))))
    }

    private func used(_ owner: Owner, _ text: String, in vrf: String = "one") throws -> PathAttributes? {
        owner.table.routes(inVRF: vrf, family: .ipv4, prefix: try prefix(text), limit: 1).first?.candidates.first?
            .attributes
    }

    private func rejected(_ owner: Owner) -> [String: RouteRejection] {
        let routes = owner.table.rejectedRoutes(
            from: FarEnd.first, family: .vpnv4,
            among: owner.table.identifiers(.rejected, FarEnd.first, family: .vpnv4))
        return Dictionary(uniqueKeysWithValues: routes.map { ($0.route.description, $0.reason) })
    }

    private func sent(_ owner: Owner, to peer: PeerAddress, _ text: String) throws -> PathAttributes? {
        owner.sent[peer]?[try vpn("42:1", text)]?.attributes
    }

    // MARK: In

    @Test func `a route enters the VRFs whose maps permit it, with what they write`() throws {
        var inputs = try inputs()
        inputs.vrfs["one"]?.importPolicies[.ipv4] = RoutePolicy([entry(isMarked) { $0.localPreference = 300 }])
        let owner = owner(inputs)
        try announce(owner, "10.2.0.0/16", targets: ["42:1", "42:2"], communities: [marked])
        try announce(owner, "10.3.0.0/16", targets: ["42:1", "42:2"])
        #expect(try used(owner, "10.2.0.0/16")?.localPreference == 300)
        #expect(try used(owner, "10.2.0.0/16", in: "two")?.localPreference == nil)
        #expect(try used(owner, "10.3.0.0/16") == nil)
        #expect(try used(owner, "10.3.0.0/16", in: "two") != nil)
        try announce(owner, "10.4.0.0/16")
        #expect(rejected(owner) == ["65001:1:10.4.0.0/16": .vrfRouteMap])
        #expect(
            owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]?.rejectedCount[.vrfRouteMap] == 2)
        // What it came with is kept as it came.
        #expect(
            owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, limit: 10).allSatisfy {
                $0.attributes.localPreference == nil
            })
        #expect(owner.violations.isEmpty)
    }

    @Test func `a map asks for targets, and a list of them wants all of an entry`() throws {
        var inputs = try inputs()
        inputs.vrfs["one"]?.importPolicies[.ipv4] = RoutePolicy([entry(try targets("42:1", "65001:9"))])
        let owner = owner(inputs)
        try announce(owner, "10.2.0.0/16", targets: ["42:1", "65001:9"])
        try announce(owner, "10.3.0.0/16", targets: ["42:1"])
        #expect(try used(owner, "10.2.0.0/16") != nil)
        #expect(try used(owner, "10.3.0.0/16") == nil)
    }

    @Test func `a changed map goes over what is there without the session, and asks for what was refused`() throws {
        var inputs = try inputs()
        let owner = owner(inputs)
        try announce(owner, "10.2.0.0/16", communities: [marked])
        try announce(owner, "10.3.0.0/16")
        inputs.vrfs["one"]?.importPolicies[.ipv4] = RoutePolicy([entry(isMarked) { $0.localPreference = 300 }])
        owner.handle(.configure(inputs))
        #expect(try used(owner, "10.2.0.0/16")?.localPreference == 300)
        #expect(try used(owner, "10.3.0.0/16") == nil)
        #expect(rejected(owner) == ["65001:1:10.3.0.0/16": .vrfRouteMap])
        inputs.vrfs["one"]?.importPolicies[.ipv4] = RoutePolicy([entry { $0.localPreference = 50 }])
        owner.handle(.configure(inputs))
        #expect(try used(owner, "10.2.0.0/16")?.localPreference == 50)
        #expect(owner.refreshRequests.map { $0.1 } == [.vpnIPv4])
        try announce(owner, "10.3.0.0/16")
        inputs.vrfs["one"]?.importPolicies = [:]
        owner.handle(.configure(inputs))
        #expect(try used(owner, "10.2.0.0/16")?.localPreference == nil)
        #expect(try used(owner, "10.3.0.0/16") != nil)
        #expect(owner.resets.isEmpty && owner.violations.isEmpty)
    }

    @Test func `it sees what the neighbor's map has written, also when that changes`() throws {
        var inputs = try inputs()
        inputs.vrfs["one"]?.importPolicies[.ipv4] = RoutePolicy([entry(isMarked)])
        let marking = RoutePolicy([entry { $0.communities = .init([marked], isAdditive: true) }])
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.importPolicy = marking
        let owner = owner(inputs)
        try announce(owner, "10.2.0.0/16")
        #expect(try used(owner, "10.2.0.0/16")?.communities == [marked])
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.importPolicy = RoutePolicy([entry()])
        owner.handle(.configure(inputs))
        #expect(try used(owner, "10.2.0.0/16") == nil)
        #expect(rejected(owner) == ["65001:1:10.2.0.0/16": .vrfRouteMap])
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.importPolicy = marking
        owner.handle(.configure(inputs))
        try announce(owner, "10.2.0.0/16")
        #expect(try used(owner, "10.2.0.0/16") != nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `what a map makes large is held once, and goes with its routes`() throws {
        var inputs = try inputs()
        let many = (0..<1000).map { Community(rawValue: $0) }
        inputs.vrfs["one"]?.importPolicies[.ipv4] = RoutePolicy([
            entry { $0.communities = .init(many, isAdditive: false) }
        ])
        let owner = owner(inputs)
        for number in 2...9 { try announce(owner, "10.\(number).0.0/16") }
        #expect(try used(owner, "10.9.0.0/16")?.communities.count == 1000)
        inputs.vrfs["one"]?.importPolicies = [:]
        owner.handle(.configure(inputs))
        for number in 2...9 { #expect(try used(owner, "10.\(number).0.0/16")?.communities.isEmpty == true) }
        #expect(owner.violations.isEmpty)
    }

    // MARK: Out

    @Test func `targets are set in the place of the VRF's, or beside them`() throws {
        var inputs = try inputs()
        let hub = try target("42:99")
        inputs.vrfs["one"]?.exportPolicies[.ipv4] = RoutePolicy([
            entry(isMarked) { $0.routeTargets = .init([hub], isAdditive: false) },
            entry { $0.routeTargets = .init([hub], isAdditive: true) },
        ])
        let owner = owner(inputs)
        try announce(owner, "10.2.0.0/16", communities: [marked])
        try announce(owner, "10.3.0.0/16")
        owner.drain()
        let both = [ExtendedCommunity(try target("42:1")), ExtendedCommunity(hub)]
        #expect(try sent(owner, to: Self.reflector, "10.2.0.0/16")?.extendedCommunities == [both[1]])
        #expect(try sent(owner, to: Self.reflector, "10.3.0.0/16")?.extendedCommunities == both)
        // A route of the VRF's own as well, to both sides.
        #expect(try sent(owner, to: Self.reflector, "10.1.0.0/24")?.extendedCommunities == both)
        #expect(try sent(owner, to: FarEnd.first, "10.1.0.0/24")?.extendedCommunities == both)
        inputs.vrfs["one"]?.exportPolicies = [:]
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try sent(owner, to: Self.reflector, "10.2.0.0/16")?.extendedCommunities == [both[0]])
        #expect(try sent(owner, to: FarEnd.first, "10.1.0.0/24")?.extendedCommunities == [both[0]])
        #expect(owner.resets.isEmpty)
    }

    @Test func `what the map refuses is withdrawn from neighbors and nowhere else`() throws {
        var inputs = try inputs()
        let owner = owner(inputs)
        try announce(owner, "10.2.0.0/16")
        owner.drain()
        #expect(try sent(owner, to: Self.reflector, "10.2.0.0/16") != nil)
        inputs.vrfs["one"]?.exportPolicies[.ipv4] = RoutePolicy([entry(permits: false)])
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try sent(owner, to: Self.reflector, "10.2.0.0/16") == nil)
        #expect(try sent(owner, to: FarEnd.first, "10.1.0.0/24") == nil)
        #expect(try used(owner, "10.2.0.0/16") != nil)
        #expect(owner.sent[FarEnd.first]?[try vpn("42:2", "10.1.0.0/24")] != nil)
    }

    @Test func `the neighbor's map comes behind it, and what both leave alone stays as the side wants it`() throws {
        var inputs = try inputs()
        inputs.vrfs["one"]?.exportPolicies[.ipv4] = RoutePolicy([
            entry {
                $0.communities = .init([marked], isAdditive: true)
                $0.multiExitDiscriminator = 33
            }
        ])
        let passing = RoutePolicy([entry(isMarked)])
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.exportPolicy = passing
        inputs.neighbors[Self.reflector]?.families[.vpnv4]?.exportPolicy = passing
        inputs.vrfs["one"]?.importPolicies[.ipv4] = RoutePolicy([entry { $0.localPreference = 170 }])
        let owner = owner(inputs)
        try announce(owner, "10.2.0.0/16")
        owner.drain()
        let own = try #require(try sent(owner, to: FarEnd.first, "10.1.0.0/24"))
        #expect(own.multiExitDiscriminator == 33 && own.localPreference == nil && own.communities == [marked])
        let inside = try #require(try sent(owner, to: Self.reflector, "10.2.0.0/16"))
        #expect(inside.localPreference == 170 && inside.multiExitDiscriminator == 33)
        // A map towards an internal neighbor takes neither away.
        inputs.vrfs["one"]?.exportPolicies = [:]
        inputs.neighbors[Self.reflector]?.families[.vpnv4]?.exportPolicy = RoutePolicy([entry()])
        owner.handle(.configure(inputs))
        owner.drain()
        let plain = try #require(try sent(owner, to: Self.reflector, "10.2.0.0/16"))
        #expect(plain.localPreference == 170 && plain.multiExitDiscriminator == 7)
    }
}
