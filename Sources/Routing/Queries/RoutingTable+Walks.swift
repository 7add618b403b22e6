import Addressing
import BGP

/// For tables that are too large to be sorted while everything else waits: their keys as they come, to be sorted elsewhere,
/// and what is there under some of them.
extension RoutingTable {
    /// The prefixes of a VRF's routes in one family, in no order; none if there is no such VRF.
    public func prefixes(inVRF name: String, family: AddressFamily) -> [IPPrefix] {
        guard let vrf = vrfs[name] else { return [] }
        var prefixes: [IPPrefix] = []
        prefixes.reserveCapacity(vrf.routeCount)
        for prefix in vrf.locals.keys where prefix.family == family { prefixes.append(prefix) }
        for prefix in vrf.paths.keys where prefix.family == family && vrf.locals[prefix] == nil {
            prefixes.append(prefix)
        }
        return prefixes
    }

    /// The most routes that a VRF may have, both families together: a prefix with two origins counts twice.
    public func largestRouteCount(inVRF name: String) -> Int { vrfs[name]?.routeCount ?? 0 }

    /// The routes in use to these prefixes; a prefix without any is left out.
    public func selectedRoutes(inVRF name: String, to prefixes: some Sequence<IPPrefix>) -> [SelectedRoute] {
        guard let vrf = vrfs[name] else { return [] }
        return prefixes.compactMap { prefix in
            switch vrf.selection(for: prefix) {
            case .none: nil
            case .local(let route):
                SelectedRoute(
                    prefix: prefix,
                    source: route.source == .staticRoutes ? .staticRoute(distance: route.distance) : .connected,
                    action: route.action, best: nil, learnedAt: nil)
            case .path(let path, let beside):
                SelectedRoute(
                    prefix: prefix, source: .bgp, action: Multipath.action(of: path, beside: beside),
                    best: beside.isEmpty ? nil : path.action, learnedAt: path.learnedAt)
            }
        }
    }

    /// What a neighbor has sent and is kept, what counts as withdrawn, or what it has been told, in one family, in no order.
    public func identifiers(_ view: NeighborView, _ address: PeerAddress, family: SessionFamily) -> [NLRI] {
        guard let neighbor = neighbors[address] else { return [] }
        return switch view {
        case .received: neighbor.received[family].routes.keys.map { $0 }
        case .rejected: neighbor.received[family].rejected.routes.keys.map { $0 }
        case .advertised: neighbor.advertised[family].routes.keys.map { $0 }
        }
    }

    /// How many routes of a family a view of a neighbor has.
    public func count(_ view: NeighborView, _ address: PeerAddress, family: SessionFamily) -> Int {
        guard let neighbor = neighbors[address] else { return 0 }
        return switch view {
        case .received: neighbor.received[family].routes.count
        case .rejected: neighbor.received[family].rejected.routes.count
        case .advertised: neighbor.advertised[family].routes.count
        }
    }

    /// Of these routes those that the neighbor has sent and that are kept.
    public func receivedRoutes(
        from address: PeerAddress, family: SessionFamily, onlyImported: Bool = false,
        among routes: some Sequence<NLRI>
    ) -> [ReceivedRoute] {
        guard let neighbor = neighbors[address] else { return [] }
        let table = neighbor.received[family]
        return routes.compactMap { nlri in
            guard let route = table.routes[nlri] else { return nil }
            let importers = importers(of: nlri, route.usedAttributes, from: neighbor)
            guard !onlyImported || !importers.isEmpty else { return nil }
            return ReceivedRoute(
                route: nlri, label: family.hasLabels ? route.labels.own : nil,
                outerLabel: family.hasLabels ? route.labels.outer : nil, attributes: route.attributes,
                learnedAt: route.learnedAt, isStale: table.isStale(route),
                importedInto: importers.map(\.name).sorted(),
                labelFault: placement.judgedNeighbor(of: nlri) === neighbor ? placement.fault(of: nlri) : nil)
        }
    }

    /// Of these routes those that the neighbor has sent and that count as withdrawn.
    public func rejectedRoutes(
        from address: PeerAddress, family: SessionFamily, among routes: some Sequence<NLRI>
    ) -> [RejectedRoute] {
        guard let table = neighbors[address]?.received[family] else { return [] }
        return routes.compactMap { nlri in
            table.rejected.routes[nlri].map {
                RejectedRoute(route: nlri, reason: $0.reason, attributes: $0.attributes, rejectedAt: $0.rejectedAt)
            }
        }
    }

    /// How many more rejections of a neighbor there were than it has rejected routes that are kept.
    public func omittedRejectionCount(of address: PeerAddress, family: SessionFamily) -> Int {
        neighbors[address]?.received[family].rejected.omittedCount ?? 0
    }

    /// Of these routes those that the neighbor has been told.
    public func advertisedRoutes(
        to address: PeerAddress, family: SessionFamily, among routes: some Sequence<NLRI>
    ) -> [AdvertisedRoute] {
        guard let table = neighbors[address]?.advertised[family] else { return [] }
        return routes.compactMap { nlri in
            table.routes[nlri].map {
                AdvertisedRoute(
                    route: nlri, label: family.hasLabels ? $0.label.label : nil, outerLabel: $0.label.context,
                    attributes: $0.attributes)
            }
        }
    }

    /// The VRFs that have a neighbor's route among their candidates.
    func importers(of nlri: NLRI, _ attributes: PathAttributes, from neighbor: NeighborState) -> [VRFState] {
        imports.importers(of: nlri, attributes, from: neighbor).vrfs.filter {
            $0.contains(neighbor, nlri.vpnPrefix?.routeDistinguisher, for: nlri.prefix)
        }
    }
}

/// The tables of routes that belong to a neighbor.
public enum NeighborView: Hashable, Sendable {
    case received
    /// What it has sent and counts as withdrawn.
    case rejected
    case advertised
}

/// The route of a VRF to a prefix without its candidates.
public struct SelectedRoute: Hashable, Sendable {
    public let prefix: IPPrefix
    public let source: RouteWithCandidates.Source
    /// What the FIB does.
    public let action: ForwardingAction
    /// Of several paths that are used at the same time what the best one does, which alone is told to others; `nil` where there is one,
    /// or none is better.
    public let best: ForwardingAction?
    /// When a neighbor announced it; `nil` for the box's own.
    public let learnedAt: Instant?
}
