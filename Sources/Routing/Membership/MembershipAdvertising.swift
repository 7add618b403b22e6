import Addressing
import BGP

/// What internal neighbors are told of the VPN routes that this box wants (RFC 4684): the import targets of its VRFs, those
/// that are relayed without one, and the default route target where it wants all. What its clients want goes on by ``RouteReflection``.
final class MembershipAdvertising {
    private let context: RoutingContext
    private let neighbors: RoutingNeighbors
    /// What each neighbor is to be told, made when it is asked for.
    private var wanted: [PeerAddress: Set<RouteTargetMembership>] = [:]
    /// Whether all routes are wanted of all neighbors.
    private var wantsEverything = false

    init(_ context: RoutingContext, _ neighbors: RoutingNeighbors) {
        self.context = context
        self.neighbors = neighbors
    }

    /// What a neighbor is told of it; `nil`: nothing of our own.
    func announcement(of membership: RouteTargetMembership, to neighbor: NeighborState) -> AdjRIBOut.Route? {
        guard neighbor.exchanges(.routeTargets), wanted(from: neighbor).contains(membership) else { return nil }
        return AdjRIBOut.Route(
            attributes: attributes(to: neighbor), label: .implicitNull, isOwnLabel: false)
    }

    /// Next hop self. A client would take what its reflector wants for a loop if it named the client as the originator, so the
    /// reflector names itself (RFC 4684 §3.2 i).
    private func attributes(to neighbor: NeighborState) -> PathAttributes {
        var contents = PathAttributes.Contents(origin: .igp)
        contents.nextHop = BGPNextHop(neighbor.inputs.localAddress)
        contents.localPreference = InternalRole.usualLocalPreference
        if neighbor.role(in: .routeTargets) == .reflectorClient {
            contents.originatorIdentifier = neighbor.inputs.ownIdentifier
        }
        return PathAttributes(contents)
    }

    private func wanted(from neighbor: NeighborState) -> Set<RouteTargetMembership> {
        if let known = wanted[neighbor.peer] { return known }
        let made = makeWanted(from: neighbor)
        wanted[neighbor.peer] = made
        return made
    }

    private func makeWanted(from neighbor: NeighborState) -> Set<RouteTargetMembership> {
        // RFC 4684 §4: a reflector wants all that its clients have. What the default holds needs no words of its own.
        if wantsEverything || neighbor.role(in: .routeTargets) == .reflectorClient { return [.everything] }
        var targets: Set<RouteTarget> = []
        for vrf in context.inputs.vrfs.values where vrf.eligibleNeighbors.contains(neighbor.peer) {
            targets.formUnion(vrf.importTargets(from: neighbor.inputs))
        }
        if context.isRelaying {
            for settings in neighbor.inputs.families.values { targets.formUnion(settings.relay.imported.listed) }
            targets.formUnion(targetsOfAnswers(from: neighbor))
        }
        return Set(
            targets.map {
                RouteTargetMembership(
                    originAutonomousSystem: context.inputs.autonomousSystem, RouteTargetPrefix($0))
            })
    }

    /// Leaves and joins of the own network name routers: this box, which leaves were told to answer, and those that are to be joined.
    private func targetsOfAnswers(from neighbor: NeighborState) -> Set<RouteTarget> {
        guard SessionFamily.allCases.contains(where: { neighbor.isGivenSignalled(in: $0) }) else { return [] }
        guard case .ipv4(let address) = neighbor.inputs.localAddress,
            let own = ExtendedCommunity(naming: address).routeTarget
        else { return context.targetsOfJoins }
        return context.targetsOfJoins.union([own])
    }

    /// Notes what a neighbor is to be told, or has been told, and is not as it is. What begins goes before what ends.
    func enqueue(for neighbor: NeighborState) {
        guard neighbor.exchanges(.routeTargets) else { return }
        let sent = neighbor.advertised[.routeTargets].routes
        let wanted = wanted(from: neighbor)
        for membership in wanted.sorted() {
            let announcement = announcement(of: membership, to: neighbor)
            guard sent[.routeTargets(membership)]?.attributes != announcement?.attributes else { continue }
            neighbor.advertised.enqueue(.routeTargets(membership), like: announcement?.attributes)
        }
        for nlri in sent.keys.sorted() {
            guard case .routeTargets(let membership) = nlri, !wanted.contains(membership) else { continue }
            neighbor.advertised.enqueue(nlri, like: nil)
        }
    }

    /// The inputs are others.
    func configure() {
        wanted = [:]
        wantsEverything = isEverythingWanted
        guard context.hasMembership else { return }
        for neighbor in neighbors.inOrder { enqueue(for: neighbor) }
    }

    /// A session has come up or is over: with it a client may have come that cannot say what it wants.
    func followSessions() {
        guard context.hasMembership, isEverythingWanted != wantsEverything else { return }
        configure()
    }

    /// Whether all VPN routes are wanted: the operator says so, or there is a client for whom all of them have to be there.
    private var isEverythingWanted: Bool {
        context.inputs.keepsRoutesWithoutImport || neighbors.all.contains(where: \.isSilentClient)
    }
}

extension NeighborState {
    /// Whether it gets VPN routes from this box as their reflector, and does not say which it wants.
    fileprivate var isSilentClient: Bool {
        guard role(in: .vpnv4) == .reflectorClient || role(in: .vpnv6) == .reflectorClient else { return false }
        return role(in: .routeTargets) == nil || (session != nil && !exchanges(.routeTargets))
    }
}
