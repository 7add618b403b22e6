import Addressing

/// What of VPN routes goes on from or to a neighbor without a VRF: Option B (RFC 4364 §10 b). Without targets nothing does.
public struct RelayPolicy: Equatable, Sendable {
    /// Routes with one of these targets are taken; each becomes the one beside it, and those that are not here are removed
    /// (`route-target import TARGET [as TARGET]`).
    public var imported: [RouteTarget: RouteTarget] = [:]
    /// The same for the routes that the neighbor is given.
    public var exported: [RouteTarget: RouteTarget] = [:]
    /// Route distinguishers that its routes may have though they are of the own network (`rd`).
    public var routeDistinguishers: Set<RouteDistinguisher> = []
    /// Whether each route that it is given has a label of its own (`label mode per-prefix`).
    public var hasLabelPerPrefix = false
    /// Whether routes pass between it and other neighbors on NNIs that have the same (`transit`).
    public var allowsTransit = false
    /// Whether tunnels by ingress replication that ask for leaves end here and begin anew (`segmentation`): MVPN alone.
    public var isSegmented = false

    public init() {}

    /// The same with what a peer group says: its targets beside the own ones.
    func completed(by group: RelayPolicy) -> RelayPolicy {
        var result = self
        result.imported.merge(group.imported) { own, _ in own }
        result.exported.merge(group.exported) { own, _ in own }
        result.routeDistinguishers.formUnion(group.routeDistinguishers)
        result.hasLabelPerPrefix = hasLabelPerPrefix || group.hasLabelPerPrefix
        result.allowsTransit = allowsTransit || group.allowsTransit
        result.isSegmented = isSegmented || group.isSegmented
        return result
    }
}
