import Addressing
import BGP
import Routing
import Testing

/// Next hops to which nothing can be sent: a lost link, a neighbor that does not answer.
@Suite struct NextHopStateTests {
    private let far = IPPrefix("10.2.0.0/16")

    /// Both far ends have the prefix; the first one's path is the better one by its length.
    private func ownerWithTwoPaths() throws -> Owner {
        let owner = Owner()
        var inputs = try noteInputs()
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first, FarEnd.second]
        owner.handle(.configure(inputs))
        for neighbor in [FarEnd.first, FarEnd.second] { owner.handle(.established(neighbor: neighbor, session())) }
        try announce(owner, FarEnd.first, path: [FarEnd.firstAS])
        try announce(owner, FarEnd.second, path: [FarEnd.secondAS, 65100])
        owner.drain()
        return owner
    }

    private func announce(_ owner: Owner, _ neighbor: PeerAddress, path: [UInt32]) throws {
        let prefix = try vpn("65001:1", "10.2.0.0/16")
        let attributes = try attributes(from: neighbor, targets: ["42:1"], path: path)
        owner.handle(.update(neighbor: neighbor, try announcement(prefix, label: 500, attributes)))
    }

    private func neighborInUse(_ owner: Owner) throws -> PeerAddress? {
        guard case .labelled(let neighbor, _, _) = owner.fib["one"]?[try #require(far)] else { return nil }
        return neighbor
    }

    @Test(arguments: [NextHopState.unresolved, .unreachable])
    func `a better path whose next hop cannot be reached loses, and wins again when it can`(
        state: NextHopState
    ) throws {
        let owner = try ownerWithTwoPaths()
        #expect(try neighborInUse(owner) == FarEnd.first)
        owner.handle(.nextHopChanged(neighbor: FarEnd.first, state))
        #expect(try neighborInUse(owner) == FarEnd.second)
        owner.handle(.nextHopChanged(neighbor: FarEnd.first, .resolved))
        #expect(try neighborInUse(owner) == FarEnd.first)
    }

    @Test func `a path that comes while its next hop cannot be reached waits`() throws {
        let owner = try ownerWithTwoPaths()
        owner.handle(.nextHopChanged(neighbor: FarEnd.first, .unreachable))
        try announce(owner, FarEnd.first, path: [FarEnd.firstAS])
        #expect(try neighborInUse(owner) == FarEnd.second)
        owner.handle(.nextHopChanged(neighbor: FarEnd.first, .resolved))
        #expect(try neighborInUse(owner) == FarEnd.first)
    }

    @Test func `an unresolved next hop stands in where there is no other, and loses to a resolved one at once`() throws
    {
        let owner = try ownerWithTwoPaths()
        owner.handle(.nextHopChanged(neighbor: FarEnd.first, .unresolved))
        owner.handle(.nextHopChanged(neighbor: FarEnd.second, .unreachable))
        #expect(try neighborInUse(owner) == FarEnd.first)
        owner.handle(.nextHopChanged(neighbor: FarEnd.second, .resolved))
        #expect(try neighborInUse(owner) == FarEnd.second)
    }

    @Test func `without any next hop that can be reached there is no route, and its candidates stay`() throws {
        let owner = try ownerWithTwoPaths()
        for neighbor in [FarEnd.first, FarEnd.second] {
            owner.handle(.nextHopChanged(neighbor: neighbor, .unreachable))
        }
        #expect(owner.fib["one"]?[try #require(far)] == nil)
        #expect(owner.table.routes(inVRF: "one", family: .ipv4, prefix: far, limit: 1).isEmpty)
        #expect(owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, limit: 9).count == 1)
        owner.handle(.nextHopChanged(neighbor: FarEnd.second, .resolved))
        #expect(try neighborInUse(owner) == FarEnd.second)
    }

    @Test func `with transit a route that cannot be used is withdrawn from the others`() throws {
        let owner = try ownerWithTwoPaths()
        var inputs = try noteInputs()
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first, FarEnd.second]
        inputs.vrfs["one"]?.allowsTransit = true
        owner.handle(.configure(inputs))
        owner.drain()
        let told = VPNPrefix(routeDistinguisher: try #require(RouteDistinguisher("42:1")), prefix: try #require(far))
        #expect(owner.sent[FarEnd.second]?[told] != nil)
        owner.handle(.nextHopChanged(neighbor: FarEnd.first, .unreachable))
        owner.drain()
        #expect(owner.sent[FarEnd.second]?[told] == nil)
        #expect(owner.sent[FarEnd.first]?[told] != nil)
    }

    /// A static route with a high distance stands in while BGP's next hop is away.
    @Test(arguments: [NextHopState.unresolved, .unreachable])
    func `a local route behind BGP comes to be used`(state: NextHopState) throws {
        let owner = try ownerWithTwoPaths()
        var inputs = try noteInputs()
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first]
        inputs.vrfs["one"]?.staticRoutes = [
            StaticRouteInputs(prefix: try #require(far), nextHop: .discard, distance: 200)
        ]
        owner.handle(.configure(inputs))
        #expect(try neighborInUse(owner) == FarEnd.first)
        owner.handle(.nextHopChanged(neighbor: FarEnd.first, state))
        #expect(owner.fib["one"]?[try #require(far)] == .discard)
    }

    /// Routes kept over a restart are not used while their next hop is away, and are when it is back before the session.
    @Test func `stale routes follow their next hop`() throws {
        let owner = Owner()
        owner.handle(.configure(try noteInputs()))
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
        try announce(owner, FarEnd.first, path: [FarEnd.firstAS])
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart()))
        #expect(try neighborInUse(owner) == FarEnd.first)
        owner.handle(.nextHopChanged(neighbor: FarEnd.first, .unreachable))
        #expect(try neighborInUse(owner) == nil)
        owner.handle(.nextHopChanged(neighbor: FarEnd.first, .resolved))
        #expect(try neighborInUse(owner) == FarEnd.first)
    }

    /// The session comes back in the middle of the removal and repeats a route that was looked at while the neighbor
    /// could not be reached.
    @Test func `many routes are chosen in portions, and none of them is left behind`() throws {
        let owner = Owner()
        owner.handle(.configure(try noteInputs()))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        let prefixes = (0..<3000).compactMap { number in
            IPPrefix(covering: .ipv4(IPv4Address(rawValue: 0x1400_0000 + UInt32(number) << 8)), length: 24)
        }
        let distinguisher = try #require(RouteDistinguisher("65001:1"))
        let update = Update(
            announcing: try prefixes.map {
                AnnouncedRoute(routeDistinguisher: distinguisher, prefix: $0, label: try label(500))
            }, attributes: try attributes(targets: ["42:1"]))
        owner.handle(.update(neighbor: FarEnd.first, update))
        func used() -> Int { prefixes.count { owner.fib["one"]?[$0] != nil } }
        #expect(owner.handle(.nextHopChanged(neighbor: FarEnd.first, .unreachable)).isEmpty)
        owner.sweep(limit: 700)
        #expect(used() == 2300)
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        owner.sweep(limit: 700)
        owner.handle(.nextHopChanged(neighbor: FarEnd.first, .resolved))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.handle(.update(neighbor: FarEnd.first, update))
        while owner.table.isSweeping { owner.sweep(limit: 700) }
        #expect(used() == prefixes.count)
    }
}
