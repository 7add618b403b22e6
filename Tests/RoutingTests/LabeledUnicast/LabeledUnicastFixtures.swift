import Addressing
import BGP
import Routing

/// Two routers of the operator's own network that say how PEs are reached.
enum CoreRouter {
    static let first = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))
    static let second = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 8)))
    static let loopback = IPAddress.ipv4(IPv4Address(10, 0, 0, 1))
    static let families: Set<SessionFamily> = [.ipv4LabeledUnicast, .ipv6LabeledUnicast]

    /// The note's configuration with both, and a loopback.
    static func inputs() throws -> RoutingInputs {
        var inputs = try noteInputs()
        inputs.loopbacks = [IPPrefix(host: loopback), try prefix("2001:db8::1/128")]
        for router in [first, second] {
            var neighbor = NeighborInputs(
                peer: router, remoteAutonomousSystem: 42, nni: NeighborIdentity.core, localAddress: loopback)
            neighbor.ownIdentifier = IPv4Address(10, 0, 0, 1)
            neighbor.families = [.ipv4LabeledUnicast: .init(.transport), .ipv6LabeledUnicast: .init(.transport)]
            inputs.neighbors[router] = neighbor
        }
        return inputs
    }

    /// With these, and sessions with both.
    static func owner(
        _ inputs: RoutingInputs? = nil, restart: GracefulRestartCapability? = nil
    ) throws -> Owner {
        let owner = connected(try inputs ?? Self.inputs())
        establish(first, 9, owner, restart)
        establish(second, 8, owner, restart)
        owner.drain()
        return owner
    }

    static func establish(
        _ router: PeerAddress, _ identifier: UInt8, _ owner: Owner, _ restart: GracefulRestartCapability? = nil,
        multipleLabels: Set<SessionFamily> = families
    ) {
        owner.handle(
            .established(
                neighbor: router,
                session(
                    identifier: identifier, families: families, multipleLabels: multipleLabels, restart: restart)))
    }

    /// Attributes as such a router sends them.
    static func attributes(
        nextHop: String, preference: UInt32? = 100, path: [UInt32] = [], originator: IPv4Address? = nil,
        clusters: [IPv4Address] = []
    ) throws -> PathAttributes {
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: path), nextHop: BGPNextHop(try address(nextHop)))
        contents.localPreference = preference
        contents.originatorIdentifier = originator
        contents.clusterList = clusters
        return PathAttributes(contents)
    }

    static func announcement(_ text: String, labels numbers: [UInt32], _ attributes: PathAttributes) throws -> Update {
        let labels = try numbers.map { try label($0) }
        guard let stack = LabelStack(labels) else { return Update(withdrawing: []) }
        return Update(
            announcing: [AnnouncedRoute(labeledUnicast: try prefix(text), labels: stack)], attributes: attributes)
    }

    static func withdrawal(_ text: String) throws -> Update {
        Update(withdrawing: [.labeledUnicast(try prefix(text))])
    }
}
