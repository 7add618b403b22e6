import Addressing

/// The VRFs of static routes exist and carry the family; no route stands there twice.
struct StaticRouteCheck: ConfigurationCheck {
    private let routes: [StaticRouteDraft]
    private let vrfs: [String: VRFDraft]
    private let references: References
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        routes = text.draft.staticRoutes
        vrfs = text.draft.vrfs
        references = References(text, report)
    }

    func check(_ configuration: inout Configuration) {
        var lines: [RouteKey: Int] = [:]
        let subnets = connectedSubnets(configuration)
        for draft in routes {
            let route = draft.route
            let key = RouteKey(vrf: route.vrf, prefix: route.prefix, nextHop: route.nextHop)
            if let line = lines[key] {
                report(
                    .duplicateRoute, "line \(line) has this route already", at: draft.declared,
                    hint: "remove one of them")
                continue
            }
            lines[key] = draft.declared.line
            report.record(
                .staticRoute(vrf: route.vrf, prefix: route.prefix, nextHop: route.nextHop), at: draft.declared)
            configuration.staticRoutes.append(route)
            guard vrfs[route.vrf] != nil else {
                references.undefinedVRF(route.vrf, at: draft.vrf)
                continue
            }
            references.check(route.prefix.family, isCarriedBy: route.vrf, at: draft.vrf)
            switch route.nextHop {
            case .discard: break
            case .address(.ipv6(let nextHop)) where nextHop.isLinkLocal:
                report(
                    .unreachableNextHop, "every link has \(nextHop) for itself: the route stays inactive",
                    at: draft.nextHop, hint: "name the interface in front of it: 'ten1/1 \(nextHop)'")
            case .address(let nextHop):
                guard !(subnets[route.vrf] ?? []).contains(where: { $0.contains(nextHop) }) else { break }
                report(
                    .unreachableNextHop, "\(nextHop) is on no subnet of VRF '\(route.vrf)': the route stays inactive",
                    at: draft.nextHop, hint: "a next hop is on the subnet of an interface in the VRF")
            case .onLink(let interface, _):
                guard !hasIPv6Circuit(interface, inVRF: route.vrf, configuration) else { break }
                report(
                    .unreachableNextHop,
                    "\(interface) is no interface of VRF '\(route.vrf)' with an IPv6 address: the route stays inactive",
                    at: draft.nextHop, hint: "a next hop is on the link of an interface in the VRF")
            }
        }
        configuration.staticRoutes.sort()
    }

    private struct RouteKey: Hashable {
        let vrf: String
        let prefix: IPPrefix
        let nextHop: StaticNextHop
    }

    private func hasIPv6Circuit(_ name: InterfaceName, inVRF vrf: String, _ configuration: Configuration) -> Bool {
        guard case .attachmentCircuit(let circuit)? = configuration.interfaces[name]?.kind, circuit.vrf == vrf else {
            return false
        }
        return circuit.addresses.contains { $0.address.family == .ipv6 }
    }

    private func connectedSubnets(_ configuration: Configuration) -> [String: Set<IPPrefix>] {
        var subnets: [String: Set<IPPrefix>] = [:]
        for interface in configuration.interfaces.values {
            guard case .attachmentCircuit(let circuit) = interface.kind else { continue }
            subnets[circuit.vrf, default: []].formUnion(circuit.addresses.map(\.subnet))
        }
        return subnets
    }
}
