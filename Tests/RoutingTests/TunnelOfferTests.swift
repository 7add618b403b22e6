import Addressing
import BGP
import Routing
import Testing

/// The encapsulation community for MPLS over UDP (RFC 9012 §4.1): what internal neighbors' routes say of PEs, and ours of us.
@Suite struct TunnelOfferTests {
    private static let reflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))
    private static let provider = IPAddress.ipv4(IPv4Address(10, 0, 0, 7))
    /// With something in the reserved octets.
    private static let community = ExtendedCommunity(rawValue: 0x030c_0000_0001_000d)

    private func inputs(isOffered: Bool = false) throws -> RoutingInputs {
        var inputs = try noteInputs()
        var neighbor = NeighborInputs(
            peer: Self.reflector, remoteAutonomousSystem: 42, nni: NeighborIdentity.core,
            localAddress: .ipv4(IPv4Address(10, 0, 0, 1)))
        neighbor.families = [.vpnv4: .init(.internal)]
        neighbor.isOfferedTunnel = isOffered
        inputs.neighbors[Self.reflector] = neighbor
        inputs.vrfs["one"]?.eligibleNeighbors.insert(Self.reflector)
        return inputs
    }

    private func owner(_ inputs: RoutingInputs) -> Owner {
        let owner = connected(inputs)
        owner.handle(.established(neighbor: Self.reflector, session(identifier: 9, families: [.vpnv4])))
        owner.drain()
        return owner
    }

    private func announce(
        _ owner: Owner, _ text: String, _ communities: [ExtendedCommunity], by nextHop: IPAddress = provider
    ) throws {
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: []), nextHop: BGPNextHop(nextHop))
        contents.extendedCommunities = [ExtendedCommunity(try target("42:1"))] + communities
        owner.handle(
            .update(
                neighbor: Self.reflector,
                try announcement(vpn("42:101", text), label: 3001, PathAttributes(contents))))
    }

    @Test func `a PE takes tunnels for as long as one of its routes says so`() throws {
        let owner = owner(try inputs())
        try announce(owner, "10.8.0.0/16", [])
        #expect(owner.tunnelProviders.isEmpty)
        try announce(owner, "10.9.0.0/16", [Self.community])
        #expect(owner.tunnelProviders == [Self.provider])
        try announce(owner, "10.10.0.0/16", [Self.community])
        try announce(owner, "10.9.0.0/16", [])
        #expect(owner.tunnelProviders == [Self.provider])
        owner.handle(.update(neighbor: Self.reflector, Update(withdrawing: [.vpn(try vpn("42:101", "10.10.0.0/16"))])))
        #expect(owner.tunnelProviders.isEmpty)
        // Other tunnel types, VXLAN for one, say nothing of this.
        try announce(owner, "10.9.0.0/16", [ExtendedCommunity(rawValue: 0x030c_0000_0000_0008)])
        #expect(owner.tunnelProviders.isEmpty && owner.violations.isEmpty)
    }

    @Test func `what it said ends with its session, and with the neighbor`() throws {
        var inputs = try inputs()
        let owner = owner(inputs)
        try announce(owner, "10.9.0.0/16", [Self.community])
        owner.handle(.down(neighbor: Self.reflector, gracefulRestart: nil))
        #expect(owner.tunnelProviders.isEmpty)
        owner.handle(.established(neighbor: Self.reflector, session(identifier: 9, families: [.vpnv4])))
        try announce(owner, "10.9.0.0/16", [Self.community])
        #expect(owner.tunnelProviders == [Self.provider])
        inputs.neighbors[Self.reflector] = nil
        owner.handle(.configure(inputs))
        #expect(owner.tunnelProviders.isEmpty && owner.violations.isEmpty)
    }

    @Test func `another operator's routes say nothing of our PEs`() throws {
        let owner = owner(try inputs())
        var contents = try attributes(targets: ["42:1"]).contents
        contents.extendedCommunities.append(Self.community)
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                try announcement(vpn("65001:1", "10.9.0.0/16"), label: 500, PathAttributes(contents))))
        #expect(owner.tunnelProviders.isEmpty)
        owner.drain()
        let told = owner.sent[Self.reflector]?[try vpn("42:1", "10.9.0.0/16")]?.attributes.extendedCommunities
        #expect(told == [ExtendedCommunity(try target("42:1"))])
    }

    @Test func `our routes say it to internal neighbors alone, from when it is configured`() throws {
        var inputs = try inputs()
        let owner = owner(inputs)
        func told(_ peer: PeerAddress) throws -> [ExtendedCommunity]? {
            owner.sent[peer]?[try vpn("42:1", "10.1.0.0/24")]?.attributes.extendedCommunities
        }
        let target = ExtendedCommunity(try target("42:1"))
        #expect(try told(Self.reflector) == [target])
        for isOffered in [true, false] {
            inputs.neighbors[Self.reflector]?.isOfferedTunnel = isOffered
            owner.handle(.configure(inputs))
            owner.drain()
            #expect(try told(Self.reflector) == (isOffered ? [target, .mplsInUDP] : [target]))
            #expect(try told(FarEnd.first) == [target])
        }
        #expect(owner.resets.isEmpty)
    }
}
