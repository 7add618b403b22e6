import Addressing
import BGP

/// What of VPN routes goes on from or to a neighbor without a VRF: Option B (RFC 4364 §10 b). Without targets nothing does.
public struct RelayInputs: Hashable, Sendable {
    /// The targets that its routes are taken with, each with what it becomes; others are removed.
    public var imported = ListedTargets()
    /// The same for the routes that it is given.
    public var exported = ListedTargets()
    /// Route distinguishers that its routes may have though they are of the own network.
    public var acceptedDistinguishers: Set<RouteDistinguisher> = []
    /// Whether each route that it is given has a label of its own, not one for all of a next hop and its label.
    public var hasLabelPerPrefix = false
    /// Whether routes pass between it and others on NNIs that have the same.
    public var allowsTransit = false
    /// Whether tunnels by ingress replication from or to it end here and begin anew: MVPN alone.
    public var isSegmented = false

    public init() {}

    /// Whether routes may be taken that `former` refused.
    func acceptsMore(than former: RelayInputs) -> Bool {
        imported != former.imported || !acceptedDistinguishers.isSubset(of: former.acceptedDistinguishers)
    }
}

/// Route targets of which a route keeps those alone that are listed, some of them as others.
public struct ListedTargets: Hashable, Sendable {
    private let targets: [RouteTarget: RouteTarget]

    public init(_ targets: [RouteTarget: RouteTarget] = [:]) { self.targets = targets }

    /// Those that are listed, as they come.
    var listed: Set<RouteTarget> { Set(targets.keys) }

    /// Those that become one of a prefix.
    func listed(becoming prefix: RouteTargetPrefix) -> [RouteTarget] {
        targets.compactMap { prefix.contains($0.value) ? $0.key : nil }
    }

    var isEmpty: Bool { targets.isEmpty }

    /// Whether a route keeps any of its targets.
    func admit(_ attributes: PathAttributes) -> Bool {
        !targets.isEmpty
            && attributes.extendedCommunities.contains { $0.routeTarget.map { targets[$0] != nil } ?? false }
    }

    /// The communities with those targets that are listed, as what they become, each once.
    func applied(to communities: [ExtendedCommunity]) -> [ExtendedCommunity] {
        var result: [ExtendedCommunity] = []
        for community in communities {
            guard let target = community.routeTarget else {
                result.append(community)
                continue
            }
            guard let new = targets[target].map({ ExtendedCommunity($0) }), !result.contains(new) else { continue }
            result.append(new)
        }
        return result
    }
}
