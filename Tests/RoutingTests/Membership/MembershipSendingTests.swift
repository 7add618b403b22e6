import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// What neighbors are told of the VPN routes that are wanted (RFC 4684 §3.2).
@Suite struct MembershipSendingTests {
    private let own = ["42:42:1/96", "42:42:2/96", "42:42:3/96"]

    @Test func `the import targets go to others, the default goes to clients`() throws {
        var inputs = try Wishes.inputs()
        inputs.vrfs["two"]?.sideTargets[.core] = RouteTargetPolicy()
        inputs.vrfs["two"]?.sideTargets[.core]?.imported = [try target("42:9")]
        inputs.vrfs["three"]?.sideTargets[.everyNNI] = RouteTargetPolicy()
        inputs.vrfs["three"]?.sideTargets[.everyNNI]?.imported = [try target("42:10")]
        inputs.vrfs["one"]?.eligibleNeighbors.remove(Cluster.otherReflector)
        let owner = Wishes.owner(inputs)
        #expect(owner.asked(Cluster.reflector) == own + ["42:42:9/96"])
        #expect(owner.asked(Cluster.otherReflector) == ["42:42:2/96", "42:42:3/96", "42:42:9/96"])
        #expect(owner.asked(Cluster.client) == ["default"])
        #expect(owner.asked(Cluster.otherClient) == ["default"])
        #expect(owner.asked(FarEnd.first).isEmpty)

        let told = try #require(owner.sentTargets[Cluster.reflector]?[Wishes.wish("42:1")])
        var expected = PathAttributes.Contents(origin: .igp)
        expected.nextHop = BGPNextHop(Cluster.loopback)
        expected.localPreference = 100
        #expect(told == PathAttributes(expected))
        // RFC 4684 §3.2 i.
        expected.originatorIdentifier = Cluster.identifier
        #expect(owner.sentTargets[Cluster.client]?[.everything] == PathAttributes(expected))
        for peer in Cluster.all {
            #expect(owner.endOfRIBSent[peer]?.contains(.routeTargets) == true)
        }
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `another import target is asked for before the former one is not any more`() throws {
        var inputs = try Wishes.inputs()
        let owner = Wishes.owner(inputs)
        inputs.vrfs["one"]?.importTargets = [try target("42:5")]
        owner.handle(.configure(inputs))
        let effects = owner.pull(Cluster.reflector, limit: 100)
        let kinds = effects.compactMap { effect -> String? in
            switch effect {
            case .advertise(_, _, let routes): "asks for \(routes.map(\.description))"
            case .withdraw(_, let routes): "takes back \(routes.map(\.description))"
            default: nil
            }
        }
        #expect(kinds == ["asks for [\"42:42:5/96\"]", "takes back [\"42:42:1/96\"]"])
        owner.drain()
        #expect(owner.asked(Cluster.reflector) == ["42:42:2/96", "42:42:3/96", "42:42:5/96"])
    }

    @Test func `a client's wish goes on to all but clients, though another's is the better path`() throws {
        let owner = Wishes.owner(try Wishes.inputs())
        let wish = try Wishes.wish("42:77")
        owner.say(wish, from: Cluster.reflector, preference: 200)
        #expect(owner.asked(Cluster.otherReflector) == own)
        owner.say(wish, from: Cluster.client)
        #expect(owner.asked(Cluster.reflector) == own + ["42:42:77/96"])
        #expect(owner.asked(Cluster.otherReflector) == own + ["42:42:77/96"])
        #expect(owner.asked(Cluster.otherClient) == ["default"])
        var expected = Wishes.attributes(of: Cluster.client).contents
        expected.originatorIdentifier = IPv4Address(9, 9, 9, 11)
        expected.clusterList = [Cluster.cluster]
        #expect(owner.sentTargets[Cluster.otherReflector]?[wish] == PathAttributes(expected))
        owner.takeBack(wish, from: Cluster.client)
        #expect(owner.asked(Cluster.otherReflector) == own)
        // Our own word for the same goes first.
        owner.say(try Wishes.wish("42:1"), from: Cluster.client)
        let told = try #require(owner.sentTargets[Cluster.reflector]?[Wishes.wish("42:1")])
        #expect(told.nextHop == BGPNextHop(Cluster.loopback))
    }

    @Test func `a wish that comes back is refused by name`() throws {
        let owner = Wishes.owner(try Wishes.inputs())
        var contents = Wishes.attributes(of: Cluster.client).contents
        contents.clusterList = [Cluster.cluster]
        let update = Update(
            announcing: [AnnouncedRoute(try Wishes.wish("42:77"))], attributes: PathAttributes(contents))
        owner.handle(.update(neighbor: Cluster.reflector, update))
        let summary = try #require(owner.table.neighborSummary(Cluster.reflector)?.families[.routeTargets])
        #expect(summary.receivedCount == 0)
        #expect(summary.rejectedCount[.clusterLoop] == 1)
    }

    @Test func `for a client that does not say what it wants everything is wanted`() throws {
        let owner = Wishes.owner(try Wishes.inputs())
        owner.handle(.down(neighbor: Cluster.client, gracefulRestart: nil))
        owner.drain()
        #expect(owner.asked(Cluster.reflector) == own)
        owner.handle(
            .established(
                neighbor: Cluster.client, Wishes.parameters(of: Cluster.client, families: [.vpnv4, .vpnv6])))
        owner.drain()
        #expect(owner.asked(Cluster.reflector) == ["default"])
        #expect(owner.sentTargets[Cluster.reflector]?[.everything]?.originatorIdentifier == nil)
        owner.handle(.configure(try Wishes.inputs(clients: [Cluster.otherClient])))
        owner.drain()
        #expect(owner.asked(Cluster.reflector) == own)
        // Nor may one that has not come yet.
        let silent = Set(Cluster.all).subtracting([Cluster.otherClient])
        owner.handle(.configure(try Wishes.inputs(clients: [Cluster.otherClient], selective: silent)))
        owner.drain()
        #expect(owner.asked(Cluster.reflector) == ["default"])
    }

    @Test func `who keeps all routes wants all`() throws {
        var inputs = try Wishes.inputs(clients: [])
        let owner = Wishes.owner(inputs)
        #expect(owner.asked(Cluster.client) == own)
        inputs.keepsRoutesWithoutImport = true
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.asked(Cluster.client) == ["default"])
    }

    @Test func `a refresh brings all wishes again`() throws {
        let owner = Wishes.owner(try Wishes.inputs())
        owner.handle(.routeRefresh(neighbor: Cluster.reflector, .routeTargets))
        let effects = owner.pull(Cluster.reflector, limit: 100)
        let repeated = effects.flatMap { effect -> [AnnouncedRoute] in
            if case .advertise(_, _, let routes) = effect { routes } else { [] }
        }
        #expect(repeated.map(\.description).sorted() == own)
    }

    // MARK: Before the first convergence

    @Test func `wishes go before the first convergence, and VPN routes do not`() throws {
        let table = RoutingTable(
            awaiting: [Cluster.reflector], selectionDeferral: seconds(120), generator: SeededGenerator(seed: 1))
        let owner = Owner(table)
        owner.handle(.configure(try Wishes.inputs(clients: [])))
        let restart = gracefulRestart(families: [.vpnv4, .vpnv6, .routeTargets])
        owner.handle(
            .established(neighbor: Cluster.reflector, Wishes.parameters(of: Cluster.reflector, restart: restart)))
        owner.drain()
        #expect(!owner.isConverged)
        #expect(owner.asked(Cluster.reflector) == own)
        #expect(owner.endOfRIBSent[Cluster.reflector] == [.routeTargets])
        owner.say(.everything, from: Cluster.reflector)
        owner.endMembership(from: Cluster.reflector)
        #expect(owner.has(Cluster.reflector).isEmpty)
        // Its wishes are in no table: those of VPN routes alone are waited for.
        owner.handle(.endOfRIB(neighbor: Cluster.reflector, .vpnIPv4))
        owner.handle(.endOfRIB(neighbor: Cluster.reflector, .vpnIPv6))
        owner.drain()
        #expect(owner.isConverged)
        #expect(owner.has(Cluster.reflector).count == 3)
        #expect(owner.endOfRIBSent[Cluster.reflector] == [.routeTargets, .vpnIPv4, .vpnIPv6])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a reflector has said all when its clients have`() throws {
        let table = RoutingTable(
            awaiting: [Cluster.reflector, Cluster.client], selectionDeferral: seconds(120),
            generator: SeededGenerator(seed: 1))
        let owner = Owner(table)
        owner.handle(.configure(try Wishes.inputs(clients: [Cluster.client])))
        let restart = gracefulRestart(families: [.vpnv4, .vpnv6, .routeTargets])
        owner.handle(
            .established(neighbor: Cluster.reflector, Wishes.parameters(of: Cluster.reflector, restart: restart)))
        owner.drain()
        #expect(owner.asked(Cluster.reflector) == own)
        #expect(owner.endOfRIBSent[Cluster.reflector] == nil)
        owner.handle(.established(neighbor: Cluster.client, Wishes.parameters(of: Cluster.client, restart: restart)))
        owner.drain()
        #expect(owner.endOfRIBSent[Cluster.client] == [.routeTargets])
        owner.say(try Wishes.wish("42:77"), from: Cluster.client)
        #expect(owner.endOfRIBSent[Cluster.reflector] == nil)
        owner.endMembership(from: Cluster.client)
        #expect(!owner.isConverged)
        #expect(owner.asked(Cluster.reflector) == own + ["42:42:77/96"])
        #expect(owner.endOfRIBSent[Cluster.reflector] == [.routeTargets])
    }
}
