import Addressing
import BGP
import Routing
import Testing

/// The cluster of the reflection tests, whose neighbors say which VPN routes they want.
enum Wishes {
    static let families: Set<SessionFamily> = [.vpnv4, .vpnv6, .routeTargets]

    /// - Parameter selective: who has the family.
    static func inputs(
        clients: Set<PeerAddress> = [Cluster.client, Cluster.otherClient],
        selective: Set<PeerAddress> = Set(Cluster.all)
    ) throws -> RoutingInputs {
        var inputs = try Cluster.inputs(clients: clients)
        for peer in selective {
            inputs.neighbors[peer]?.families[.routeTargets] = .init(
                clients.contains(peer) ? .reflectorClient : .internal)
        }
        return inputs
    }

    static func owner(_ inputs: RoutingInputs) -> Owner {
        let owner = Owner()
        owner.handle(.configure(inputs))
        for peer in Cluster.all { owner.handle(.established(neighbor: peer, parameters(of: peer))) }
        owner.drain()
        return owner
    }

    static func parameters(
        of peer: PeerAddress, families: Set<SessionFamily> = families, restart: GracefulRestartCapability? = nil
    ) -> SessionParameters {
        session(identifier: Cluster.number(of: peer), families: families, restart: restart)
    }

    static func wish(_ text: String, origin: UInt32 = 42) throws -> RouteTargetMembership {
        RouteTargetMembership(originAutonomousSystem: origin, RouteTargetPrefix(try target(text)))
    }

    /// All targets of an AS of two octets.
    static func allOf(_ system: UInt16) -> RouteTargetMembership {
        RouteTargetMembership(
            originAutonomousSystem: 42, RouteTargetPrefix(0x0002 << 48 | UInt64(system) << 32, length: 32))
    }

    static func attributes(of peer: PeerAddress, preference: UInt32 = 100) -> PathAttributes {
        var contents = PathAttributes.Contents(origin: .igp)
        contents.nextHop = BGPNextHop(peer.address)
        contents.localPreference = preference
        return PathAttributes(contents)
    }
}

extension Owner {
    func say(_ wishes: RouteTargetMembership..., from peer: PeerAddress, preference: UInt32 = 100) {
        let update = Update(
            announcing: wishes.map { AnnouncedRoute($0) },
            attributes: Wishes.attributes(of: peer, preference: preference))
        handle(.update(neighbor: peer, update))
        drain()
    }

    func takeBack(_ wishes: RouteTargetMembership..., from peer: PeerAddress) {
        handle(.update(neighbor: peer, Update(withdrawing: wishes.map { .routeTargets($0) })))
        drain()
    }

    func endMembership(from peer: PeerAddress) {
        handle(.endOfRIB(neighbor: peer, .routeTargets))
        drain()
    }

    /// The VPN routes that a neighbor has, in words and in order.
    func has(_ peer: PeerAddress) -> [String] { (sent[peer] ?? [:]).keys.sorted().map(\.description) }

    /// Which it has been asked for.
    func asked(_ peer: PeerAddress) -> [String] { (sentTargets[peer] ?? [:]).keys.sorted().map(\.description) }
}
