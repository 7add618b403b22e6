import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// Option C (RFC 4364 §10 c): whose loopbacks are told to whom, by which labels, how deep the stacks may be, and for how long.
@Suite struct OptionCTests {
    private let pe = "10.98.1.2/32"

    // MARK: Our PEs

    @Test func `a PE that a list names is told while a transport leads there`() throws {
        let owner = try WayBorder.owner()
        #expect(try owner.told(pe, WayBorder.first) == nil)
        try owner.setTransports(["10.98.1.2": .resolved])
        let sent = try #require(try owner.told(pe, WayBorder.first))
        #expect(sent.attributes.asPath == ASPath(sequence: [42]) && sent.attributes.localPreference == nil)
        #expect(sent.attributes.nextHop?.address == .ipv4(IPv4Address(1, 2, 3, 5)))
        #expect(
            try owner.labelledWay(pe, at: WayBorder.first)
                == SwapTarget(way: .provider(try address("10.98.1.2")), labels: [], under: .label))
        #expect(sent.label.rawValue > 15)
        #expect(try owner.told(pe, WayBorder.second)?.label != sent.label)
        #expect(try owner.told(pe, WayBorder.router) == nil)
        // The label is dead before the far end has heard of it.
        owner.handle(.transportsChanged([try address("10.98.1.2"): .unreachable]))
        #expect(!owner.installed.contains { $0.neighbor == WayBorder.first })
        owner.drain()
        #expect(try owner.told(pe, WayBorder.first) == nil)
        // What comes back is told by another one.
        try owner.setTransports(["10.98.1.2": .resolved])
        #expect(try owner.told(pe, WayBorder.first).map { $0.label != sent.label } == true)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a PE that the core knows is told if a list has it`() throws {
        let owner = try WayBorder.owner()
        owner.handle(
            .providersKnown(
                bound: [try address("10.98.1.7"), CoreRouter.loopback],
                learnt: [try address("10.98.9.9"), try address("10.98.2.7")]))
        try owner.setTransports(["10.98.1.7": .resolved, "10.98.9.9": .unresolved, "10.98.2.7": .resolved])
        #expect(try owner.labelledWay("10.98.1.7/32", at: WayBorder.first)?.stack == .label)
        #expect(try owner.labelledWay("10.98.9.9/32", at: WayBorder.first)?.stack == .session)
        #expect(try owner.told("10.98.2.7/32", WayBorder.first) == nil)
        owner.handle(.providersKnown(bound: [], learnt: []))
        owner.drain()
        #expect(owner.sentLabeled[WayBorder.first]?.isEmpty != false)
        #expect(owner.violations.isEmpty)
    }

    @Test func `what labelled unicast says of PEs goes on with its attributes`() throws {
        let owner = try WayBorder.owner()
        try owner.tell(
            "10.98.1.3/32", [16003], from: WayBorder.router, try WayBorder.attributes(from: WayBorder.router, path: [7])
        )
        try owner.tell(
            "2001:db8:98::/48", [16006], from: WayBorder.router, try WayBorder.attributes(from: WayBorder.router))
        try owner.setTransports(["10.98.1.3": .resolved, "10.0.0.9": .resolved])
        #expect(try owner.told("10.98.1.3/32", WayBorder.first)?.attributes.asPath == ASPath(sequence: [42, 7]))
        // A PE's transport has its labels; a prefix is behind its next hop, under the label that it came with.
        #expect(
            try owner.labelledWay("10.98.1.3/32", at: WayBorder.first)
                == SwapTarget(way: .provider(try address("10.98.1.3")), labels: [], under: .label))
        #expect(
            try owner.labelledWay("2001:db8:98::/48", at: WayBorder.first)
                == SwapTarget(
                    way: .provider(try address("10.0.0.9")), labels: [try label(16006)], under: .ipv6Packet))
        #expect(owner.violations.isEmpty)
    }

    // MARK: Theirs

    @Test func `a far end's PE goes to the own network and nowhere else`() throws {
        let owner = try WayBorder.owner()
        try owner.tell("10.97.1.1/32", [3001], from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        try owner.tell("10.97.9.9/32", [3], from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        owner.drain()
        let sent = try #require(try owner.told("10.97.1.1/32", WayBorder.router))
        #expect(sent.attributes.localPreference == 100 && sent.attributes.largeCommunities == [WayBorder.mark])
        #expect(sent.attributes.nextHop?.address == CoreRouter.loopback)
        let identity = try #require(WayBorder.inputs().neighbors[WayBorder.first]?.identity)
        #expect(
            try owner.labelledWay("10.97.1.1/32", at: WayBorder.router)
                == SwapTarget(way: .neighbor(identity), labels: [try label(3001)], under: .label))
        #expect(
            try owner.labelledWay("10.97.9.9/32", at: WayBorder.router)
                == SwapTarget(way: .neighbor(identity), labels: [], under: .session))
        #expect(try owner.told("10.97.1.1/32", WayBorder.second) == nil)
        // It is no way of the own network's.
        #expect(owner.ways.isEmpty && owner.violations.isEmpty)
    }

    @Test func `another label of the far end changes the way and not the label`() throws {
        let owner = try WayBorder.owner()
        try owner.tell("10.97.1.1/32", [3001], from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        owner.drain()
        let before = try owner.told("10.97.1.1/32", WayBorder.router)
        try owner.tell("10.97.1.1/32", [3002], from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        #expect(try owner.labelledWay("10.97.1.1/32", at: WayBorder.router)?.labels == [try label(3002)])
        owner.drain()
        #expect(try owner.told("10.97.1.1/32", WayBorder.router) == before)
        // Withdrawn: nobody may use the label from now on.
        owner.handle(.update(neighbor: WayBorder.first, try CoreRouter.withdrawal("10.97.1.1/32")))
        #expect(owner.installed.isEmpty)
        owner.drain()
        #expect(try owner.told("10.97.1.1/32", WayBorder.router) == nil && owner.violations.isEmpty)
    }

    @Test(arguments: [[], [FarEnd.first], [FarEnd.second], [FarEnd.first, FarEnd.second]] as [Set<PeerAddress>])
    func `NNI to NNI needs the word of both`(transit: Set<PeerAddress>) throws {
        let owner = try WayBorder.owner(try WayBorder.inputs(transit: transit))
        try owner.tell("10.97.1.1/32", [3001], from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        owner.drain()
        #expect((try owner.told("10.97.1.1/32", WayBorder.second) != nil) == (transit.count == 2))
        #expect(owner.violations.isEmpty)
    }

    @Test(arguments: [false, true])
    func `a marked route of the own network needs transit`(hasTransit: Bool) throws {
        let owner = try WayBorder.owner(try WayBorder.inputs(transit: hasTransit ? [FarEnd.second] : []))
        try owner.tell(
            "10.97.1.1/32", [16009], from: WayBorder.router,
            try WayBorder.attributes(from: WayBorder.router, mark: WayBorder.mark, path: [65001]))
        try owner.setTransports(["10.97.1.1": .resolved])
        let sent = try owner.told("10.97.1.1/32", WayBorder.second)
        #expect((sent != nil) == hasTransit && sent?.attributes.largeCommunities.isEmpty != false)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a far end does not take our PEs' or our own address`() throws {
        var inputs = try WayBorder.inputs()
        inputs.neighbors[FarEnd.first]?.families[.ipv4LabeledUnicast]?.importFilter = PrefixFilter([
            .init(permits: true, prefix: .everything(.ipv4), lengths: 32...32)
        ])
        let owner = try WayBorder.owner(inputs)
        try owner.setTransports(["10.98.1.2": .resolved])
        for text in [pe, "10.0.0.1/32"] {
            try owner.tell(text, [3001], from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        }
        owner.drain()
        #expect(try owner.told(pe, WayBorder.router) == nil)
        #expect(try owner.told(pe, WayBorder.second) != nil)
        // The loopback is told by ourselves, with implicit null.
        #expect(try owner.told("10.0.0.1/32", WayBorder.router)?.label == .implicitNull)
        #expect(try owner.told("10.0.0.1/32", WayBorder.first) == nil)
        #expect(owner.violations.isEmpty)
    }

    @Test(
        arguments: [
            ("10.97.1.1/32", [0], nil), ("10.97.1.1/32", [3], nil), ("10.97.1.1/32", [2], RouteRejection.reservedLabel),
            ("10.97.1.1/32", [1], .reservedLabel), ("10.97.2.1/32", [3001], .neighborPrefixList),
            ("2001:db8:97::/48", [2], nil), ("2001:db8:97::/48", [0], .reservedLabel),
        ] as [(String, [UInt32], RouteRejection?)])
    func `labels and lists`(text: String, labels: [UInt32], rejection: RouteRejection?) throws {
        let owner = try WayBorder.owner()
        try owner.tell(text, labels, from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        owner.drain()
        #expect((try owner.told(text, WayBorder.router) != nil) == (rejection == nil))
        let family = SessionFamily(labeledUnicast: try prefix(text).family)
        #expect(owner.rejections(of: WayBorder.first, family) == (rejection.map { [$0: 1] } ?? [:]))
    }

    @Test func `next hop and AS path are the far end's`() throws {
        let owner = try WayBorder.owner()
        try owner.tell(
            "10.97.1.1/32", [3001], from: WayBorder.first,
            try WayBorder.attributes(from: WayBorder.first, nextHop: "1.2.3.6"))
        try owner.tell(
            "10.97.1.2/32", [3001], from: WayBorder.first,
            try WayBorder.attributes(from: WayBorder.first, path: [FarEnd.firstAS, 42]))
        owner.drain()
        #expect(owner.sentLabeled[WayBorder.router]?.count == 1)
        #expect(
            owner.rejections(of: WayBorder.first, .ipv4LabeledUnicast) == [.nextHopNotNeighbor: 1, .asPathLoop: 1])
    }

    // MARK: Changes

    @Test func `another depth is another entry of the same label`() throws {
        let owner = try WayBorder.owner()
        try owner.setTransports(["10.98.1.2": .resolved])
        let before = try owner.told(pe, WayBorder.first)
        owner.handle(.configure(try WayBorder.inputs(entropy: true)))
        #expect(try owner.labelledWay(pe, at: WayBorder.first)?.stack == .labelWithEntropy)
        owner.drain()
        #expect(try owner.told(pe, WayBorder.first) == before && owner.violations.isEmpty)
    }

    @Test func `without a list nothing goes in or out`() throws {
        var inputs = try WayBorder.inputs()
        inputs.neighbors[FarEnd.first]?.families[.ipv4LabeledUnicast] = .init(.optionC)
        let owner = try WayBorder.owner(inputs)
        try owner.setTransports(["10.98.1.2": .resolved])
        try owner.tell("10.97.1.1/32", [3001], from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        owner.drain()
        #expect(owner.sentLabeled[WayBorder.first]?.isEmpty != false)
        #expect(try owner.told("10.97.1.1/32", WayBorder.router) == nil)
        #expect(owner.rejections(of: WayBorder.first, .ipv4LabeledUnicast) == [.noPolicy: 1])
    }

    @Test func `what a restarted process is told again keeps its labels`() throws {
        let before = try WayBorder.owner()
        try before.setTransports(["10.98.1.2": .resolved])
        try before.tell("10.97.1.1/32", [3001], from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        before.drain()
        var allocations = Allocations()
        allocations.labels = before.saved
        let saved = try AllocationsFile.decode(AllocationsFile.encode(allocations)).labels
        #expect(saved.labels == before.saved.labels && saved.labels.count == 3)
        let owner = Owner(
            RoutingTable(
                labels: saved, awaiting: [WayBorder.first, WayBorder.second, WayBorder.router],
                selectionDeferral: seconds(60), generator: SeededGenerator(seed: 2)))
        owner.mayInstallWithoutSession = true
        owner.handle(.configure(try WayBorder.inputs()))
        for (peer, identifier) in [(WayBorder.first, UInt8(1)), (WayBorder.second, 2), (WayBorder.router, 9)] {
            CoreRouter.establish(peer, identifier, owner)
        }
        // The way to the PE is heard of later.
        owner.handle(.transportsChanged([try address("10.98.1.2"): .unreachable]))
        owner.confirmAll()
        try owner.tell("10.97.1.1/32", [3001], from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        owner.handle(.transportsChanged([try address("10.98.1.2"): .resolved]))
        for peer in [WayBorder.first, WayBorder.second, WayBorder.router] {
            for family in CoreRouter.families { owner.handle(.endOfRIB(neighbor: peer, family.identifier)) }
        }
        owner.drain()
        #expect(try owner.told(pe, WayBorder.first) == before.told(pe, WayBorder.first))
        #expect(try owner.told("10.97.1.1/32", WayBorder.router) == before.told("10.97.1.1/32", WayBorder.router))
        #expect(owner.violations.isEmpty)
    }
}
