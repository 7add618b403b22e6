import Addressing
import BGP
import Routing
import Testing

/// Reflectors and PEs of the operator's own network: what is imported from them, what they are told, and what does not cross.
@Suite struct InternalRoleTests {
    private static let reflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))
    private static let otherReflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 8)))
    private static let loopback = IPAddress.ipv4(IPv4Address(10, 0, 0, 1))
    private static let provider = IPAddress.ipv4(IPv4Address(10, 0, 0, 7))
    private static let mark = LargeCommunity(42, 0, 1)

    /// The note's configuration with two reflectors.
    private func inputs(transit: Bool = false) throws -> RoutingInputs {
        var inputs = try noteInputs()
        for reflector in [Self.reflector, Self.otherReflector] {
            var neighbor = NeighborInputs(
                peer: reflector, remoteAutonomousSystem: 42, nni: NeighborIdentity.core, localAddress: Self.loopback)
            neighbor.families = [.vpnv4: .init(.internal), .vpnv6: .init(.internal)]
            inputs.neighbors[reflector] = neighbor
        }
        for (peer, neighbor) in inputs.neighbors {
            var neighbor = neighbor
            neighbor.ownIdentifier = IPv4Address(10, 0, 0, 1)
            neighbor.nniMark = Self.mark
            inputs.neighbors[peer] = neighbor
        }
        for name in inputs.vrfs.keys {
            inputs.vrfs[name]?.eligibleNeighbors.formUnion([Self.reflector, Self.otherReflector])
            inputs.vrfs[name]?.allowsTransit = transit
        }
        return inputs
    }

    /// With that, and sessions with them and the first far end.
    private func owner(transit: Bool = false) throws -> Owner {
        owner(with: try inputs(transit: transit))
    }

    private func owner(with inputs: RoutingInputs) -> Owner {
        let owner = connected(inputs)
        owner.handle(.established(neighbor: Self.reflector, session(identifier: 9)))
        owner.handle(.established(neighbor: Self.otherReflector, session(identifier: 8)))
        owner.drain()
        return owner
    }

    private func attributesOfPE(
        targets: [String] = ["42:1"], path: [UInt32] = [], nextHop: IPAddress = provider,
        originator: IPv4Address? = nil,
        mark: LargeCommunity? = nil, preference: UInt32? = 100
    ) throws -> PathAttributes {
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: path), nextHop: BGPNextHop(nextHop))
        contents.extendedCommunities = try targets.map { ExtendedCommunity(try target($0)) }
        contents.localPreference = preference
        contents.originatorIdentifier = originator
        contents.largeCommunities = [mark].compactMap { $0 }
        return PathAttributes(contents)
    }

    private func action(_ owner: Owner, _ text: String, in vrf: String = "one") throws -> ForwardingAction? {
        owner.table.action(for: try prefix(text), in: try #require(noteInputs().vrfs[vrf]).number)
    }

    private func advertised(_ owner: Owner, to peer: PeerAddress, _ text: String) throws -> AdvertisedRoute? {
        let wanted = NLRI.vpn(try vpn("42:1", text))
        return owner.table.advertisedRoutes(to: peer, family: .vpnv4, limit: 100).first { $0.route == wanted }
    }

    @Test func `a PE's route is used when a transport leads there, and no longer than that`() throws {
        let owner = try owner()
        owner.handle(
            .update(
                neighbor: Self.reflector,
                try announcement(try vpn("42:101", "10.9.0.0/16"), label: 3001, attributesOfPE())))
        #expect(try action(owner, "10.9.0.0/16") == nil)
        #expect(owner.table.transportStates == [Self.provider: .unreachable])
        let used = ForwardingAction.overCore(provider: Self.provider, label: try label(3001), isMarked: false)
        for state in [NextHopState.resolved, .unresolved] {
            owner.handle(.transportsChanged([Self.provider: state]))
            #expect(try action(owner, "10.9.0.0/16") == used)
        }
        owner.handle(.transportsChanged([Self.provider: .unreachable]))
        #expect(try action(owner, "10.9.0.0/16") == nil)
    }

    @Test func `routes import by their targets alone`() throws {
        let owner = try owner()
        owner.handle(
            .update(
                neighbor: Self.reflector,
                try announcement(try vpn("42:101", "10.9.0.0/16"), label: 3001, attributesOfPE(targets: ["42:2"]))))
        owner.handle(.transportsChanged([Self.provider: .resolved]))
        #expect(try action(owner, "10.9.0.0/16", in: "one") == nil)
        #expect(try action(owner, "10.9.0.0/16", in: "two") != nil)
    }

    @Test func `loops are refused by name`() throws {
        let owner = try owner()
        let cases: [(PathAttributes, RouteRejection)] = [
            (try attributesOfPE(nextHop: Self.loopback), .ownNextHop),
            (try attributesOfPE(originator: IPv4Address(10, 0, 0, 1)), .originatorLoop),
            (try attributesOfPE(path: [65009, 42]), .asPathLoop),
        ]
        for (attributes, reason) in cases {
            owner.handle(
                .update(
                    neighbor: Self.reflector,
                    try announcement(try vpn("42:101", "10.9.0.0/16"), label: 3001, attributes)))
            let summary = try #require(owner.table.neighborSummary(Self.reflector)?.families[.vpnv4])
            #expect(summary.rejectedCount[reason] == 1)
            #expect(summary.receivedCount == 0)
        }
    }

    @Test func `what came by an NNI goes to the core with the mark, next hop self and no prepended AS`() throws {
        let owner = try owner()
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                try announcement(try vpn("65001:1", "192.0.2.0/24"), label: 1001, attributes(targets: ["42:1"]))))
        owner.drain()
        let route = try #require(try advertised(owner, to: Self.reflector, "192.0.2.0/24"))
        #expect(route.attributes.nextHop == BGPNextHop(Self.loopback))
        #expect(route.attributes.asPath == ASPath(sequence: [FarEnd.firstAS]))
        #expect(route.attributes.localPreference == 100)
        #expect(route.attributes.largeCommunities == [Self.mark])
        #expect(route.attributes.extendedCommunities == [ExtendedCommunity(try target("42:1"))])
        #expect(route.label == allocated(owner.table, "one", for: Self.reflector))
        let own = try #require(try advertised(owner, to: Self.reflector, "10.1.0.0/24"))
        #expect(own.attributes.largeCommunities.isEmpty && own.attributes.asPath == ASPath(sequence: []))
    }

    @Test func `what came from one internal neighbor goes to no other, and to NNIs without a mark`() throws {
        let owner = try owner()
        owner.handle(
            .update(
                neighbor: Self.reflector,
                try announcement(try vpn("42:101", "10.9.0.0/16"), label: 3001, attributesOfPE())))
        owner.handle(
            .update(
                neighbor: Self.reflector,
                try announcement(
                    try vpn("42:101", "10.8.0.0/16"), label: 3002, attributesOfPE(path: [65002], mark: Self.mark))))
        owner.handle(.transportsChanged([Self.provider: .resolved]))
        owner.drain()
        #expect(try advertised(owner, to: Self.otherReflector, "10.9.0.0/16") == nil)
        #expect(try advertised(owner, to: Self.reflector, "10.9.0.0/16") == nil)
        let route = try #require(try advertised(owner, to: FarEnd.first, "10.9.0.0/16"))
        #expect(route.attributes.asPath == ASPath(sequence: [42]) && route.attributes.localPreference == nil)
        // It came in by an NNI of another border router.
        #expect(try action(owner, "10.8.0.0/16") != nil)
        #expect(try advertised(owner, to: FarEnd.first, "10.8.0.0/16") == nil)
    }

    @Test func `with transit the marked goes on, and the mark stays at home`() throws {
        let owner = try owner(transit: true)
        owner.handle(
            .update(
                neighbor: Self.reflector,
                try announcement(
                    try vpn("42:101", "10.8.0.0/16"), label: 3002, attributesOfPE(path: [65002], mark: Self.mark))))
        owner.handle(.transportsChanged([Self.provider: .resolved]))
        owner.drain()
        let route = try #require(try advertised(owner, to: FarEnd.first, "10.8.0.0/16"))
        #expect(route.attributes.largeCommunities.isEmpty)
    }

    @Test func `of equal routes the external one is used`() throws {
        let owner = try owner()
        let inside = try announcement(try vpn("42:101", "192.0.2.0/24"), label: 3001, attributesOfPE(path: [65001]))
        owner.handle(.update(neighbor: Self.reflector, inside))
        owner.handle(.transportsChanged([Self.provider: .resolved]))
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                try announcement(try vpn("65001:1", "192.0.2.0/24"), label: 1001, attributes(targets: ["42:1"]))))
        #expect(
            try action(owner, "192.0.2.0/24") == .labelled(neighbor: FarEnd.first, label: try label(1001)))
        // A higher preference, which counts inside alone, comes before that.
        let preferred = try attributesOfPE(path: [65001], preference: 200)
        owner.handle(
            .update(
                neighbor: Self.reflector, try announcement(try vpn("42:101", "192.0.2.0/24"), label: 3001, preferred)))
        #expect(
            try action(owner, "192.0.2.0/24")
                == .overCore(provider: Self.provider, label: try label(3001), isMarked: false))
    }

    @Test func `a marked route leads to another border router for as long as it has the mark that holds`() throws {
        let owner = try owner()
        owner.handle(
            .update(
                neighbor: Self.reflector,
                try announcement(
                    try vpn("42:101", "10.9.0.0/16"), label: 3001, attributesOfPE(path: [65002], mark: Self.mark))))
        owner.handle(.transportsChanged([Self.provider: .resolved]))
        let label = try label(3001)
        func leads(_ isMarked: Bool) throws -> Bool {
            try action(owner, "10.9.0.0/16") == .overCore(provider: Self.provider, label: label, isMarked: isMarked)
        }
        #expect(try leads(true))
        #expect(try advertised(owner, to: FarEnd.first, "10.9.0.0/16") == nil)
        var inputs = try inputs()
        for peer in inputs.neighbors.keys { inputs.neighbors[peer]?.nniMark = LargeCommunity(42, 0, 9) }
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try leads(false))
        #expect(try advertised(owner, to: FarEnd.first, "10.9.0.0/16") != nil)
        for peer in inputs.neighbors.keys { inputs.neighbors[peer]?.nniMark = Self.mark }
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try leads(true))
        #expect(try advertised(owner, to: FarEnd.first, "10.9.0.0/16") == nil)
    }

    @Test func `a marked route stays one when the operator's route map takes the mark away`() throws {
        var inputs = try inputs()
        var entry = RoutePolicy.Entry(permits: true)
        entry.changes.largeCommunities = .init([LargeCommunity(42, 7, 7)], isAdditive: false)
        inputs.neighbors[Self.reflector]?.families[.vpnv4]?.importPolicy = RoutePolicy([entry])
        let owner = owner(with: inputs)
        owner.handle(
            .update(
                neighbor: Self.reflector,
                try announcement(
                    try vpn("42:101", "10.9.0.0/16"), label: 3001, attributesOfPE(path: [65002], mark: Self.mark))))
        owner.handle(.transportsChanged([Self.provider: .resolved]))
        owner.drain()
        #expect(
            try action(owner, "10.9.0.0/16")
                == .overCore(provider: Self.provider, label: try label(3001), isMarked: true))
        #expect(try advertised(owner, to: FarEnd.first, "10.9.0.0/16") == nil)
        // Another mark: what came in had it not.
        for peer in inputs.neighbors.keys { inputs.neighbors[peer]?.nniMark = LargeCommunity(42, 7, 7) }
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try advertised(owner, to: FarEnd.first, "10.9.0.0/16") != nil)
    }

    @Test func `targets of one side neither import on the other nor leave there`() throws {
        var inputs = try inputs()
        var core = RouteTargetPolicy()
        core.imported = [try target("42:900")]
        core.exported = [try target("42:901")]
        var nni = RouteTargetPolicy()
        nni.imported = [try target("65001:900")]
        nni.exported = [try target("65001:901")]
        inputs.vrfs["one"]?.importTargets = []
        inputs.vrfs["one"]?.exportTargets = []
        inputs.vrfs["one"]?.sideTargets = [.core: core, .nni(neighbor: FarEnd.first.address): nni]
        inputs.vrfs["one"]?.allowsTransit = true
        let owner = owner(with: inputs)
        func announce(_ text: String, from peer: PeerAddress, target: String) throws {
            let isInternal = peer == Self.reflector
            let attributes = isInternal ? try attributesOfPE(targets: [target]) : try attributes(targets: [target])
            let update = try announcement(try vpn(isInternal ? "42:101" : "65001:1", text), label: 3001, attributes)
            owner.handle(.update(neighbor: peer, update))
        }
        try announce("10.9.0.0/16", from: Self.reflector, target: "42:900")
        try announce("10.10.0.0/16", from: Self.reflector, target: "65001:900")
        owner.handle(.transportsChanged([Self.provider: .resolved]))
        try announce("192.0.2.0/24", from: FarEnd.first, target: "65001:900")
        try announce("198.51.100.0/24", from: FarEnd.first, target: "42:900")
        owner.drain()
        #expect(try action(owner, "10.9.0.0/16") != nil)
        #expect(try action(owner, "10.10.0.0/16") == nil)
        #expect(try action(owner, "192.0.2.0/24") != nil)
        #expect(try action(owner, "198.51.100.0/24") == nil)
        let toCore = try #require(try advertised(owner, to: Self.reflector, "192.0.2.0/24"))
        #expect(toCore.attributes.routeTargets == [try target("42:901")])
        let toFarEnd = try #require(try advertised(owner, to: FarEnd.first, "10.9.0.0/16"))
        #expect(toFarEnd.attributes.routeTargets == [try target("65001:901")])
        // Another target for one side alone is felt there.
        core.exported = [try target("42:902")]
        inputs.vrfs["one"]?.sideTargets[.core] = core
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(
            try advertised(owner, to: Self.reflector, "192.0.2.0/24")?.attributes.routeTargets == [
                try target("42:902")
            ])
    }

    @Test func `labels are given to each internal neighbor apart and end with it`() throws {
        let owner = try owner()
        let first = try #require(allocated(owner.table, "one", for: Self.reflector))
        let second = try #require(allocated(owner.table, "one", for: Self.otherReflector))
        #expect(first != second && first != allocated(owner.table, "one"))
    }

    /// Whatever comes and goes meanwhile: a pass over many routes ends, and what changed behind it is looked at by the next.
    @Test func `PEs that come and go all the time hold up no others`() throws {
        let owner = try owner()
        let providers = (1...3).map { IPAddress.ipv4(IPv4Address(10, 0, 7, $0)) }
        let distinguisher = try #require(RouteDistinguisher("42:101"))
        var prefixes: [IPAddress: [IPPrefix]] = [:]
        for (position, provider) in providers.enumerated() {
            var routes: [AnnouncedRoute] = []
            for number in 0..<1000 {
                let address = IPv4Address(rawValue: 0x1400_0000 + UInt32(position) << 20 + UInt32(number) << 8)
                let prefix = try #require(IPPrefix(covering: .ipv4(address), length: 24))
                prefixes[provider, default: []].append(prefix)
                routes.append(AnnouncedRoute(routeDistinguisher: distinguisher, prefix: prefix, label: try label(3001)))
            }
            owner.handle(
                .update(
                    neighbor: Self.reflector,
                    Update(announcing: routes, attributes: try attributesOfPE(nextHop: provider))))
        }
        func used(_ provider: IPAddress) -> Int {
            var count = 0
            for prefix in prefixes[provider] ?? [] where owner.fib["one"]?[prefix] != nil { count += 1 }
            return count
        }
        owner.handle(.transportsChanged([providers[0]: .resolved, providers[1]: .resolved]))
        #expect(providers.map(used) == [0, 0, 0])
        var turns = 0
        while used(providers[0]) < 1000, turns < 30 {
            owner.sweep(limit: 700)
            // Another one flaps before the pass is over.
            owner.handle(.transportsChanged([providers[2]: turns % 2 == 0 ? .resolved : .unreachable]))
            turns += 1
        }
        #expect(turns <= 5)
        #expect(used(providers[1]) == 1000)
        // What changes its mind in the middle of a pass is taken as it is in the end.
        owner.handle(.transportsChanged([providers[1]: .unreachable]))
        owner.sweep(limit: 700)
        owner.handle(.transportsChanged([providers[1]: .resolved, providers[2]: .unreachable]))
        owner.sweep(limit: 700)
        owner.handle(.transportsChanged([providers[0]: .unreachable]))
        while owner.table.isSweeping { owner.sweep(limit: 700) }
        #expect(providers.map(used) == [0, 1000, 0])
        owner.handle(.transportsChanged([providers[2]: .resolved]))
        while owner.table.isSweeping { owner.sweep(limit: 700) }
        #expect(providers.map(used) == [0, 1000, 1000])
    }
}
