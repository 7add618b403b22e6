import Addressing
import BGP
import Routing
import Testing

/// Which VPN routes neighbors get that say which they want (RFC 4684 §6).
@Suite struct MembershipFollowingTests {
    private let peer = Cluster.reflector
    private let own = ["42:1:10.1.0.0/24", "42:2:10.1.0.0/24", "42:3:10.1.0.0/24"]

    private func announce(_ text: String, targets: [String], from peer: PeerAddress, to owner: Owner) throws {
        var contents = PathAttributes.Contents(origin: .igp, nextHop: BGPNextHop(peer.address))
        contents.localPreference = 100
        contents.extendedCommunities = try targets.map { ExtendedCommunity(try target($0)) }
        owner.handle(
            .update(
                neighbor: peer, try announcement(try vpn("42:501", text), label: 3001, PathAttributes(contents))))
        owner.drain()
    }

    @Test func `nothing is sent before the neighbor has said all, and then what it wants`() throws {
        let owner = Wishes.owner(try Wishes.inputs())
        owner.say(try Wishes.wish("42:1"), try Wishes.wish("42:3", origin: 65009), from: peer)
        #expect(owner.has(peer).isEmpty)
        #expect(owner.endOfRIBSent[peer] == [.routeTargets])
        #expect(owner.table.membership(of: peer)?.state == .awaited(until: seconds(60)))
        owner.endMembership(from: peer)
        #expect(owner.has(peer) == [own[0], own[2]])
        #expect(owner.endOfRIBSent[peer] == [.routeTargets, .vpnIPv4, .vpnIPv6])
        #expect(owner.table.membership(of: peer)?.state == .inForce)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `the wait is over after sixty seconds`() throws {
        let owner = Wishes.owner(try Wishes.inputs())
        owner.say(try Wishes.wish("42:2"), from: peer)
        owner.advance(to: seconds(59))
        owner.drain()
        #expect(owner.has(peer).isEmpty)
        owner.advance(to: seconds(60))
        owner.drain()
        #expect(owner.has(peer) == [own[1]])
        #expect(owner.log.contains(.membershipOverdue(neighbor: peer)))
        #expect(owner.endOfRIBSent[peer] == [.routeTargets, .vpnIPv4, .vpnIPv6])
    }

    @Test func `wishes that come and go bring and take routes, and nothing else is touched`() throws {
        let owner = Wishes.owner(try Wishes.inputs())
        owner.say(try Wishes.wish("42:1"), from: peer)
        owner.endMembership(from: peer)
        owner.handle(
            .update(
                neighbor: peer,
                Update(
                    announcing: [AnnouncedRoute(try Wishes.wish("42:2"))], attributes: Wishes.attributes(of: peer))))
        let effects = owner.pull(peer, limit: 100)
        #expect(effects.count == 1)
        owner.drain()
        #expect(owner.has(peer) == [own[0], own[1]])
        // The same by another AS, and one of the two gone.
        owner.say(try Wishes.wish("42:2", origin: 65009), from: peer)
        owner.takeBack(try Wishes.wish("42:2"), from: peer)
        #expect(owner.has(peer) == [own[0], own[1]])
        owner.takeBack(try Wishes.wish("42:2", origin: 65009), from: peer)
        #expect(owner.has(peer) == [own[0]])
        owner.say(Wishes.allOf(42), from: peer)
        #expect(owner.has(peer) == own)
        owner.takeBack(try Wishes.wish("42:1"), Wishes.allOf(42), from: peer)
        #expect(owner.has(peer).isEmpty)
        owner.say(.everything, from: peer)
        #expect(owner.has(peer) == own)
        owner.say(Wishes.allOf(65009), from: peer)
        owner.takeBack(.everything, from: peer)
        #expect(owner.has(peer).isEmpty)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `what is reflected is what is wanted`() throws {
        let owner = Wishes.owner(try Wishes.inputs())
        for peer in Cluster.all { owner.endMembership(from: peer) }
        try announce("10.9.0.0/16", targets: ["42:77", "42:78"], from: Cluster.client, to: owner)
        try announce("10.8.0.0/16", targets: ["42:79"], from: Cluster.client, to: owner)
        #expect(Cluster.all.allSatisfy { owner.has($0).isEmpty })
        owner.say(try Wishes.wish("42:78"), from: peer)
        owner.say(try Wishes.wish("42:79"), from: Cluster.otherClient)
        #expect(owner.has(peer) == ["42:501:10.9.0.0/16"])
        #expect(owner.has(Cluster.otherClient) == ["42:501:10.8.0.0/16"])
        #expect(owner.has(Cluster.otherReflector).isEmpty)
        // A route that changes its targets.
        try announce("10.9.0.0/16", targets: ["42:79"], from: Cluster.client, to: owner)
        #expect(owner.has(peer).isEmpty)
        #expect(owner.has(Cluster.otherClient) == ["42:501:10.8.0.0/16", "42:501:10.9.0.0/16"])
        owner.takeBack(try Wishes.wish("42:79"), from: Cluster.otherClient)
        #expect(owner.has(Cluster.otherClient).isEmpty)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a route without a target goes to those who want all`() throws {
        let owner = Wishes.owner(try Wishes.inputs())
        owner.say(Wishes.allOf(42), from: peer)
        owner.say(.everything, from: Cluster.otherClient)
        for peer in Cluster.all { owner.endMembership(from: peer) }
        try announce("10.9.0.0/16", targets: [], from: Cluster.client, to: owner)
        #expect(!owner.has(peer).contains("42:501:10.9.0.0/16"))
        #expect(owner.has(Cluster.otherClient).contains("42:501:10.9.0.0/16"))
        owner.takeBack(.everything, from: Cluster.otherClient)
        #expect(!owner.has(Cluster.otherClient).contains("42:501:10.9.0.0/16"))
        owner.say(RouteTargetMembership(originAutonomousSystem: 7, .everything), from: Cluster.otherClient)
        #expect(owner.has(Cluster.otherClient).contains("42:501:10.9.0.0/16"))
    }

    @Test func `other export targets, and another side's, are looked at anew`() throws {
        var inputs = try Wishes.inputs()
        let owner = Wishes.owner(inputs)
        owner.say(try Wishes.wish("42:1"), from: peer)
        owner.endMembership(from: peer)
        inputs.vrfs["one"]?.exportTargets = [try target("42:6")]
        inputs.vrfs["two"]?.sideTargets[.core] = RouteTargetPolicy()
        inputs.vrfs["two"]?.sideTargets[.core]?.exported = [try target("42:1")]
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.has(peer) == [own[1]])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `far ends of Option E get what they always got`() throws {
        let owner = Wishes.owner(try Wishes.inputs())
        owner.handle(.established(neighbor: FarEnd.first, session(families: Wishes.families)))
        owner.drain()
        #expect(owner.has(FarEnd.first) == own)
        #expect(owner.table.membership(of: FarEnd.first)?.state == .notCarried)
        owner.say(.everything, from: FarEnd.first)
        let summary = try #require(owner.table.neighborSummary(FarEnd.first))
        #expect(summary.families[.routeTargets] == nil)
    }

    @Test func `who does not offer the family gets all at once`() throws {
        let owner = Wishes.owner(try Wishes.inputs())
        owner.handle(
            .established(neighbor: peer, Wishes.parameters(of: peer, families: [.vpnv4, .vpnv6])))
        owner.drain()
        #expect(owner.has(peer) == own)
        #expect(owner.endOfRIBSent[peer] == [.vpnIPv4, .vpnIPv6])
    }

    @Test func `what it wanted before its restart it gets at once, until it has said all`() throws {
        let owner = Wishes.owner(try Wishes.inputs())
        let restart = gracefulRestart(families: [.routeTargets])
        owner.say(try Wishes.wish("42:1"), try Wishes.wish("42:2"), from: peer)
        owner.endMembership(from: peer)
        owner.handle(.down(neighbor: peer, gracefulRestart: restart))
        owner.handle(.established(neighbor: peer, Wishes.parameters(of: peer, restart: restart)))
        owner.drain()
        #expect(owner.has(peer) == [own[0], own[1]])
        #expect(owner.table.membership(of: peer)?.received.map(\.isStale) == [true, true])
        owner.say(try Wishes.wish("42:2"), from: peer)
        owner.endMembership(from: peer)
        #expect(owner.has(peer) == [own[1]])
        // Without that it is waited for.
        owner.handle(.down(neighbor: peer, gracefulRestart: nil))
        owner.handle(.established(neighbor: peer, Wishes.parameters(of: peer, restart: restart)))
        owner.drain()
        #expect(owner.has(peer).isEmpty)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `where wishes cannot be read all routes are sent`() throws {
        let owner = Wishes.owner(try Wishes.inputs())
        owner.say(try Wishes.wish("42:1"), from: peer)
        owner.handle(.familyDisabled(neighbor: peer, .routeTargets))
        owner.drain()
        #expect(owner.has(peer) == own)
        #expect(owner.endOfRIBSent[peer] == [.routeTargets, .vpnIPv4, .vpnIPv6])
        #expect(owner.table.membership(of: peer)?.state == .disabled)
    }

    @Test func `more wishes than maximum-prefix allows end the session`() throws {
        var inputs = try Wishes.inputs()
        inputs.neighbors[peer]?.families[.routeTargets]?.prefixLimit = PrefixLimit(
            maximum: 2, warning: 2, excess: .endsSession(.untilCleared))
        let owner = Wishes.owner(inputs)
        for number in 1...3 { owner.say(try Wishes.wish("42:\(number)"), from: peer) }
        #expect(
            owner.resets[peer] == .maximumPrefixesReached(.routeTargets, limit: 2, .untilCleared))
    }
}
