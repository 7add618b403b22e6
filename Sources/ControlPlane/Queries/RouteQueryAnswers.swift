import Addressing
import ControlProtocol
import Routing

extension ControlPlane {
    /// `show.routes`: one page. A cursor is the VRF and the prefix of the last row, as text.
    func routes(_ query: RoutesQuery) throws(ControlError) -> RoutesResult {
        if let vrf = query.vrf, configuration.vrfs[vrf] == nil {
            throw ControlError(.noSuchObject, "there is no VRF \(vrf)")
        }
        let start = try query.page.cursor.map(VRFRouteCursor.init(parsing:))
        var rows: [ControlProtocol.VRFRoute] = []
        for vrf in index.vrfs.map(\.name) where query.vrf == nil || query.vrf == vrf {
            for family in AddressFamily.allCases where Self.includes(query.family, family) {
                if let start, (vrf, family) < (start.vrf, start.prefix.family) { continue }
                var after: IPPrefix?
                if let start, start.vrf == vrf, start.prefix.family == family { after = start.prefix }
                // One more than a page tells whether there is another page.
                let limit = query.page.limit + 1 - rows.count
                rows += routing.routes(inVRF: vrf, family: family, prefix: query.prefix, after: after, limit: limit)
                    .map { row($0, vrf: vrf) }
            }
        }
        let shown = Array(rows.prefix(query.page.limit))
        let next = rows.count > shown.count ? shown.last.map { VRFRouteCursor(vrf: $0.vrf, prefix: $0.prefix) } : nil
        return RoutesResult(routes: shown, nextCursor: next?.description)
    }

    private static func includes(_ wanted: RoutesQuery.Family?, _ family: AddressFamily) -> Bool {
        wanted == nil || (wanted == .ipv4) == (family == .ipv4)
    }

    private func row(_ route: Routing.VRFRoute, vrf: String) -> ControlProtocol.VRFRoute {
        let best = route.candidates.first(where: \.isBest)
        let source: ControlProtocol.VRFRoute.Source
        var distance = 0
        switch route.source {
        case .connected: source = route.action == .receive ? .local : .connected
        case .staticRoute(let configured): (source, distance) = (.staticRoute, Int(configured))
        // The distance that implementations have in common for external BGP.
        case .bgp: (source, distance) = (.bgp, 20)
        }
        return ControlProtocol.VRFRoute(
            vrf: vrf, prefix: route.prefix, source: source, administrativeDistance: distance,
            nextHops: nextHop(route.action, vrf: vrf).map { [$0] } ?? [],
            changedAt: source == .bgp
                ? best.map { Timestamp($0.learnedAt) } ?? takenAt : Timestamp(secondsSince1970: appliedAt))
    }

    private func nextHop(_ action: ForwardingAction, vrf: String) -> RouteNextHop? {
        switch action {
        case .receive, .discard: return nil
        case .connected(let circuit): return RouteNextHop(interface: circuit, isResolved: true)
        case .gateway(let circuit, let address):
            return RouteNextHop(
                address: address, interface: circuit, isResolved: isResolved(address, on: plan.interfaces[circuit]))
        case .labelled(let neighbor, let label):
            let nni = plan.nniOfNeighbor[neighbor]
            let unit = nni.flatMap { plan.unit(nni: $0, vrf: vrf) }
            return RouteNextHop(
                address: neighbor, interface: unit?.name ?? nni ?? "", label: label,
                isResolved: isResolved(neighbor, on: nni.flatMap { plan.interfaces[$0] }))
        }
    }

    private func isResolved(_ address: IPAddress, on interface: InterfacePlan?) -> Bool {
        guard let interface else { return false }
        return neighbors.table[NeighborKey(interface: interface.number, address: address)]?.state.isUsable ?? false
    }
}

/// Where a page of a VRF's routes ended.
private struct VRFRouteCursor: CustomStringConvertible {
    let vrf: String
    let prefix: IPPrefix

    init(vrf: String, prefix: IPPrefix) {
        self.vrf = vrf
        self.prefix = prefix
    }

    init(parsing text: String) throws(ControlError) {
        // The prefix comes first: it has no spaces, whatever the name has.
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let prefix = IPPrefix(parts[0]) else {
            throw ControlError(.invalidParameters, "unknown cursor '\(text)'")
        }
        self.init(vrf: String(parts[1]), prefix: prefix)
    }

    var description: String { "\(prefix) \(vrf)" }
}
