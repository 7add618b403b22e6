import Addressing
import BGP
import ControlProtocol
import Routing

extension ControlPlane {
    /// `show.bgp.routes`: one page. A cursor is the neighbor and the last route of the page before, as text, so that it
    /// holds while routes come and go.
    func bgpRoutes(_ query: BGPRoutesQuery) throws(ControlError) -> BGPRoutesResult {
        let family: AddressFamily
        switch query.family {
        case .vpnv4: family = .ipv4
        case .vpnv6: family = .ipv6
        case .ipv4, .ipv6:
            throw ControlError(.invalidParameters, "there are routes of vpnv4 and vpnv6 only")
        }
        let start = try query.page.cursor.map(RouteCursor.init(parsing:))
        var routes: [BGPRoute] = []
        for session in try sessions(query.neighbor) {
            if let start, session.address < start.neighbor { continue }
            let after = start?.neighbor == session.address ? start?.route : nil
            // One more than a page tells whether there is another page.
            let limit = query.page.limit + 1 - routes.count
            guard limit > 0 else { break }
            routes += page(query, of: session.address, family: family, after: after, limit: limit)
        }
        let shown = Array(routes.prefix(query.page.limit))
        let next = routes.count > shown.count ? shown.last.flatMap(RouteCursor.init) : nil
        return BGPRoutesResult(family: query.family, view: query.view, routes: shown, nextCursor: next?.description)
    }

    private func page(
        _ query: BGPRoutesQuery, of neighbor: IPAddress, family: AddressFamily, after: VPNPrefix?, limit: Int
    ) -> [BGPRoute] {
        switch query.view {
        case .received, .imported:
            return routing.receivedRoutes(
                from: neighbor, family: family, prefix: query.prefix, onlyImported: query.view == .imported,
                after: after, limit: limit
            ).map { received in
                Self.row(
                    received.route, received.attributes, neighbor: neighbor, vrfs: received.importedInto,
                    isStale: received.isStale, changedAt: Timestamp(received.learnedAt))
            }
        case .advertised:
            let names = Dictionary(grouping: index.vrfs, by: \.routeDistinguisher)
            return routing.advertisedRoutes(
                to: neighbor, family: family, prefix: query.prefix, after: after, limit: limit
            ).map { advertised in
                let vrfs = names[advertised.route.routeDistinguisher] ?? []
                return Self.row(
                    advertised.route, advertised.attributes, neighbor: neighbor, vrfs: vrfs.map(\.name),
                    isStale: false, changedAt: takenAt)
            }
        }
    }

    private static func row(
        _ route: LabeledVPNPrefix, _ attributes: PathAttributes, neighbor: IPAddress, vrfs: [String], isStale: Bool,
        changedAt: ControlProtocol.Timestamp
    ) -> BGPRoute {
        let contents = attributes.contents
        let communities =
            contents.communities.map(\.description) + contents.largeCommunities.map(\.description)
            + contents.extendedCommunities.filter { $0.routeTarget == nil }.map(\.description)
        return BGPRoute(
            neighbor: neighbor, routeDistinguisher: route.routeDistinguisher, prefix: route.prefix,
            nextHop: contents.nextHop?.resolvedAddress ?? neighbor, label: route.labels.onlyLabel,
            autonomousSystemPath: contents.asPath.description, origin: "\(contents.origin)",
            multiExitDiscriminator: contents.multiExitDiscriminator, localPreference: contents.localPreference,
            routeTargets: contents.routeTargets, communities: communities, vrfs: vrfs, isStale: isStale,
            changedAt: changedAt)
    }
}

/// Where a page of BGP routes ended.
private struct RouteCursor: CustomStringConvertible {
    let neighbor: IPAddress
    let route: VPNPrefix

    init?(_ row: BGPRoute) {
        guard let distinguisher = row.routeDistinguisher else { return nil }
        neighbor = row.neighbor
        route = VPNPrefix(routeDistinguisher: distinguisher, prefix: row.prefix)
    }

    init(parsing text: String) throws(ControlError) {
        let parts = text.split(separator: " ")
        guard parts.count == 3, let neighbor = IPAddress(parts[0]),
            let distinguisher = UInt64(parts[1], radix: 16), let prefix = IPPrefix(parts[2])
        else { throw ControlError(.invalidParameters, "unknown cursor '\(text)'") }
        self.neighbor = neighbor
        route = VPNPrefix(routeDistinguisher: RouteDistinguisher(rawValue: distinguisher), prefix: prefix)
    }

    var description: String {
        "\(neighbor) \(String(route.routeDistinguisher.rawValue, radix: 16)) \(route.prefix)"
    }
}
