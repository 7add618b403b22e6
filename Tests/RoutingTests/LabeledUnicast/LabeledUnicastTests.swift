import Addressing
import BGP
import Routing
import Testing

/// Labelled unicast with routers of the own network: the ways to PEs, and what is refused.
@Suite struct LabeledUnicastTests {
    private func way(_ nextHop: String, _ labels: UInt32...) throws -> LabelledWay {
        LabelledWay(nextHop: try address(nextHop), labels: try labels.map { try label($0) })
    }

    private func announce(
        _ text: String, _ labels: UInt32..., by nextHop: String = "10.98.0.1", preference: UInt32 = 100,
        from router: PeerAddress = CoreRouter.first, to owner: Owner
    ) throws {
        let attributes = try CoreRouter.attributes(nextHop: nextHop, preference: preference)
        owner.handle(.update(neighbor: router, try CoreRouter.announcement(text, labels: labels, attributes)))
    }

    private func withdraw(_ text: String, from router: PeerAddress = CoreRouter.first, _ owner: Owner) throws {
        owner.handle(.update(neighbor: router, try CoreRouter.withdrawal(text)))
    }

    @Test func `a route is a way, implicit null is no label, and two labels stay in their order`() throws {
        let owner = try CoreRouter.owner()
        let cases: [(String, [UInt32], [UInt32])] = [
            ("10.0.0.7/32", [16007], [16007]), ("10.0.0.6/32", [3], []), ("10.0.0.5/32", [0], [0]),
            ("10.0.0.4/32", [16001, 16002], [16001, 16002]), ("10.0.0.3/32", [16001, 3], [16001]),
            ("2001:db8::7/128", [2], [2]),
        ]
        for (text, labels, pushed) in cases {
            let attributes = try CoreRouter.attributes(nextHop: "10.98.0.1")
            owner.handle(
                .update(neighbor: CoreRouter.first, try CoreRouter.announcement(text, labels: labels, attributes)))
            let expected = LabelledWay(nextHop: try address("10.98.0.1"), labels: try pushed.map { try label($0) })
            #expect(owner.ways[try prefix(text)] == [expected], "\(text)")
        }
        for (text, _, _) in cases { try withdraw(text, owner) }
        #expect(owner.ways.isEmpty && owner.violations.isEmpty)
    }

    @Test func `a route with another label is another way at once`() throws {
        let owner = try CoreRouter.owner()
        for labels: (UInt32, UInt32) in [(16001, 16002), (16001, 16003), (16004, 16003)] {
            try announce("10.0.0.7/32", labels.0, labels.1, to: owner)
            #expect(owner.ways[try prefix("10.0.0.7/32")] == [try way("10.98.0.1", labels.0, labels.1)])
        }
        try announce("10.0.0.7/32", 16005, to: owner)
        #expect(owner.ways[try prefix("10.0.0.7/32")] == [try way("10.98.0.1", 16005)])
        #expect(owner.violations.isEmpty)
    }

    @Test func `ways of several routers are told in the order of preference, equal ones once`() throws {
        let owner = try CoreRouter.owner()
        let prefix = try prefix("10.0.0.7/32")
        try announce("10.0.0.7/32", 16007, from: CoreRouter.first, to: owner)
        try announce("10.0.0.7/32", 16008, by: "10.98.0.5", from: CoreRouter.second, to: owner)
        // The lower BGP identifier is the second's.
        #expect(owner.ways[prefix] == [try way("10.98.0.5", 16008), try way("10.98.0.1", 16007)])
        try announce("10.0.0.7/32", 16007, preference: 200, from: CoreRouter.first, to: owner)
        #expect(owner.ways[prefix] == [try way("10.98.0.1", 16007), try way("10.98.0.5", 16008)])
        try announce("10.0.0.7/32", 16007, from: CoreRouter.second, to: owner)
        #expect(owner.ways[prefix] == [try way("10.98.0.1", 16007)])
        // What the other has is the same: nothing changes.
        try withdraw("10.0.0.7/32", from: CoreRouter.first, owner)
        #expect(owner.ways[prefix] == [try way("10.98.0.1", 16007)] && owner.violations.isEmpty)
    }

    @Test func `what is no label or loops is refused by name, and withdraws what was there`() throws {
        let owner = try CoreRouter.owner()
        let ours = IPv4Address(10, 0, 0, 1)
        let usual = try CoreRouter.attributes(nextHop: "10.98.0.1")
        let cases: [(String, [UInt32], PathAttributes, RouteRejection)] = [
            ("10.0.0.7/32", [1], usual, .reservedLabel), ("10.0.0.7/32", [7], usual, .reservedLabel),
            ("10.0.0.7/32", [2], usual, .reservedLabel), ("2001:db8::7/128", [0], usual, .reservedLabel),
            ("10.0.0.7/32", [16001, 16002, 16003], usual, .tooManyLabels),
            ("10.0.0.7/32", [16001], try CoreRouter.attributes(nextHop: "10.0.0.1"), .ownNextHop),
            (
                "10.0.0.7/32", [16001], try CoreRouter.attributes(nextHop: "10.98.0.1", originator: ours),
                .originatorLoop
            ),
            ("10.0.0.7/32", [16001], try CoreRouter.attributes(nextHop: "10.98.0.1", path: [7, 42]), .asPathLoop),
            ("127.0.0.1/32", [16001], usual, .martianPrefix), ("224.0.0.0/8", [16001], usual, .multicastPrefix),
        ]
        for (text, labels, attributes, reason) in cases {
            try announce(text, 16001, to: owner)
            let family = SessionFamily(labeledUnicast: try prefix(text).family)
            let before = owner.table.neighborSummary(CoreRouter.first)?.families[family]?.rejectedCount[reason] ?? 0
            owner.handle(
                .update(neighbor: CoreRouter.first, try CoreRouter.announcement(text, labels: labels, attributes)))
            let summary = try #require(owner.table.neighborSummary(CoreRouter.first)?.families[family])
            #expect(summary.rejectedCount[reason] == before + 1, "\(text) \(labels)")
            #expect(summary.receivedCount == 0 && owner.ways.isEmpty)
        }
        #expect(owner.violations.isEmpty)
    }

    @Test func `prefix lists and the most prefixes are obeyed`() throws {
        var inputs = try CoreRouter.inputs()
        let list = PrefixFilter([.init(permits: true, prefix: try prefix("10.0.0.0/24"), lengths: 32...32)])
        inputs.neighbors[CoreRouter.first]?.families[.ipv4LabeledUnicast]?.prefixLimit = PrefixLimit(maximum: 2)
        inputs.neighbors[CoreRouter.first]?.families[.ipv4LabeledUnicast]?.importFilter = list
        inputs.neighbors[CoreRouter.first]?.families[.ipv4LabeledUnicast]?.exportFilter = PrefixFilter([])
        let owner = try CoreRouter.owner(inputs)
        #expect(owner.sentLabeled[CoreRouter.first]?.keys.map(\.family) == [.ipv6])
        try announce("10.0.1.7/32", 16001, to: owner)
        #expect(owner.ways.isEmpty)
        for number in 1...2 { try announce("10.0.0.\(number)/32", 16001, to: owner) }
        #expect(owner.ways.count == 2 && owner.resets.isEmpty)
        try announce("10.0.0.3/32", 16001, to: owner)
        guard case .maximumPrefixesReached(.ipv4LabeledUnicast, limit: 2, _)? = owner.resets[CoreRouter.first] else {
            Issue.record("the session goes on")
            return
        }
        #expect(owner.ways.isEmpty && owner.violations.isEmpty)
    }

    @Test func `a route map's preference orders the ways, also when it comes later`() throws {
        var inputs = try CoreRouter.inputs()
        let owner = try CoreRouter.owner(inputs)
        try announce("10.0.0.7/32", 16007, from: CoreRouter.first, to: owner)
        try announce("10.0.0.7/32", 16008, from: CoreRouter.second, to: owner)
        #expect(owner.ways[try prefix("10.0.0.7/32")]?.first == (try way("10.98.0.1", 16008)))
        var entry = RoutePolicy.Entry(permits: true)
        entry.changes.localPreference = 300
        inputs.neighbors[CoreRouter.first]?.families[.ipv4LabeledUnicast]?.importPolicy = RoutePolicy([entry])
        owner.handle(.configure(inputs))
        #expect(owner.ways[try prefix("10.0.0.7/32")]?.first == (try way("10.98.0.1", 16007)))
        inputs.neighbors[CoreRouter.first] = nil
        owner.handle(.configure(inputs))
        #expect(owner.ways[try prefix("10.0.0.7/32")] == [try way("10.98.0.1", 16008)])
        #expect(owner.violations.isEmpty)
    }

    @Test func `a family that cannot be read takes its ways along, and no other's`() throws {
        let owner = try CoreRouter.owner()
        try announce("10.0.0.7/32", 16007, to: owner)
        try announce("2001:db8::7/128", 16007, to: owner)
        owner.handle(.familyDisabled(neighbor: CoreRouter.first, .ipv4LabeledUnicast))
        #expect(owner.ways.keys.map(\.family) == [.ipv6])
    }

    @Test func `a restarting router's ways stay until its time is over, and those it repeats for good`() throws {
        let restart = gracefulRestart(seconds: 60, families: [.ipv4LabeledUnicast])
        let owner = try CoreRouter.owner(restart: restart)
        try announce("10.0.0.7/32", 16007, to: owner)
        try announce("10.0.0.6/32", 16006, to: owner)
        try announce("2001:db8::7/128", 16007, to: owner)
        owner.handle(.down(neighbor: CoreRouter.first, gracefulRestart: restart))
        // Not the other family's: the router does not keep that.
        #expect(Set(owner.ways.keys) == [try prefix("10.0.0.7/32"), try prefix("10.0.0.6/32")])
        CoreRouter.establish(CoreRouter.first, 9, owner, restart)
        try announce("10.0.0.7/32", 16007, to: owner)
        owner.handle(.endOfRIB(neighbor: CoreRouter.first, .ipv4LabeledUnicast))
        #expect(Set(owner.ways.keys) == [try prefix("10.0.0.7/32")])
        owner.handle(.down(neighbor: CoreRouter.first, gracefulRestart: restart))
        owner.advance(to: owner.now.advanced(bySeconds: 59))
        #expect(!owner.ways.isEmpty)
        owner.advance(to: owner.now.advanced(bySeconds: 2))
        #expect(owner.ways.isEmpty && owner.violations.isEmpty)
    }

    @Test func `without graceful restart the ways go with the session`() throws {
        let owner = try CoreRouter.owner()
        try announce("10.0.0.7/32", 16007, to: owner)
        owner.handle(.down(neighbor: CoreRouter.first, gracefulRestart: nil))
        #expect(owner.ways.isEmpty)
    }

    @Test func `a change of the VRFs leaves the ways alone`() throws {
        var inputs = try CoreRouter.inputs()
        let owner = try CoreRouter.owner(inputs)
        try announce("10.0.0.7/32", 16007, to: owner)
        inputs.vrfs["one"]?.importTargets = [try target("42:77")]
        inputs.vrfs["two"] = nil
        owner.handle(.configure(inputs))
        #expect(owner.ways.count == 1)
        let summary = owner.table.neighborSummary(CoreRouter.first)?.families[.ipv4LabeledUnicast]
        #expect(summary?.receivedCount == 1 && summary?.importedCount == 1)
    }

    // MARK: The loopback

    @Test func `routers are told of the loopback with implicit null and next hop self`() throws {
        let owner = try CoreRouter.owner()
        for router in [CoreRouter.first, CoreRouter.second] {
            let told = owner.sentLabeled[router] ?? [:]
            #expect(Set(told.keys) == [try prefix("10.0.0.1/32"), try prefix("2001:db8::1/128")])
            for (prefix, sent) in told {
                #expect(sent.label == .implicitNull)
                #expect(sent.attributes.localPreference == 100 && sent.attributes.origin == .igp)
                #expect(sent.attributes.asPath == ASPath(sequence: []))
                // RFC 4798 §2: an IPv4 address is mapped for IPv6 routes.
                #expect(sent.attributes.nextHop?.resolvedAddress == CoreRouter.loopback)
                #expect(sent.attributes.nextHop?.address.family == prefix.family)
            }
            #expect(owner.endOfRIBSent[router] == [.ipv4LabeledUnicast, .ipv6LabeledUnicast])
        }
        #expect(owner.sent[CoreRouter.first] == nil && owner.violations.isEmpty)
        // A router of the core that has no part in the VPN families gets no labels of VRFs.
        #expect(allocated(owner.table, "one", for: CoreRouter.first) == nil)
    }

    @Test func `a router that is to keep the outer label is told explicit null, and another implicit null`() throws {
        var inputs = try CoreRouter.inputs()
        let owner = try CoreRouter.owner(inputs)
        for family in CoreRouter.families {
            inputs.neighbors[CoreRouter.first]?.families[family]?.isToldExplicitNull = true
        }
        owner.handle(.configure(inputs))
        owner.drain()
        let told = try #require(owner.sentLabeled[CoreRouter.first])
        #expect(told[try prefix("10.0.0.1/32")]?.label == (try label(0)))
        #expect(told[try prefix("2001:db8::1/128")]?.label == (try label(2)))
        #expect(owner.sentLabeled[CoreRouter.second]?.values.map(\.label) == [.implicitNull, .implicitNull])
        #expect(owner.violations.isEmpty)
    }

    @Test func `another loopback is told, and what is gone is withdrawn`() throws {
        var inputs = try CoreRouter.inputs()
        let owner = try CoreRouter.owner(inputs)
        inputs.loopbacks = [try prefix("10.0.0.2/32")]
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.sentLabeled[CoreRouter.first]?.keys.map { $0 } == [try prefix("10.0.0.2/32")])
        inputs.neighbors[CoreRouter.second]?.families[.ipv4LabeledUnicast] = nil
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.sentLabeled[CoreRouter.second]?.isEmpty == true)
        owner.handle(.routeRefresh(neighbor: CoreRouter.first, .ipv4LabeledUnicast))
        let effects = owner.pull(CoreRouter.first, limit: 7)
        #expect(
            effects.contains {
                if case .advertise(CoreRouter.first, _, let routes) = $0 { routes.count == 1 } else { false }
            })
        #expect(owner.violations.isEmpty)
    }

    @Test func `what came from a router goes to no other`() throws {
        let owner = try CoreRouter.owner()
        try announce("10.0.0.7/32", 16007, to: owner)
        owner.drain()
        #expect(owner.sentLabeled[CoreRouter.second]?[try prefix("10.0.0.7/32")] == nil)
    }

    @Test func `two labels count with the capability of the session alone`() throws {
        let owner = try CoreRouter.owner()
        let prefix = try prefix("10.0.0.7/32")
        let update = try CoreRouter.announcement(
            "10.0.0.7/32", labels: [16001, 16002], CoreRouter.attributes(nextHop: "10.98.0.1"))
        owner.handle(.update(neighbor: CoreRouter.first, update))
        #expect(owner.ways[prefix]?.count == 1)
        owner.handle(.down(neighbor: CoreRouter.first, gracefulRestart: nil))
        CoreRouter.establish(CoreRouter.first, 9, owner, multipleLabels: [.ipv6LabeledUnicast])
        owner.handle(.update(neighbor: CoreRouter.first, update))
        #expect(owner.ways[prefix] ?? [] == [])
        let summary = try #require(owner.table.neighborSummary(CoreRouter.first)?.families[.ipv4LabeledUnicast])
        #expect(summary.rejectedCount[.moreThanOneLabel] == 1 && summary.receivedCount == 0)
    }
}
