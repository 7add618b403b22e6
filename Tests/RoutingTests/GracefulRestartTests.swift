import Addressing
import BGP
import Routing
import Testing

/// RFC 4724, on both sides.
@Suite struct GracefulRestartTests {
    private let keys = (2...4).compactMap { IPPrefix("10.\($0).0.0/16") }

    private func update(_ prefixes: ArraySlice<IPPrefix>) throws -> Update {
        let distinguisher = try #require(RouteDistinguisher("65001:1"))
        return Update(
            announcing: try prefixes.map {
                AnnouncedRoute(routeDistinguisher: distinguisher, prefix: $0, label: try label(500))
            }, attributes: try attributes(targets: ["42:1"]))
    }

    private func ownerWithRoutes() throws -> Owner {
        let owner = Owner()
        owner.handle(.configure(try noteInputs()))
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
        owner.handle(.update(neighbor: FarEnd.first, try update(keys[...])))
        owner.drain()
        return owner
    }

    private func imported(_ owner: Owner) -> Set<IPPrefix> {
        Set(owner.fib["one"]?.keys.filter { $0.length == 16 } ?? [])
    }

    @Test func `without graceful restart a session takes its routes along`() throws {
        let owner = try ownerWithRoutes()
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        #expect(imported(owner).isEmpty)
    }

    @Test func `routes of a restarting neighbor stay until its End-of-RIB, then those not repeated go`() throws {
        let owner = try ownerWithRoutes()
        let down = owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart()))
        #expect(down.last == .log(.staleRoutesKept(neighbor: FarEnd.first, .vpnIPv4, count: 3)))
        #expect(imported(owner) == Set(keys))
        #expect(
            owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, limit: 9).map(\.isStale)
                == [true, true, true])
        owner.now = seconds(50)
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart(restarted: true))))
        #expect(owner.handle(.update(neighbor: FarEnd.first, try update(keys[..<2]))).isEmpty)
        #expect(imported(owner) == Set(keys))
        owner.handle(.endOfRIB(neighbor: FarEnd.first, .vpnIPv4))
        #expect(imported(owner) == Set(keys[..<2]))
        #expect(owner.log.last == .staleRoutesRemoved(neighbor: FarEnd.first, .vpnIPv4, count: 1))
        #expect(owner.table.nextDeadline == nil)
    }

    @Test func `routes of a neighbor that does not come back go after its restart time`() throws {
        let owner = try ownerWithRoutes()
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart(seconds: 90)))
        #expect(owner.table.nextDeadline == seconds(90))
        owner.advance(to: seconds(89))
        #expect(imported(owner) == Set(keys))
        owner.advance(to: seconds(90))
        #expect(imported(owner).isEmpty)
    }

    @Test func `routes of a neighbor that never says End-of-RIB go after a bound`() throws {
        let owner = try ownerWithRoutes()
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart()))
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
        #expect(owner.table.nextDeadline == seconds(360))
        owner.advance(to: seconds(360))
        #expect(imported(owner).isEmpty)
    }

    @Test func `a neighbor that asks for an hour gets what is configured`() throws {
        let owner = try ownerWithRoutes()
        var inputs = try noteInputs()
        inputs.staleRetentionSeconds = 30
        owner.handle(.configure(inputs))
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart(seconds: 4095)))
        owner.advance(to: seconds(29))
        #expect(imported(owner) == Set(keys))
        owner.advance(to: seconds(30))
        #expect(imported(owner).isEmpty)
    }

    @Test func `coming back does not begin the time anew`() throws {
        let owner = try ownerWithRoutes()
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart(seconds: 120)))
        owner.now = seconds(100)
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
        owner.advance(to: seconds(359))
        #expect(imported(owner) == Set(keys))
        owner.advance(to: seconds(360))
        #expect(imported(owner).isEmpty)
    }

    enum Act: CaseIterable { case shutdownOrNoGracefulRestart, hardClear }

    @Test(arguments: Act.allCases) func `an operator's act ends what is kept at once`(_ act: Act) throws {
        let owner = try ownerWithRoutes()
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart(seconds: 4095)))
        #expect(imported(owner) == Set(keys))
        var inputs = try noteInputs()
        switch act {
        case .shutdownOrNoGracefulRestart: inputs.neighbors[FarEnd.first]?.keepsRoutesOverRestarts = false
        case .hardClear: owner.handle(.staleRoutesFlushed(neighbor: FarEnd.first))
        }
        owner.handle(.configure(inputs))
        #expect(imported(owner).isEmpty)
        #expect(owner.log.last == .staleRoutesRemoved(neighbor: FarEnd.first, .vpnIPv4, count: 3))
    }

    @Test func `a neighbor that lost its forwarding state loses its routes when it is back`() throws {
        let owner = try ownerWithRoutes()
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart()))
        var restart = gracefulRestart()
        restart.forwardingPreserved[.vpnIPv4] = false
        owner.handle(.established(neighbor: FarEnd.first, session(restart: restart)))
        #expect(imported(owner).isEmpty)
    }

    @Test func `what is stale already goes when the session ends again`() throws {
        let owner = try ownerWithRoutes()
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart()))
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
        owner.handle(.update(neighbor: FarEnd.first, try update(keys[..<1])))
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart()))
        #expect(imported(owner) == Set(keys[..<1]))
    }

    @Test func `a marked refresh removes what was not repeated`() throws {
        let owner = try ownerWithRoutes()
        owner.handle(.refreshBegan(neighbor: FarEnd.first, .vpnIPv4))
        #expect(owner.handle(.update(neighbor: FarEnd.first, try update(keys[1...]))).isEmpty)
        owner.handle(.refreshEnded(neighbor: FarEnd.first, .vpnIPv4))
        #expect(imported(owner) == Set(keys[1...]))
    }

    // MARK: After our own restart

    private func restarted(_ awaited: [PeerAddress]) throws -> Owner {
        let one = try noteOwner("one")
        let gone = LabelOwner(
            vrf: VRFIdentity(name: "gone", routeDistinguisher: try #require(one.vrf).routeDistinguisher),
            neighbor: one.neighbor)
        let labels = try #require(
            LabelAllocations(
                labels: [
                    try noteOwner("three"): try label(1000), try noteOwner("two"): try label(1001),
                    one: try label(1002), gone: try label(1003),
                ], quarantine: [:]))
        let owner = Owner(RoutingTable(labels: labels, awaiting: awaited, selectionDeferral: seconds(60)))
        owner.mayInstallWithoutSession = true
        owner.handle(.configure(try noteInputs()))
        return owner
    }

    @Test func `labels are what they were, and those of VRFs that are gone are in quarantine`() throws {
        let owner = try restarted([])
        #expect(
            owner.table.labels.labels == [
                try noteOwner("three"): try label(1000), try noteOwner("two"): try label(1001),
                try noteOwner("one"): try label(1002),
            ])
        let last = try #require(owner.table.labelStatus().last)
        #expect(last.owner?.vrf?.name == "gone")
        #expect(last.label == (try label(1003)))
        #expect(last.state == .quarantined(until: seconds(300)))
        #expect(owner.isConverged, "nobody is awaited")
    }

    @Test func `nothing is advertised before every awaited neighbor has said End-of-RIB`() throws {
        let owner = try restarted([FarEnd.first])
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
        owner.handle(.update(neighbor: FarEnd.first, try update(keys[...])))
        #expect(imported(owner) == Set(keys), "best paths are computed meanwhile")
        while !owner.toInstall.isEmpty { owner.confirmOne() }
        #expect(owner.pull(FarEnd.first, limit: 100).isEmpty)
        owner.handle(.endOfRIB(neighbor: FarEnd.first, .vpnIPv4))
        #expect(!owner.isConverged)
        #expect(
            owner.handle(.endOfRIB(neighbor: FarEnd.first, .vpnIPv6)) == [
                .converged, .outputReady(neighbor: FarEnd.first),
            ])
        owner.drain()
        #expect(owner.sent[FarEnd.first]?.count == 3)
        #expect(owner.endOfRIBSent[FarEnd.first] == [.vpnIPv4, .vpnIPv6])
        #expect(owner.violations.isEmpty)
    }

    @Test(arguments: [gracefulRestart(restarted: true), nil])
    func `a neighbor that restarted itself or knows no graceful restart is waited for a moment`(
        restart: GracefulRestartCapability?
    ) throws {
        let owner = try restarted([FarEnd.first])
        owner.advance(to: seconds(10))
        owner.handle(.established(neighbor: FarEnd.first, session(restart: restart)))
        owner.handle(.update(neighbor: FarEnd.first, try update(keys[...])))
        #expect(!owner.isConverged)
        #expect(owner.table.nextDeadline == seconds(12))
        owner.advance(to: seconds(12))
        #expect(owner.isConverged)
        #expect(imported(owner) == Set(keys))
    }

    @Test func `End-of-RIB of a neighbor that restarted itself ends the wait at once`() throws {
        let owner = try restarted([FarEnd.first])
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart(restarted: true))))
        owner.handle(.endOfRIB(neighbor: FarEnd.first, .vpnIPv4))
        owner.handle(.endOfRIB(neighbor: FarEnd.first, .vpnIPv6))
        #expect(owner.isConverged)
    }

    @Test func `convergence does not wait longer than the selection deferral`() throws {
        let owner = try restarted([FarEnd.first, FarEnd.second])
        owner.advance(to: seconds(59))
        #expect(!owner.isConverged)
        owner.advance(to: seconds(60))
        #expect(owner.isConverged)
    }

    @Test func `a neighbor that is not configured any more is not waited for`() throws {
        let owner = try restarted([PeerAddress(.ipv4(IPv4Address(9, 9, 9, 9)))])
        #expect(owner.isConverged)
    }
}
