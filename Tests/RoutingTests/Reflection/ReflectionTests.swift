import Addressing
import BGP
import Routing
import Testing

/// The box as a route reflector (RFC 4456).
@Suite struct ReflectionTests {
    private func announce(
        _ text: String, from peer: PeerAddress, label: UInt32 = 3001, distinguisher: String = "42:501",
        _ attributes: PathAttributes, to owner: Owner
    ) throws {
        owner.handle(
            .update(neighbor: peer, try announcement(try vpn(distinguisher, text), label: label, attributes)))
        owner.drain()
    }

    private func sent(_ owner: Owner, _ text: String, distinguisher: String = "42:501") throws -> Set<PeerAddress> {
        let route = try vpn(distinguisher, text)
        var peers: Set<PeerAddress> = []
        for (peer, routes) in owner.sent where routes[route] != nil { peers.insert(peer) }
        return peers
    }

    @Test func `a client's route goes to all, another's to clients`() throws {
        let owner = Cluster.owner(try Cluster.inputs())
        try announce("10.9.0.0/16", from: Cluster.client, Cluster.attributes(from: Cluster.client), to: owner)
        #expect(try sent(owner, "10.9.0.0/16") == [Cluster.otherClient, Cluster.reflector, Cluster.otherReflector])
        try announce("10.8.0.0/16", from: Cluster.reflector, Cluster.attributes(from: Cluster.reflector), to: owner)
        #expect(try sent(owner, "10.8.0.0/16") == [Cluster.client, Cluster.otherClient])
        owner.handle(.update(neighbor: Cluster.client, Update(withdrawing: [.vpn(try vpn("42:501", "10.9.0.0/16"))])))
        owner.drain()
        #expect(try sent(owner, "10.9.0.0/16").isEmpty)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `nothing changes on the way but what shows a loop`() throws {
        let owner = Cluster.owner(try Cluster.inputs())
        var attributes = try Cluster.attributes(from: Cluster.client, path: [65009], preference: 70)
        attributes.multiExitDiscriminator = 5
        attributes.communities = [Community(rawValue: 0x0001_0002)]
        attributes.unrecognized = [UnrecognizedAttribute(typeCode: 77, partial: false, value: [1, 2, 3])]
        try announce("10.9.0.0/16", from: Cluster.client, attributes, to: owner)
        let route = try #require(owner.sent[Cluster.reflector]?[try vpn("42:501", "10.9.0.0/16")])
        var expected = attributes
        expected.originatorIdentifier = IPv4Address(9, 9, 9, 11)
        expected.clusterList = [Cluster.cluster]
        #expect(route.attributes == expected)
        #expect(route.label == (try label(3001)))

        // What has been reflected before keeps its originator, and the clusters stand in order.
        let reflected = try Cluster.attributes(
            from: Cluster.reflector, originator: IPv4Address(7, 7, 7, 7), clusters: [IPv4Address(6, 6, 6, 6)])
        try announce("10.8.0.0/16", from: Cluster.reflector, reflected, to: owner)
        let next = try #require(owner.sent[Cluster.client]?[try vpn("42:501", "10.8.0.0/16")])
        #expect(next.attributes.originatorIdentifier == IPv4Address(7, 7, 7, 7))
        #expect(next.attributes.clusterList == [Cluster.cluster, IPv4Address(6, 6, 6, 6)])
    }

    @Test func `a route map takes no mark of routes from NNIs away`() throws {
        let mark = LargeCommunity(42, 0, 1)
        var inputs = try Cluster.inputs()
        var entry = RoutePolicy.Entry(permits: true)
        entry.changes.largeCommunities = .init([LargeCommunity(42, 7, 7)], isAdditive: false)
        for peer in Cluster.all { inputs.neighbors[peer]?.nniMark = mark }
        inputs.neighbors[Cluster.client]?.families[.vpnv4]?.importPolicy = RoutePolicy([entry])
        let owner = Cluster.owner(inputs)
        var attributes = try Cluster.attributes(from: Cluster.client, path: [65009])
        attributes.largeCommunities = [mark]
        try announce("10.9.0.0/16", from: Cluster.client, attributes, to: owner)
        let route = try #require(owner.sent[Cluster.otherClient]?[try vpn("42:501", "10.9.0.0/16")])
        #expect(route.attributes.largeCommunities == [LargeCommunity(42, 7, 7), mark])
    }

    @Test func `routes of two clients that differ in nothing but the sender say whose they are`() throws {
        let owner = Cluster.owner(try Cluster.inputs())
        let attributes = try Cluster.attributes(from: PeerAddress(.ipv4(IPv4Address(10, 0, 0, 77))))
        for (peer, text) in [(Cluster.client, "10.9.0.0/16"), (Cluster.otherClient, "10.8.0.0/16")] {
            owner.handle(
                .update(neighbor: peer, try announcement(try vpn("42:501", text), label: 3001, attributes)))
        }
        owner.drain()
        for (number, text) in [(11, "10.9.0.0/16"), (12, "10.8.0.0/16")] as [(UInt8, String)] {
            let route = try #require(owner.sent[Cluster.reflector]?[try vpn("42:501", text)])
            #expect(route.attributes.originatorIdentifier == IPv4Address(9, 9, 9, number))
        }
    }

    @Test func `loops are refused by name`() throws {
        let owner = Cluster.owner(try Cluster.inputs())
        let cases: [(PathAttributes, RouteRejection)] = [
            (try Cluster.attributes(from: Cluster.reflector, clusters: [Cluster.cluster]), .clusterLoop),
            (try Cluster.attributes(from: Cluster.reflector, originator: Cluster.identifier), .originatorLoop),
        ]
        for (attributes, reason) in cases {
            try announce("10.8.0.0/16", from: Cluster.reflector, attributes, to: owner)
            let summary = try #require(owner.table.neighborSummary(Cluster.reflector)?.families[.vpnv4])
            #expect(summary.rejectedCount[reason] == 1)
            #expect(try sent(owner, "10.8.0.0/16").isEmpty)
        }
    }

    @Test func `another cluster lets in what was a loop, by a refresh, and refuses what was none`() throws {
        var inputs = try Cluster.inputs()
        let owner = Cluster.owner(inputs)
        let looping = try Cluster.attributes(from: Cluster.reflector, clusters: [Cluster.cluster])
        let other = try Cluster.attributes(from: Cluster.reflector, clusters: [IPv4Address(6, 6, 6, 6)])
        try announce("10.8.0.0/16", from: Cluster.reflector, looping, to: owner)
        try announce("10.7.0.0/16", from: Cluster.reflector, other, to: owner)
        #expect(try sent(owner, "10.7.0.0/16") == [Cluster.client, Cluster.otherClient])
        for peer in Cluster.all { inputs.neighbors[peer]?.ownCluster = IPv4Address(6, 6, 6, 6) }
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try sent(owner, "10.7.0.0/16").isEmpty)
        #expect(owner.refreshRequests.contains { $0 == (Cluster.reflector, SessionFamily.vpnv4.identifier) })
        try announce("10.8.0.0/16", from: Cluster.reflector, looping, to: owner)
        #expect(try sent(owner, "10.8.0.0/16") == [Cluster.client, Cluster.otherClient])
    }

    @Test func `the originator, and who must not pass it on, get nothing`() throws {
        let owner = Cluster.owner(try Cluster.inputs())
        // The other client's own route comes back by a reflector.
        let own = try Cluster.attributes(from: Cluster.otherClient, originator: IPv4Address(9, 9, 9, 12))
        try announce("10.8.0.0/16", from: Cluster.reflector, own, to: owner)
        #expect(try sent(owner, "10.8.0.0/16") == [Cluster.client])
        var kept = try Cluster.attributes(from: Cluster.client)
        kept.communities = [.noAdvertise]
        try announce("10.9.0.0/16", from: Cluster.client, kept, to: owner)
        #expect(try sent(owner, "10.9.0.0/16").isEmpty)
    }

    @Test func `the best of two is reflected, and the other when that is gone`() throws {
        let owner = Cluster.owner(try Cluster.inputs())
        let preferred = try Cluster.attributes(from: Cluster.otherClient, preference: 200)
        try announce(
            "10.9.0.0/16", from: Cluster.client, label: 3001, Cluster.attributes(from: Cluster.client), to: owner)
        try announce("10.9.0.0/16", from: Cluster.otherClient, label: 3002, preferred, to: owner)
        let route = try vpn("42:501", "10.9.0.0/16")
        #expect(owner.sent[Cluster.reflector]?[route]?.label == (try label(3002)))
        #expect(owner.sent[Cluster.client]?[route]?.label == (try label(3002)))
        // Its own is the best.
        #expect(owner.sent[Cluster.otherClient]?[route] == nil)
        owner.handle(.down(neighbor: Cluster.otherClient, gracefulRestart: nil))
        while owner.table.isSweeping { owner.sweep(limit: 10) }
        owner.drain()
        #expect(owner.sent[Cluster.reflector]?[route]?.label == (try label(3001)))
        #expect(owner.sent[Cluster.client]?[route] == nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `what a VRF exports goes before a route of its distinguisher`() throws {
        let owner = Cluster.owner(try Cluster.inputs())
        let remote = try Cluster.attributes(from: Cluster.client)
        try announce("10.1.0.0/24", from: Cluster.client, distinguisher: "42:1", remote, to: owner)
        let route = try vpn("42:1", "10.1.0.0/24")
        let own = allocated(owner.table, "one", for: Cluster.reflector)
        #expect(own != nil && owner.sent[Cluster.reflector]?[route]?.label == own)
        var inputs = try Cluster.inputs()
        inputs.vrfs["one"]?.circuitAddresses = []
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.sent[Cluster.reflector]?[route]?.label == (try label(3001)))
        #expect(owner.sent[Cluster.client]?[route] == nil)
    }

    @Test func `a reflected label that is also ours does not keep ours`() throws {
        var inputs = try Cluster.inputs()
        let owner = Cluster.owner(inputs)
        let own = try #require(allocated(owner.table, "one", for: Cluster.reflector))
        try announce(
            "10.9.0.0/16", from: Cluster.client, label: own.rawValue, Cluster.attributes(from: Cluster.client),
            to: owner)
        inputs.vrfs["one"]?.eligibleNeighbors.remove(Cluster.reflector)
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(!owner.installed.contains { $0.label == own && $0.neighbor == Cluster.reflector })
        #expect(try sent(owner, "10.9.0.0/16").contains(Cluster.reflector))
    }

    @Test func `a neighbor that becomes a client, or is none any more, keeps its routes`() throws {
        let owner = Cluster.owner(try Cluster.inputs())
        try announce("10.9.0.0/16", from: Cluster.client, Cluster.attributes(from: Cluster.client), to: owner)
        try announce("10.8.0.0/16", from: Cluster.reflector, Cluster.attributes(from: Cluster.reflector), to: owner)
        owner.handle(.configure(try Cluster.inputs(clients: [Cluster.otherClient, Cluster.reflector])))
        owner.drain()
        #expect(try sent(owner, "10.9.0.0/16") == [Cluster.otherClient, Cluster.reflector])
        #expect(try sent(owner, "10.8.0.0/16") == [Cluster.client, Cluster.otherClient, Cluster.otherReflector])
        #expect(owner.resets.isEmpty && owner.refreshRequests.isEmpty)
    }

    @Test func `a family without a client is not kept for others`() throws {
        var inputs = try Cluster.inputs()
        for peer in Cluster.all { inputs.neighbors[peer]?.families[.vpnv4]?.role = .internal }
        let owner = Cluster.owner(inputs)
        try announce("10.9.0.0/16", from: Cluster.client, Cluster.attributes(from: Cluster.client), to: owner)
        #expect(owner.table.neighborSummary(Cluster.client)?.families[.vpnv4]?.receivedCount == 0)
        try announce("2001:db8:9::/48", from: Cluster.client, Cluster.attributes(from: Cluster.client), to: owner)
        #expect(owner.table.neighborSummary(Cluster.client)?.families[.vpnv6]?.receivedCount == 1)
    }

    @Test func `without clients nothing is kept for others, and the first one asks for it`() throws {
        let owner = Cluster.owner(try Cluster.inputs(clients: []))
        try announce("10.9.0.0/16", from: Cluster.client, Cluster.attributes(from: Cluster.client), to: owner)
        #expect(owner.table.neighborSummary(Cluster.client)?.families[.vpnv4]?.receivedCount == 0)
        owner.handle(.configure(try Cluster.inputs()))
        owner.drain()
        #expect(owner.refreshRequests.contains { $0 == (Cluster.client, SessionFamily.vpnv4.identifier) })
        try announce("10.9.0.0/16", from: Cluster.client, Cluster.attributes(from: Cluster.client), to: owner)
        #expect(try sent(owner, "10.9.0.0/16").count == 3)
        owner.handle(.configure(try Cluster.inputs(clients: [])))
        owner.drain()
        #expect(try sent(owner, "10.9.0.0/16").isEmpty)
        #expect(owner.table.neighborSummary(Cluster.client)?.families[.vpnv4]?.receivedCount == 0)
    }
}
