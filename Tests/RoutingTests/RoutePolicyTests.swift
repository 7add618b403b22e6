import Addressing
import BGP
import Routing
import Testing

/// Route maps of neighbors, in and out: what they match and write, and what a changed map does to what is there.
@Suite struct RoutePolicyTests {
    private let plain = "10.2.0.0/16"
    private let marked = "10.3.0.0/16"
    private let customers = Community(rawValue: 65001 << 16 | 1)
    private let backup = Community(rawValue: 65001 << 16 | 2)

    private func communities(_ values: Set<Community>, permits: Bool = true) -> CommunityFilter {
        CommunityFilter([CommunityFilter.Entry(permits: permits, values: values)])
    }

    private func entry(
        permits: Bool = true, _ conditions: RoutePolicy.Condition...,
        changes: (inout AttributeChanges) -> Void = { _ in }
    ) -> RoutePolicy.Entry {
        var entry = RoutePolicy.Entry(permits: permits)
        entry.conditions = conditions
        changes(&entry.changes)
        return entry
    }

    /// Two routes of the first far end, the second with communities.
    private func announce(_ owner: Owner) throws {
        var contents = try attributes(targets: ["42:1"]).contents
        owner.handle(
            .update(
                neighbor: FarEnd.first, try announcement(vpn("65001:1", plain), label: 500, PathAttributes(contents))))
        contents.communities = [customers, backup]
        contents.largeCommunities = [LargeCommunity(65001, 7, 7)]
        contents.asPath = ASPath(sequence: [FarEnd.firstAS, 7])
        owner.handle(
            .update(
                neighbor: FarEnd.first, try announcement(vpn("65001:1", marked), label: 500, PathAttributes(contents))))
    }

    private func rejected(_ owner: Owner) -> UInt64? {
        owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]?.rejectedCount[.neighborRouteMap]
    }

    private func used(_ owner: Owner, _ text: String) throws -> PathAttributes? {
        owner.table.routes(inVRF: "one", family: .ipv4, prefix: try prefix(text), limit: 1).first?.candidates.first?
            .attributes
    }

    private func imported(_ entries: RoutePolicy.Entry...) throws -> Owner {
        var inputs = try noteInputs()
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.importPolicy = RoutePolicy(entries)
        let owner = connected(inputs)
        try announce(owner)
        return owner
    }

    private func isTaken(_ owner: Owner, _ text: String) throws -> Bool {
        owner.fib["one"]?[try prefix(text)] != nil
    }

    // MARK: What is matched

    @Test func `a condition takes the routes that it holds for and no others`() throws {
        let large = LargeCommunityFilter([.init(permits: true, values: [LargeCommunity(65001, 7, 7)])])
        let path = ASPathFilter([.init(permits: true, pattern: try ASPathPattern("_7$"))])
        let denied = CommunityFilter([
            .init(permits: false, values: [backup]), .init(permits: true, values: [customers]),
        ])
        for (condition, isMarkedTaken) in [
            (RoutePolicy.Condition.communities([communities([customers])], exactly: false), true),
            (.communities([communities([customers, backup])], exactly: false), true),
            (.communities([communities([customers, backup])], exactly: true), true),
            (.communities([communities([customers])], exactly: true), false),
            (.communities([communities([.noExport]), communities([backup])], exactly: false), true),
            (.communities([communities([.noExport])], exactly: false), false),
            (.communities([denied], exactly: false), false),
            (.largeCommunities([large], exactly: true), true),
            (.asPath([path]), true),
        ] {
            let owner = try imported(entry(condition))
            #expect(try isTaken(owner, marked) == isMarkedTaken, "\(condition)")
            #expect(try !isTaken(owner, plain), "\(condition)")
            #expect(rejected(owner) == (isMarkedTaken ? 1 : 2))
            #expect(owner.violations.isEmpty)
        }
    }

    @Test func `all conditions of an entry have to hold`() throws {
        let path = ASPathFilter([.init(permits: true, pattern: try ASPathPattern("_8$"))])
        let owner = try imported(
            entry(.communities([communities([customers])], exactly: false), .asPath([path])))
        #expect(try !isTaken(owner, marked))
    }

    @Test func `the first entry that is met decides, and none refuses`() throws {
        let denying = entry(permits: false, .communities([communities([customers])], exactly: false))
        var owner = try imported(denying, entry())
        #expect(try !isTaken(owner, marked) && isTaken(owner, plain))
        owner = try imported(entry(), denying)
        #expect(try isTaken(owner, marked) && isTaken(owner, plain))
        owner = try imported()
        #expect(try !isTaken(owner, marked) && !isTaken(owner, plain))
        #expect(
            owner.log.contains(
                .routesRejected(
                    neighbor: FarEnd.first, .neighborRouteMap, count: 1, example: .vpn(try vpn("65001:1", plain)))))
    }

    @Test func `prefixes decide among the entries that the attributes meet`() throws {
        var first = entry { $0.localPreference = 50 }
        first.prefixFilters = [
            PrefixFilter([.init(permits: true, prefix: try prefix(plain), lengths: 16...16)])
        ]
        let owner = try imported(first, entry { $0.localPreference = 70 })
        #expect(try used(owner, plain)?.localPreference == 50)
        #expect(try used(owner, marked)?.localPreference == 70)
        // The same attributes with another prefix.
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                try announcement(vpn("65001:1", "10.9.0.0/16"), label: 500, attributes(targets: ["42:1"]))))
        #expect(try used(owner, "10.9.0.0/16")?.localPreference == 70)
    }

    // MARK: What is written

    @Test func `attributes are written on the way in, and kept as they came`() throws {
        let owner = try imported(
            entry {
                $0.deletedCommunities = communities([backup])
                $0.communities = .init([.noExport, customers], isAdditive: true)
                $0.largeCommunities = .init([LargeCommunity(1, 2, 3)], isAdditive: false)
                $0.localPreference = 300
                $0.multiExitDiscriminator = 9
                $0.prependedSystems = [1, 2]
            })
        let attributes = try #require(try used(owner, marked))
        #expect(attributes.communities == [customers, .noExport])
        #expect(attributes.largeCommunities == [LargeCommunity(1, 2, 3)])
        #expect(attributes.localPreference == 300)
        #expect(attributes.multiExitDiscriminator == 9)
        #expect(attributes.asPath == ASPath(sequence: [1, 2, FarEnd.firstAS, 7]))
        let received = owner.table.receivedRoutes(
            from: FarEnd.first, family: .vpnv4, prefix: try prefix(marked), limit: 1
        ).first
        #expect(received?.attributes.communities == [customers, backup])
        #expect(received?.attributes.localPreference == nil)
    }

    @Test func `local preference chooses between two neighbors`() throws {
        var inputs = try noteInputs()
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first, FarEnd.second]
        inputs.neighbors[FarEnd.second]?.families[.vpnv4]?.importPolicy = RoutePolicy([
            entry { $0.localPreference = 200 }
        ])
        let owner = connected(inputs)
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 8)))
        owner.drain()
        try announce(owner)
        let other = try attributes(
            from: FarEnd.second, targets: ["42:1"], path: [FarEnd.secondAS, 1, 2, 3])
        owner.handle(.update(neighbor: FarEnd.second, try announcement(vpn("65002:1", plain), label: 600, other)))
        #expect(owner.fib["one"]?[try prefix(plain)] == .labelled(neighbor: FarEnd.second, label: try label(600)))
        inputs.neighbors[FarEnd.second]?.families[.vpnv4]?.importPolicy = nil
        owner.handle(.configure(inputs))
        #expect(owner.fib["one"]?[try prefix(plain)] == .labelled(neighbor: FarEnd.first, label: try label(500)))
        #expect(owner.violations.isEmpty)
    }

    // MARK: A map is changed

    @Test func `a changed map goes over what is held, and asks for what it refused before`() throws {
        var inputs = try noteInputs()
        let owner = connected(inputs)
        try announce(owner)
        let learnt = try used(owner, plain)
        let denying = RoutePolicy([
            entry(permits: false, .communities([communities([customers])], exactly: false)),
            entry { $0.localPreference = 150 },
        ])
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.importPolicy = denying
        owner.handle(.configure(inputs))
        #expect(try !isTaken(owner, marked) && isTaken(owner, plain))
        #expect(try used(owner, plain)?.localPreference == 150)
        #expect(rejected(owner) == 1)
        #expect(owner.refreshRequests.isEmpty && owner.resets.isEmpty)
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.importPolicy = nil
        owner.handle(.configure(inputs))
        #expect(try used(owner, plain) == learnt)
        #expect(owner.refreshRequests.map { $0.1 } == [.vpnIPv4])
        try announce(owner)
        #expect(try isTaken(owner, marked))
        #expect(owner.resets.isEmpty && owner.violations.isEmpty)
    }

    @Test func `what a map makes large counts as memory of the neighbor, and goes with it`() throws {
        var inputs = try noteInputs()
        let many = (0..<1000).map { Community(rawValue: $0) }
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.importPolicy = RoutePolicy([
            entry { $0.communities = .init(many, isAdditive: false) }
        ])
        inputs.neighbors[FarEnd.first]?.attributeMemoryOctets = 1000
        let owner = connected(inputs)
        var large = try attributes(targets: ["42:1"])
        large.communities = many.reversed()
        try announce(owner)
        owner.handle(
            .update(neighbor: FarEnd.first, try announcement(vpn("65001:1", "10.8.0.0/16"), label: 500, large)))
        #expect(try !isTaken(owner, "10.8.0.0/16"))
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                Update(withdrawing: [.vpn(try vpn("65001:1", plain)), .vpn(try vpn("65001:1", marked))])))
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.importPolicy = nil
        inputs.neighbors[FarEnd.first]?.attributeMemoryOctets = 1 << 20
        owner.handle(.configure(inputs))
        owner.handle(
            .update(neighbor: FarEnd.first, try announcement(vpn("65001:1", "10.8.0.0/16"), label: 500, large)))
        #expect(try isTaken(owner, "10.8.0.0/16"))
    }

    // MARK: On the way out

    @Test func `attributes are written on the way out, behind our own AS`() throws {
        var inputs = try noteInputs()
        let owner = connected(inputs)
        let circuit = try vpn("42:1", "10.1.0.0/24")
        let before = try #require(owner.sent[FarEnd.first]?[circuit])
        let own = ASPathFilter([.init(permits: true, pattern: try ASPathPattern("^$"))])
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.exportPolicy = RoutePolicy([
            entry(.asPath([own])) {
                $0.communities = .init([customers, .noExport], isAdditive: true)
                $0.multiExitDiscriminator = 70
                $0.localPreference = 500
                $0.prependedSystems = [42, 42]
            }
        ])
        owner.handle(.configure(inputs))
        owner.drain()
        let after = try #require(owner.sent[FarEnd.first]?[circuit])
        #expect(after.attributes.communities == [customers, .noExport])
        #expect(after.attributes.multiExitDiscriminator == 70)
        #expect(after.attributes.localPreference == nil)
        #expect(after.attributes.asPath == ASPath(sequence: [42, 42, 42]))
        #expect(after.attributes.nextHop == before.attributes.nextHop)
        #expect(after.attributes.routeTargets == before.attributes.routeTargets)
        #expect(after.label == before.label)
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.exportPolicy = nil
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.sent[FarEnd.first]?[circuit] == before)
        #expect(owner.resets.isEmpty && owner.violations.isEmpty)
    }

    @Test func `what a map refuses on the way out is withdrawn, and given again with another`() throws {
        var inputs = try noteInputs()
        let owner = connected(inputs)
        let circuit = try vpn("42:1", "10.1.0.0/24")
        #expect(owner.sent[FarEnd.first]?[circuit] != nil)
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.exportPolicy = RoutePolicy([])
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.sent[FarEnd.first]?.isEmpty == true)
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.exportPolicy = RoutePolicy([entry()])
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.sent[FarEnd.first]?[circuit] != nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `in transit the map in and the map out both write`() throws {
        var inputs = try noteInputs()
        inputs.vrfs["one"]?.allowsTransit = true
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first, FarEnd.second]
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.importPolicy = RoutePolicy([
            entry {
                $0.communities = .init([backup], isAdditive: true)
                $0.multiExitDiscriminator = 5
                $0.localPreference = 6
            }
        ])
        inputs.neighbors[FarEnd.second]?.families[.vpnv4]?.exportPolicy = RoutePolicy([
            entry(permits: false, .communities([communities([customers])], exactly: false)),
            entry(.communities([communities([backup])], exactly: false)) {
                $0.communities = .init([customers], isAdditive: false)
            },
        ])
        let owner = connected(inputs)
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 8)))
        owner.drain()
        try announce(owner)
        owner.drain()
        let sent = try #require(owner.sent[FarEnd.second])
        let attributes = try #require(sent[try vpn("42:1", plain)]?.attributes)
        #expect(attributes.communities == [customers])
        #expect(attributes.multiExitDiscriminator == nil && attributes.localPreference == nil)
        #expect(attributes.asPath == ASPath(sequence: [42, FarEnd.firstAS]))
        #expect(sent[try vpn("42:1", marked)] == nil)
        #expect(owner.violations.isEmpty)
    }
}
