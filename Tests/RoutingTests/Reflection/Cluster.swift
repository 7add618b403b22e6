import Addressing
import BGP
import Routing
import Testing

/// The note's box as the reflector of two PEs, beside two other internal neighbors.
enum Cluster {
    static let client = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 11)))
    static let otherClient = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 12)))
    static let reflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 8)))
    static let otherReflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))
    static let all = [reflector, otherReflector, client, otherClient]
    static let loopback = IPAddress.ipv4(IPv4Address(10, 0, 0, 1))
    static let identifier = IPv4Address(10, 0, 0, 1)
    static let cluster = IPv4Address(10, 0, 0, 100)

    static func inputs(clients: Set<PeerAddress> = [client, otherClient]) throws -> RoutingInputs {
        var inputs = try noteInputs()
        for peer in all {
            var neighbor = NeighborInputs(
                peer: peer, remoteAutonomousSystem: 42, nni: NeighborIdentity.core, localAddress: loopback)
            let role = clients.contains(peer) ? NeighborRole.reflectorClient : .internal
            neighbor.families = [.vpnv4: .init(role), .vpnv6: .init(role)]
            neighbor.ownIdentifier = identifier
            neighbor.ownCluster = clients.isEmpty ? nil : cluster
            inputs.neighbors[peer] = neighbor
        }
        for name in inputs.vrfs.keys { inputs.vrfs[name]?.eligibleNeighbors.formUnion(all) }
        return inputs
    }

    /// With the sessions of all internal neighbors up.
    static func owner(_ inputs: RoutingInputs) -> Owner {
        let owner = Owner()
        owner.handle(.configure(inputs))
        for peer in all { owner.handle(.established(neighbor: peer, session(identifier: number(of: peer)))) }
        owner.drain()
        return owner
    }

    static func number(of peer: PeerAddress) -> UInt8 {
        guard case .ipv4(let address) = peer.address else { return 0 }
        return UInt8(truncatingIfNeeded: address.rawValue)
    }

    /// What a PE says of a route whose target no VRF here imports, if nothing else is asked for.
    static func attributes(
        from peer: PeerAddress, target text: String = "42:77", path: [UInt32] = [], preference: UInt32? = 100,
        originator: IPv4Address? = nil, clusters: [IPv4Address] = []
    ) throws -> PathAttributes {
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: path), nextHop: BGPNextHop(peer.address))
        contents.extendedCommunities = [ExtendedCommunity(try target(text))]
        contents.localPreference = preference
        contents.originatorIdentifier = originator
        contents.clusterList = clusters
        return PathAttributes(contents)
    }
}
