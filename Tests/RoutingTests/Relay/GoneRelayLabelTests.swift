import Addressing
import BGP
import Routing
import Testing

/// What a relay's label leads to is gone, or is another than when it was decided on: nobody gets further by it.
@Suite struct GoneRelayLabelTests {
    private func route(_ number: Int) throws -> VPNPrefix { try vpn("65001:1", "10.\(number).0.0/16") }

    /// A route of the second far end, which then comes from the first one as well: that is preferred.
    private func moved(_ route: VPNPrefix, _ owner: Owner) throws -> LabelBinding {
        try owner.announce(route, from: Border.second, label: 200, Border.attributes(from: Border.second, ["65002:7"]))
        owner.drain()
        let binding = try #require(owner.installed.first { $0.neighbor == Border.reflector })
        try owner.announce(route, from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:7"]))
        return binding
    }

    private func pullAll(_ owner: Owner, _ peer: PeerAddress) { while !owner.pull(peer, limit: 50).isEmpty {} }

    private func inputs() throws -> RoutingInputs { try Border.inputs(distinguishers: ["65001:1"]) }

    @Test func `while next hops go in portions, no other's route goes by a label of them`() throws {
        let owner = Border.owner(try inputs())
        let count = 1200
        let routes = try (0..<count).map { try vpn("65001:1", "10.\($0 / 250).\($0 % 250).0/24") }
        let ofCore = try Border.attributes(from: Border.reflector, ["42:7"], preference: 200)
        let ofFirst = try Border.attributes(from: Border.first, ["65001:7"])
        for (peer, far, attributes) in [(Border.reflector, 300, ofCore), (Border.first, 100, ofFirst)] {
            let label = try label(UInt32(far))
            let announced = routes.map { AnnouncedRoute($0, labels: .single(label)) }
            owner.handle(.update(neighbor: peer, Update(announcing: announced, attributes: attributes)))
            owner.handle(.transportsChanged([Border.provider: .resolved]))
            while owner.table.isSweeping { owner.sweep(limit: 500) }
        }
        owner.drain()
        #expect(owner.sent[Border.second]?.count == count)
        owner.handle(.transportsChanged([Border.provider: .unreachable]))
        #expect(owner.table.isSweeping)
        owner.handle(.routeRefresh(neighbor: Border.second, SessionFamily.vpnv4.identifier))
        pullAll(owner, Border.second)
        // The first far end's are for the core alone.
        #expect(owner.sent[Border.second]?.values.contains { $0.attributes.asPath != ASPath(sequence: [42]) } == false)
        #expect(owner.violations.isEmpty, "\(owner.violations.prefix(3))")
        while owner.table.isSweeping { owner.sweep(limit: 500) }
        owner.drain()
        #expect(owner.sent[Border.second]?.isEmpty == true)
        #expect(owner.sent[Border.reflector]?.count == count)
        #expect(owner.violations.isEmpty, "\(owner.violations.prefix(3))")
    }

    @Test func `a label that is withdrawn and comes back in one event is another here`() throws {
        let owner = Border.owner(try inputs())
        let attributes = try Border.attributes(from: Border.first, ["65001:7"])
        try owner.announce(try route(1), from: Border.first, label: 100, attributes)
        owner.drain()
        let binding = try #require(owner.installed.first { $0.neighbor == Border.reflector })
        let announced = AnnouncedRoute(try route(2), labels: .single(try label(100)))
        let effects = owner.handle(
            .update(
                neighbor: Border.first,
                Update(announcing: [announced], attributes: attributes, withdrawing: [.vpn(try route(1))])))
        #expect(effects.contains(.removeLabel(binding, .atOnce)))
        owner.drain()
        let told = try #require(owner.sent[Border.reflector]?[try route(2)]?.label)
        #expect(told != binding.label)
        #expect(owner.way(of: try route(2), at: Border.reflector)?.labels == [try label(100)])
        #expect(owner.table.labels.quarantine[binding.label]?.owner == binding.owner)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a far end's label that another has taken the place of means something else when it is said again`()
        throws
    {
        let owner = Border.owner(try inputs())
        let attributes = try Border.attributes(from: Border.first, ["65001:7"])
        try owner.announce(try route(1), from: Border.first, label: 100, attributes)
        owner.drain()
        let binding = try #require(owner.installed.first { $0.neighbor == Border.reflector })
        try owner.announce(try route(1), from: Border.first, label: 101, attributes)
        while !owner.toInstall.isEmpty { owner.confirmOne() }
        pullAll(owner, Border.reflector)
        #expect(owner.toRemove.contains(binding))
        let effects = owner.handle(
            .update(neighbor: Border.first, try announcement(try route(2), label: 100, attributes)))
        #expect(effects.contains(.removeLabel(binding, .atOnce)))
        owner.drain()
        #expect(owner.way(of: try route(2), at: Border.reflector)?.labels == [try label(100)])
        #expect(owner.sent[Border.reflector]?[try route(2)]?.label != binding.label)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `what routes have moved away from is gone when it is withdrawn, whoever has heard of the move`() throws {
        for isRead in [false, true] {
            let owner = Border.owner(try inputs())
            let route = try route(1)
            let former = try moved(route, owner)
            while !owner.toInstall.isEmpty { owner.confirmOne() }
            if isRead { pullAll(owner, Border.reflector) }
            #expect(owner.toRemove.contains(former) == isRead)
            let effects = owner.handle(.update(neighbor: Border.second, Update(withdrawing: [.vpn(route)])))
            #expect(effects.contains(.removeLabel(former, .atOnce)))
            owner.drain()
            #expect(owner.way(of: route, at: Border.reflector)?.labels == [try label(100)])
            #expect(owner.violations.isEmpty, "\(owner.violations)")
        }
    }

    @Test func `a route's own label that is on its way out leads where the route has gone`() throws {
        let owner = Border.owner(try Border.inputs(perPrefix: [Border.reflector], distinguishers: ["65001:1"]))
        let route = try route(1)
        let unlisted = try Border.attributes(from: Border.first, ["65001:8", "65001:7"])
        try owner.announce(route, from: Border.first, label: 100, unlisted)
        owner.drain()
        let binding = try #require(owner.installed.first { $0.neighbor == Border.reflector })
        // What is to go no further is withdrawn, and the label waits for that to be read.
        var kept = unlisted
        kept.communities = [.noAdvertise]
        try owner.announce(route, from: Border.first, label: 100, kept)
        pullAll(owner, Border.reflector)
        #expect(owner.toRemove == [binding])
        let effects = owner.handle(
            .update(neighbor: Border.first, try announcement(route, label: 101, unlisted)))
        #expect(effects.contains(.setSwap(binding, try target(101))))
        owner.drain()
        #expect(owner.way(of: route, at: Border.reflector)?.labels == [try label(101)])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    private func target(_ far: UInt32) throws -> SwapTarget {
        let identity = try #require(try inputs().neighbors[Border.first]?.identity)
        return SwapTarget(way: .neighbor(identity), labels: [try label(far)])
    }

    @Test func `a route is not kept by a label that is invalid while another is waited for`() throws {
        let owner = Border.owner(try inputs())
        let route = try route(1)
        let former = try moved(route, owner)
        pullAll(owner, Border.reflector)
        #expect(owner.sent[Border.reflector]?[route]?.label == former.label)
        owner.withdraw(route, from: Border.second)
        pullAll(owner, Border.reflector)
        #expect(owner.sent[Border.reflector]?[route] == nil)
        owner.drain()
        #expect(owner.way(of: route, at: Border.reflector)?.labels == [try label(100)])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a route does not wait for a label that the tables refuse`() throws {
        let owner = Border.owner(try inputs())
        let route = try route(1)
        _ = try moved(route, owner)
        let refused = try #require(owner.toInstall.first { $0.neighbor == Border.reflector })
        for _ in 0..<2 { owner.handle(.labelRefused(refused)) }
        pullAll(owner, Border.reflector)
        #expect(owner.sent[Border.reflector]?[route] == nil)
        // It is tried again until there is room.
        owner.drain()
        #expect(owner.way(of: route, at: Border.reflector)?.labels == [try label(100)])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a label is nobody else's while a neighbor has not been told of its end`() throws {
        let owner = Border.owner(try inputs())
        try owner.announce(
            try route(1), from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:7"]))
        owner.drain()
        let binding = try #require(owner.installed.first { $0.neighbor == Border.reflector })
        owner.withdraw(try route(1), from: Border.first)
        owner.confirmAll()
        owner.advance(to: seconds(1000))
        #expect(owner.table.labels.quarantine[binding.label] != nil)
        owner.drain()
        owner.advance(to: seconds(2000))
        #expect(owner.table.labels.quarantine[binding.label] == nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a PE that may come over UDP is told so with relayed routes as well`() throws {
        var inputs = try inputs()
        inputs.neighbors[Border.reflector]?.isOfferedTunnel = true
        let owner = Border.owner(inputs)
        try owner.announce(
            try route(1), from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:7"]))
        owner.drain()
        for peer in [Border.reflector, Border.otherReflector] {
            let communities = try #require(owner.sent[peer]?[try route(1)]).attributes.extendedCommunities
            #expect(communities.contains(.mplsInUDP) == (peer == Border.reflector))
        }
    }
}
