import Addressing
import BGP
import Routing
import Testing

/// The third, the fourth and the sixth control-plane rule of Option E.
@Suite struct ImportRuleTests {
    private func owner(_ inputs: RoutingInputs) -> Owner {
        let owner = Owner()
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 8)))
        owner.drain()
        return owner
    }

    @Test func `a route enters the eligible VRFs that import one of its targets`() throws {
        let owner = owner(try noteInputs())
        let route = try vpn("65001:1", "10.2.0.0/16")
        owner.handle(
            .update(
                neighbor: FarEnd.first, try announcement(route, label: 500, attributes(targets: ["42:1", "42:2"]))))
        let action = ForwardingAction.labelled(neighbor: FarEnd.first, label: try label(500))
        #expect(owner.fib["one"]?[route.prefix] == action)
        #expect(owner.fib["two"]?[route.prefix] == action)
        #expect(owner.fib["three"]?[route.prefix] == nil)
        let received = owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, limit: 10)
        #expect(received.map(\.importedInto) == [["one", "two"]])
        owner.handle(.update(neighbor: FarEnd.first, Update(withdrawing: [.vpn(route)])))
        #expect(owner.fib["one"]?[route.prefix] == nil)
        #expect(owner.fib["two"]?[route.prefix] == nil)
    }

    @Test func `no target brings a route into a VRF that is not eligible on the neighbor`() throws {
        let owner = owner(try noteInputs())
        let update = try announcement(
            vpn("65002:1", "10.2.0.0/16"), label: 500,
            attributes(from: FarEnd.second, targets: ["42:1"], path: [FarEnd.secondAS]))
        #expect(owner.handle(.update(neighbor: FarEnd.second, update)).isEmpty)
        let family = owner.table.neighborSummary(FarEnd.second)?.families[.vpnv4]
        #expect(family?.receivedCount == 0)
        #expect(family?.notKeptCount == 1)
    }

    @Test func `routes of two route distinguishers with one prefix do not mix`() throws {
        let owner = owner(try noteInputs())
        for (number, name) in ["one", "two"].enumerated() {
            owner.handle(
                .update(
                    neighbor: FarEnd.first,
                    try announcement(
                        vpn("65001:\(number + 1)", "10.2.0.0/16"), label: 500 + UInt32(number),
                        attributes(targets: ["42:\(number + 1)"]))))
            #expect(
                owner.fib[name]?[try prefix("10.2.0.0/16")]
                    == .labelled(neighbor: FarEnd.first, label: try label(500 + UInt32(number))))
        }
        owner.handle(.update(neighbor: FarEnd.first, Update(withdrawing: [.vpn(try vpn("65001:1", "10.2.0.0/16"))])))
        #expect(owner.fib["one"]?[try prefix("10.2.0.0/16")] == nil)
        #expect(owner.fib["two"]?[try prefix("10.2.0.0/16")] != nil)
    }

    struct InvalidRoute: Sendable {
        let reason: RouteRejection
        var nextHop = "1.2.3.4"
        var labels: [UInt32] = [500]
        var path: [UInt32] = [FarEnd.firstAS]
    }

    @Test(arguments: [
        InvalidRoute(reason: .nextHopNotNeighbor, nextHop: "1.2.3.6"),
        InvalidRoute(reason: .nextHopNotNeighbor, nextHop: "2001:db8::4"),
        InvalidRoute(reason: .moreThanOneLabel, labels: [500, 501]),
        InvalidRoute(reason: .reservedLabel, labels: [0]),
        InvalidRoute(reason: .reservedLabel, labels: [3]),
        InvalidRoute(reason: .reservedLabel, labels: [15]),
        InvalidRoute(reason: .asPathNotFromNeighbor, path: []),
        InvalidRoute(reason: .asPathNotFromNeighbor, path: [65002, 65001]),
        InvalidRoute(reason: .asPathLoop, path: [65001, 42]),
    ])
    func `a route that is not valid counts as withdrawn`(route: InvalidRoute) throws {
        let owner = owner(try noteInputs())
        let key = try vpn("65001:1", "10.2.0.0/16")
        owner.handle(.update(neighbor: FarEnd.first, try announcement(key, label: 16, attributes(targets: ["42:1"]))))
        #expect(owner.fib["one"]?[key.prefix] != nil)
        var attributes = try attributes(targets: ["42:1"], path: route.path)
        attributes.nextHop = BGPNextHop(try address(route.nextHop))
        let labels = try #require(LabelStack(try route.labels.map { try label($0) }))
        let update = Update(announcing: [AnnouncedRoute(key, labels: labels)], attributes: attributes)
        owner.handle(.update(neighbor: FarEnd.first, update))
        #expect(owner.fib["one"]?[key.prefix] == nil)
        let counted = owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]?.rejectedCount
        #expect(counted?[route.reason] == 1)
        #expect(counted?.values.reduce(0, +) == 1)
        #expect(
            owner.log == [.routesRejected(neighbor: FarEnd.first, route.reason, count: 1, example: .vpn(key))])
    }

    @Test(arguments: [
        ("127.0.0.0/8", RouteRejection.martianPrefix), ("127.0.0.1/32", .martianPrefix), ("0.0.0.0/8", .martianPrefix),
        ("0.1.2.0/24", .martianPrefix), ("240.0.0.0/4", .martianPrefix), ("255.255.255.255/32", .martianPrefix),
        ("224.0.0.0/3", .martianPrefix), ("169.254.1.0/24", .martianPrefix), ("224.0.0.0/4", .multicastPrefix),
        ("239.1.2.3/32", .multicastPrefix), ("ff00::/8", .multicastPrefix), ("ff02::1/128", .multicastPrefix),
        ("fe80::/10", .martianPrefix), ("fe80::1/128", .martianPrefix), ("::1/128", .martianPrefix),
        ("::/128", .martianPrefix), ("::ffff:10.0.0.0/104", .martianPrefix), ("::10.0.0.1/128", .martianPrefix),
    ])
    func `what is no unicast destination counts as withdrawn unless it is accepted`(
        text: String, reason: RouteRejection
    ) throws {
        var inputs = try noteInputs()
        let owner = owner(inputs)
        let key = try vpn("65001:1", text)
        let update = try announcement(key, label: 500, attributes(targets: ["42:1"]))
        owner.handle(.update(neighbor: FarEnd.first, update))
        #expect(owner.fib["one"]?[key.prefix] == nil)
        let family = owner.table.neighborSummary(FarEnd.first)?.families[SessionFamily(vpn: key.prefix.family)]
        #expect(family?.rejectedCount[reason] == 1)
        #expect(owner.log == [.routesRejected(neighbor: FarEnd.first, reason, count: 1, example: .vpn(key))])

        inputs.neighbors[FarEnd.first]?.acceptsMartians = true
        owner.handle(.configure(inputs))
        #expect(owner.refreshRequests.map(\.0) == [FarEnd.first])
        owner.handle(.update(neighbor: FarEnd.first, update))
        #expect(owner.fib["one"]?[key.prefix] == .labelled(neighbor: FarEnd.first, label: try label(500)))

        inputs.neighbors[FarEnd.first]?.acceptsMartians = false
        owner.handle(.configure(inputs))
        #expect(owner.fib["one"]?[key.prefix] == nil)
    }

    @Test(arguments: [
        "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "126.0.0.0/8", "223.255.255.0/24", "192.168.0.0/16", "100.64.0.0/10",
        "::/0", "64:ff9b::/96", "2001:db8::/32", "fc00::/7", "fec0::/10",
    ])
    func `what is near to no unicast destination is taken`(text: String) throws {
        let owner = owner(try noteInputs())
        let key = try vpn("65001:1", text)
        owner.handle(.update(neighbor: FarEnd.first, try announcement(key, label: 500, attributes(targets: ["42:1"]))))
        #expect(owner.fib["one"]?[key.prefix] == .labelled(neighbor: FarEnd.first, label: try label(500)))
    }

    /// RFC 9774.
    @Test func `a path with an AS_SET counts as withdrawn unless it is accepted`() throws {
        var inputs = try noteInputs()
        let owner = owner(inputs)
        let key = try vpn("65001:1", "10.2.0.0/16")
        var attributes = try attributes(targets: ["42:1"])
        attributes.asPath = ASPath([.sequence([FarEnd.firstAS]), .set([65100, 65101])])
        let update = try announcement(key, label: 500, attributes)
        owner.handle(.update(neighbor: FarEnd.first, update))
        #expect(owner.fib["one"]?[key.prefix] == nil)
        #expect(owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]?.rejectedCount[.asSet] == 1)
        inputs.neighbors[FarEnd.first]?.acceptsASSets = true
        owner.handle(.configure(inputs))
        #expect(owner.refreshRequests.map(\.0) == [FarEnd.first])
        owner.handle(.update(neighbor: FarEnd.first, update))
        #expect(owner.fib["one"]?[key.prefix] != nil)
        inputs.neighbors[FarEnd.first]?.acceptsASSets = false
        owner.handle(.configure(inputs))
        #expect(owner.fib["one"]?[key.prefix] == nil)
    }

    /// RFC 8326 §4.3.
    @Test func `a route whose sender is about to shut down is the last choice`() throws {
        var inputs = try noteInputs()
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first, FarEnd.second]
        let owner = owner(inputs)
        let prefix = try prefix("10.2.0.0/16")
        var short = try attributes(targets: ["42:1"])
        let long = try attributes(
            from: FarEnd.second, targets: ["42:1"], path: [FarEnd.secondAS, 65100, 65101], origin: .incomplete)
        owner.handle(
            .update(neighbor: FarEnd.first, try announcement(vpn("65001:1", "10.2.0.0/16"), label: 500, short)))
        owner.handle(
            .update(neighbor: FarEnd.second, try announcement(vpn("65002:1", "10.2.0.0/16"), label: 600, long)))
        #expect(owner.fib["one"]?[prefix] == .labelled(neighbor: FarEnd.first, label: try label(500)))
        // GRACEFUL_SHUTDOWN (RFC 8326), LLGR_STALE (RFC 9494).
        for community in [Community.gracefulShutdown, .longLivedStale] {
            short.communities = [community]
            owner.handle(
                .update(neighbor: FarEnd.first, try announcement(vpn("65001:1", "10.2.0.0/16"), label: 500, short)))
            #expect(owner.fib["one"]?[prefix] == .labelled(neighbor: FarEnd.second, label: try label(600)))
        }
        owner.handle(.update(neighbor: FarEnd.second, Update(withdrawing: [.vpn(try vpn("65002:1", "10.2.0.0/16"))])))
        #expect(owner.fib["one"]?[prefix] == .labelled(neighbor: FarEnd.first, label: try label(500)))
    }

    @Test func `rejections are logged once a minute with their number`() throws {
        let owner = owner(try noteInputs())
        let update = try announcement(vpn("65001:1", "10.2.0.0/16"), label: 3, attributes(targets: ["42:1"]))
        for _ in 0..<1000 { owner.handle(.update(neighbor: FarEnd.first, update)) }
        #expect(owner.log.count == 1)
        owner.now = seconds(60)
        owner.handle(.update(neighbor: FarEnd.first, update))
        #expect(
            owner.log.last
                == .routesRejected(
                    neighbor: FarEnd.first, .reservedLabel, count: 1000,
                    example: .vpn(try vpn("65001:1", "10.2.0.0/16"))))
    }

    @Test func `an IPv4-mapped next hop is the neighbor's own address`() throws {
        let owner = owner(try noteInputs())
        var attributes = try attributes(targets: ["42:1"])
        attributes.nextHop = BGPNextHop(try address("::ffff:1.2.3.4"))
        let key = try vpn("65001:1", "2001:db8:2::/48")
        owner.handle(.update(neighbor: FarEnd.first, try announcement(key, label: 500, attributes)))
        #expect(owner.fib["one"]?[key.prefix] != nil)
    }

    @Test func `without optE nothing goes in and nothing goes out`() throws {
        var inputs = try noteInputs()
        inputs.neighbors[FarEnd.first]?.families[.vpnv4] = .init(nil)
        let owner = owner(inputs)
        let key = try vpn("65001:1", "10.2.0.0/16")
        owner.handle(.update(neighbor: FarEnd.first, try announcement(key, label: 500, attributes(targets: ["42:1"]))))
        #expect(owner.fib["one"]?[key.prefix] == nil)
        #expect(owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]?.rejectedCount[.noPolicy] == 1)
        #expect(owner.sent[FarEnd.first] == nil)
        inputs.neighbors[FarEnd.first]?.families[.vpnv4] = .init(.optionE)
        owner.handle(.configure(inputs))
        #expect(owner.refreshRequests.map(\.0) == [FarEnd.first])
        owner.drain()
        #expect(owner.sent[FarEnd.first]?.count == 3)
    }

    @Test func `what was not kept is asked for when a VRF becomes eligible or imports more, and only then`() throws {
        var inputs = try noteInputs()
        let owner = owner(inputs)
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                try announcement(vpn("65001:9", "10.9.0.0/16"), label: 500, attributes(targets: ["42:9"]))))
        inputs.vrfs["one"]?.exportTargets.insert(try target("42:9"))
        owner.handle(.configure(inputs))
        #expect(owner.refreshRequests.isEmpty)
        inputs.vrfs["one"]?.importTargets.insert(try target("42:9"))
        owner.handle(.configure(inputs))
        #expect(owner.refreshRequests.map(\.1) == [.vpnIPv4])
        inputs.vrfs["two"]?.importTargets.insert(try target("42:9"))
        owner.handle(.configure(inputs))
        #expect(owner.refreshRequests.count == 1, "it is on its way")
    }

    @Test func `a neighbor without route refresh is named in the log`() throws {
        var inputs = try noteInputs()
        let owner = Owner()
        owner.handle(.configure(inputs))
        var parameters = session()
        parameters.routeRefresh = false
        owner.handle(.established(neighbor: FarEnd.first, parameters))
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                try announcement(vpn("65001:9", "10.9.0.0/16"), label: 500, attributes(targets: ["42:9"]))))
        inputs.vrfs["one"]?.importTargets.insert(try target("42:9"))
        owner.handle(.configure(inputs))
        #expect(owner.refreshRequests.isEmpty)
        #expect(owner.log == [.refreshNotPossible(neighbor: FarEnd.first, .vpnIPv4)])
    }

    @Test func `routes without import are kept on request and enter a VRF without a refresh`() throws {
        var inputs = try noteInputs()
        inputs.keepsRoutesWithoutImport = true
        let owner = owner(inputs)
        let key = try vpn("65001:9", "10.9.0.0/16")
        owner.handle(.update(neighbor: FarEnd.first, try announcement(key, label: 500, attributes(targets: ["42:9"]))))
        let family = owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]
        #expect(family?.receivedCount == 1)
        #expect(family?.importedCount == 0)
        inputs.vrfs["one"]?.importTargets.insert(try target("42:9"))
        owner.handle(.configure(inputs))
        #expect(owner.refreshRequests.isEmpty)
        #expect(owner.fib["one"]?[key.prefix] != nil)
        #expect(owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]?.importedCount == 1)
    }

    @Test func `a neighbor with more routes than its maximum is ended and its routes are gone`() throws {
        var inputs = try noteInputs()
        inputs.neighbors[FarEnd.first]?.families[.vpnv4] = .init(
            .optionE, prefixLimit: PrefixLimit(maximum: 2))
        let owner = owner(inputs)
        for number in 0..<3 {
            owner.handle(
                .update(
                    neighbor: FarEnd.first,
                    try announcement(
                        vpn("65001:1", "10.\(number + 2).0.0/16"), label: 500, attributes(targets: ["42:1"]))))
        }
        #expect(owner.resets == [FarEnd.first: .maximumPrefixesReached(.vpnIPv4, limit: 2, .untilCleared)])
        #expect(owner.fib["one"]?.keys.contains { $0.length == 16 } == false)
        #expect(owner.table.neighborSummary(FarEnd.first)?.isEstablished == false)
    }

    private func routes(_ numbers: Range<Int>, from owner: Owner) throws {
        for number in numbers {
            let key = try vpn("65001:1", "10.\(number).0.0/16")
            owner.handle(
                .update(neighbor: FarEnd.first, try announcement(key, label: 500, attributes(targets: ["42:1"]))))
        }
    }

    @Test func `a maximum below what is there ends the session for as long as it says`() throws {
        var inputs = try noteInputs()
        let owner = owner(inputs)
        try routes(2..<6, from: owner)
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.prefixLimit = PrefixLimit(maximum: 4)
        owner.handle(.configure(inputs))
        #expect(owner.resets.isEmpty)
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.prefixLimit = PrefixLimit(
            maximum: 3, excess: .endsSession(.seconds(60)))
        owner.handle(.configure(inputs))
        #expect(owner.resets == [FarEnd.first: .maximumPrefixesReached(.vpnIPv4, limit: 3, .seconds(60))])
        #expect(owner.fib["one"]?.keys.contains { $0.length == 16 } == false)
    }

    @Test func `a maximum below what is kept of a neighbor that is away removes it`() throws {
        var inputs = try noteInputs()
        let owner = owner(inputs)
        try routes(2..<6, from: owner)
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart()))
        #expect(owner.fib["one"]?.keys.contains { $0.length == 16 } == true)
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.prefixLimit = PrefixLimit(maximum: 3)
        owner.handle(.configure(inputs))
        #expect(owner.resets.isEmpty)
        #expect(owner.fib["one"]?.keys.contains { $0.length == 16 } == false)
    }

    @Test func `the warning threshold and a maximum that is only reported are told once a minute`() throws {
        var inputs = try noteInputs()
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.prefixLimit = PrefixLimit(
            maximum: 3, warning: 2, excess: .isReported)
        let owner = owner(inputs)
        try routes(2..<7, from: owner)
        #expect(
            owner.log == [
                .prefixLimitNear(neighbor: FarEnd.first, .vpnIPv4, count: 2, limit: 3),
                .prefixLimitNear(neighbor: FarEnd.first, .vpnIPv4, count: 4, limit: 3),
            ])
        #expect(owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]?.receivedCount == 5)
        let key = try vpn("65001:1", "10.6.0.0/16")
        for _ in 0..<5 {
            owner.handle(
                .update(
                    neighbor: FarEnd.first,
                    Update(
                        withdrawing: try (4..<7).map {
                            .vpn(try vpn("65001:1", "10.\($0).0.0/16"))
                        } + [.vpn(key)])))
            try routes(4..<7, from: owner)
        }
        #expect(owner.log.count == 2)
        #expect(owner.resets.isEmpty)
    }

    @Test func `maximum routes below what a VRF has removes those learnt last`() throws {
        var inputs = try noteInputs()
        let owner = owner(inputs)
        try routes(2..<4, from: owner)
        owner.advance(to: seconds(20))
        try routes(4..<6, from: owner)
        let local = try #require(owner.table.routeCount(inVRF: "one")) - 4
        inputs.vrfs["one"]?.maximumRoutes = UInt32(local + 2)
        owner.handle(.configure(inputs))
        #expect(owner.log.last == .maximumRoutesReached(vrf: "one", limit: UInt32(local + 2)))
        let left = try #require(owner.fib["one"]).keys.filter { $0.length == 16 }
        #expect(try Set(left) == [prefix("10.2.0.0/16"), prefix("10.3.0.0/16")])
        inputs.vrfs["one"]?.maximumRoutes = nil
        owner.handle(.configure(inputs))
        #expect(owner.table.routeCount(inVRF: "one") == local + 4)
        #expect(owner.log.last == .maximumRoutesCleared(vrf: "one"))
    }

    @Test func `a VRF refuses imported routes beyond its maximum and takes them when there is room`() throws {
        var inputs = try noteInputs()
        // Three of them are the subnet, its broadcast address and the box's own address.
        inputs.vrfs["one"]?.maximumRoutes = 5
        inputs.vrfs["one"]?.warningRoutes = 4
        let owner = owner(inputs)
        let keys = try (2..<6).map { try vpn("65001:1", "10.\($0).0.0/16") }
        for key in keys {
            let update = try announcement(key, label: 500, attributes(targets: ["42:1"]))
            owner.handle(.update(neighbor: FarEnd.first, update))
        }
        #expect(owner.table.routeCount(inVRF: "one") == 5)
        #expect(
            owner.log == [.maximumRoutesNear(vrf: "one", count: 4), .maximumRoutesReached(vrf: "one", limit: 5)])
        owner.handle(.update(neighbor: FarEnd.first, Update(withdrawing: [.vpn(keys[0])])))
        #expect(owner.table.routeCount(inVRF: "one") == 4)
        owner.advance(to: seconds(20))
        #expect(owner.table.routeCount(inVRF: "one") == 5)
        inputs.vrfs["one"]?.maximumRoutes = nil
        owner.handle(.configure(inputs))
        #expect(owner.table.routeCount(inVRF: "one") == 6)
        #expect(owner.log.last == .maximumRoutesCleared(vrf: "one"))
    }

    @Test func `a family that is disabled loses its routes and takes none until the session is up again`() throws {
        let owner = owner(try noteInputs())
        let key = try vpn("65001:1", "10.2.0.0/16")
        let update = try announcement(key, label: 500, attributes(targets: ["42:1"]))
        owner.handle(.update(neighbor: FarEnd.first, update))
        owner.handle(.familyDisabled(neighbor: FarEnd.first, .vpnIPv4))
        #expect(owner.fib["one"]?[key.prefix] == nil)
        owner.handle(.update(neighbor: FarEnd.first, update))
        #expect(owner.fib["one"]?[key.prefix] == nil)
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.handle(.update(neighbor: FarEnd.first, update))
        #expect(owner.fib["one"]?[key.prefix] != nil)
    }
}
