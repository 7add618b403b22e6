import Addressing

extension ConfigurationChecker {
    /// The VRFs of static routes exist and carry the family; no route stands there twice.
    mutating func checkStaticRoutes() {
        var lines: [RouteKey: Int] = [:]
        let subnets = connectedSubnets()
        for draft in draft.staticRoutes {
            let route = draft.route
            let key = RouteKey(vrf: route.vrf, prefix: route.prefix, nextHop: route.nextHop)
            if let line = lines[key] {
                report(
                    .duplicateRoute, "line \(line) has this route already", at: draft.declared,
                    hint: "remove one of them")
                continue
            }
            lines[key] = draft.declared.line
            record(.staticRoute(vrf: route.vrf, prefix: route.prefix, nextHop: route.nextHop), at: draft.declared)
            configuration.staticRoutes.append(route)
            guard self.draft.vrfs[route.vrf] != nil else {
                reportUndefinedVRF(route.vrf, at: draft.vrf)
                continue
            }
            checkFamily(route.prefix.family, isCarriedBy: route.vrf, at: draft.vrf)
            if case .address(let nextHop) = route.nextHop,
                !(subnets[route.vrf] ?? []).contains(where: { $0.contains(nextHop) })
            {
                report(
                    .unreachableNextHop, "\(nextHop) is on no subnet of VRF '\(route.vrf)': the route stays inactive",
                    at: draft.nextHop, hint: "a next hop is on the subnet of an interface in the VRF")
            }
        }
        configuration.staticRoutes.sort()
    }

    private struct RouteKey: Hashable {
        let vrf: String
        let prefix: IPPrefix
        let nextHop: StaticNextHop
    }

    private func connectedSubnets() -> [String: Set<IPPrefix>] {
        var subnets: [String: Set<IPPrefix>] = [:]
        for interface in configuration.interfaces.values {
            guard case .attachmentCircuit(let circuit) = interface.kind else { continue }
            subnets[circuit.vrf, default: []].formUnion(circuit.addresses.map(\.subnet))
        }
        return subnets
    }
}
