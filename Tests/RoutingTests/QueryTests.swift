import Addressing
import BGP
import Routing
import Testing

@Suite struct QueryTests {
    private func ownerWithRoutes(_ count: Int) throws -> Owner {
        let owner = Owner()
        owner.handle(.configure(try noteInputs()))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        let distinguisher = try #require(RouteDistinguisher("65001:1"))
        let routes = try (0..<count).reversed().map { number in
            AnnouncedRoute(
                routeDistinguisher: distinguisher,
                prefix: IPPrefix(host: .ipv4(IPv4Address(rawValue: 0x0A02_0000 + UInt32(number)))),
                label: try label(500))
        }
        owner.handle(
            .update(neighbor: FarEnd.first, Update(announcing: routes, attributes: try attributes(targets: ["42:1"]))))
        owner.drain()
        return owner
    }

    @Test func `received routes come in pages, ascending, each once`() throws {
        let owner = try ownerWithRoutes(1000)
        var seen: [NLRI] = []
        while true {
            let page = owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, after: seen.last, limit: 70)
            if page.isEmpty { break }
            #expect(page.count <= 70)
            seen += page.map(\.route)
        }
        #expect(seen.count == 1000)
        #expect(seen == seen.sorted())
        #expect(owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv6, limit: 70).isEmpty)
        #expect(owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, limit: .max).count == 1000)
        #expect(owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, limit: -1).isEmpty)
    }

    @Test func `a VRF's routes are those in its FIB`() throws {
        let owner = try ownerWithRoutes(10)
        let routes = owner.table.routes(inVRF: "one", family: .ipv4, limit: 100)
        #expect(Dictionary(uniqueKeysWithValues: routes.map { ($0.prefix, $0.action) }) == owner.fib["one"])
        #expect(routes.map(\.prefix) == routes.map(\.prefix).sorted())
        #expect(routes.count(where: { $0.source == .bgp }) == 10)
        #expect(owner.table.routeCount(inVRF: "one") == 13)
        #expect(owner.table.routeCount(inVRF: "none") == nil)
        #expect(owner.table.routes(inVRF: "none", family: .ipv4, limit: 1).isEmpty)
    }

    @Test func `a route that is asked for by its prefix is found alone`() throws {
        let owner = try ownerWithRoutes(1000)
        let host = IPPrefix(host: .ipv4(IPv4Address(rawValue: 0x0A02_0000 + 777)))
        let absent = IPPrefix(host: .ipv4(IPv4Address(rawValue: 0x0A02_0000 + 1000)))
        let received = owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, prefix: host, limit: 9)
        #expect(received.map(\.route.prefix) == [host])
        #expect(owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, prefix: absent, limit: 9).isEmpty)
        let last = received.last?.route
        #expect(
            owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, prefix: host, after: last, limit: 9).isEmpty)
        #expect(owner.table.routes(inVRF: "one", family: .ipv4, prefix: host, limit: 9).map(\.prefix) == [host])
        #expect(owner.table.routes(inVRF: "one", family: .ipv4, prefix: absent, limit: 9).isEmpty)
        #expect(owner.table.routes(inVRF: "one", family: .ipv6, prefix: host, limit: 9).isEmpty)
        #expect(owner.table.routes(inVRF: "one", family: .ipv4, prefix: host, after: host, limit: 9).isEmpty)
        let advertised = try #require(
            owner.table.advertisedRoutes(to: FarEnd.first, family: .vpnv4, limit: 1).first?.route.prefix)
        let told = owner.table.advertisedRoutes(to: FarEnd.first, family: .vpnv4, prefix: advertised, limit: 9)
        #expect(!told.isEmpty && told.allSatisfy { $0.route.prefix == advertised })
        #expect(owner.table.advertisedRoutes(to: FarEnd.first, family: .vpnv4, prefix: absent, limit: 9).isEmpty)
    }

    @Test func `only imported routes are shown if only they are asked for`() throws {
        let owner = try ownerWithRoutes(10)
        let all = owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, limit: 100)
        let imported = owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, onlyImported: true, limit: 100)
        #expect(imported.map(\.route) == all.map(\.route))
        #expect(imported.count == 10)
        var inputs = try noteInputs()
        inputs.vrfs["one"] = nil
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(
            owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, onlyImported: true, limit: 100).isEmpty)
    }

    @Test func `numbers of a neighbor`() throws {
        let owner = try ownerWithRoutes(10)
        let summary = try #require(owner.table.neighborSummary(FarEnd.first))
        #expect(summary.isEstablished)
        #expect(summary.pendingCount == 0)
        let family = try #require(summary.families[.vpnv4])
        #expect(family.isOptionE && family.isNegotiated)
        #expect((family.receivedCount, family.importedCount, family.advertisedCount) == (10, 10, 3))
        #expect(Set(family.rejectedCount.keys) == Set(RouteRejection.allCases))
        #expect(owner.table.neighborSummary(PeerAddress(try address("9.9.9.9"))) == nil)
    }

    @Test func `advertised routes are those that were sent`() throws {
        let owner = try ownerWithRoutes(0)
        let routes = owner.table.advertisedRoutes(to: FarEnd.first, family: .vpnv4, limit: 100)
        #expect(routes.map(\.route) == owner.sent[FarEnd.first]?.keys.sorted().map { .vpn($0) })
        #expect(owner.table.advertisedRoutes(to: FarEnd.second, family: .vpnv4, limit: 100).isEmpty)
    }

    @Test func `labels are shown with their owner and their state`() throws {
        var inputs = try noteInputs()
        let owner = Owner()
        owner.handle(.configure(inputs))
        let one = try noteOwner("one")
        func state() -> LabelStatus.State? { owner.table.labelStatus().first { $0.owner == one }?.state }
        #expect(state() == .idle, "no session has been up")
        owner.now = seconds(7)
        owner.handle(.established(neighbor: FarEnd.first, session()))
        #expect(state() == .inUse(.installing, since: nil))
        owner.drain()
        #expect(Set(owner.table.labelStatus().map(\.owner?.vrf?.name)) == ["one", "three", "two"])
        #expect(state() == .inUse(.installed, since: seconds(7)))
        #expect(owner.table.labelIsValid(since: one) == seconds(7))
        inputs.vrfs["one"] = nil
        owner.handle(.configure(inputs))
        #expect(state() == .inUse(.withdrawing, since: seconds(7)))
        owner.pull(FarEnd.first, limit: 10)
        #expect(state() == .inUse(.removing, since: seconds(7)))
        owner.drain()
        #expect(state() == .quarantined(until: seconds(307)))
    }

    @Test func `every rejection has a help text of its own`() {
        #expect(Set(RouteRejection.allCases.map(\.help)).count == RouteRejection.allCases.count)
    }
}
