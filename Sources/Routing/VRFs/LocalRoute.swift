import Addressing

/// A route that a VRF has of its own: a connected subnet, an own address or an active static route.
struct LocalRoute: Hashable {
    let action: ForwardingAction
    /// The administrative distance: 0 for what is connected.
    let distance: UInt8
    /// By what kind of redistribution it is brought into BGP; `nil` for an address of the box inside a subnet, which
    /// the subnet's route covers.
    let source: VRFInputs.RedistributedSource?
}

extension LocalRoute {
    /// The administrative distance of BGP routes of other AS: what local routes are measured against.
    static let externalBGPDistance: UInt8 = 20
    /// The same of routes from the operator's own network.
    static let internalBGPDistance: UInt8 = 200
    /// A static route with this distance is never used.
    private static let unusableDistance: UInt8 = 255

    /// The best local route for each prefix.
    static func routes(of vrf: VRFInputs) -> [IPPrefix: LocalRoute] {
        let circuits = vrf.circuitAddresses.filter { vrf.families.contains($0.address.address.family) }.sorted {
            ($0.circuit, $0.address.address) < ($1.circuit, $1.address.address)
        }
        var routes: [IPPrefix: LocalRoute] = [:]
        for circuit in circuits {
            let host = IPPrefix(host: circuit.address.address)
            let isWholeSubnet = circuit.address.subnet == host
            routes[host] = LocalRoute(action: .receive, distance: 0, source: isWholeSubnet ? .connected : nil)
        }
        for circuit in circuits where !circuit.address.address.isLinkLocal {
            // A subnet on two circuits belongs to the first by name.
            guard routes[circuit.address.subnet] == nil else { continue }
            routes[circuit.address.subnet] = LocalRoute(
                action: .connected(circuit: circuit.number), distance: 0, source: .connected)
        }
        // RFC 2644: a packet to all hosts of a subnet stays outside.
        for circuit in circuits {
            guard let broadcast = circuit.address.subnet.broadcast, routes[broadcast] == nil else { continue }
            routes[broadcast] = LocalRoute(action: .discard, distance: 0, source: nil)
        }
        for (prefix, candidates) in Dictionary(grouping: vrf.staticRoutes, by: \.prefix)
        where routes[prefix] == nil && vrf.families.contains(prefix.family) {
            routes[prefix] = best(of: candidates, circuits: circuits)
        }
        return routes
    }

    /// The static route in use: the active ones of the lowest distance together, those to next hops before a discard.
    private static func best(of candidates: [StaticRouteInputs], circuits: [CircuitAddress]) -> LocalRoute? {
        var active: [(distance: UInt8, action: ForwardingAction)] = []
        for route in candidates.sorted(by: precedes) where route.distance < unusableDistance {
            if let action = action(of: route, circuits: circuits) { active.append((route.distance, action)) }
        }
        guard let best = active.first else { return nil }
        var targets: Set<ForwardingAction.Target> = []
        var actions: [ForwardingAction] = []
        for (distance, action) in active where distance == best.distance {
            if let target = action.target, targets.insert(target).inserted { actions.append(action) }
        }
        return LocalRoute(
            action: actions.isEmpty ? best.action : .multipath(from: actions), distance: best.distance,
            source: .staticRoutes)
    }

    /// The action of a static route, if it is active: its next hop is on a connected subnet and is not our own.
    private static func action(of route: StaticRouteInputs, circuits: [CircuitAddress]) -> ForwardingAction? {
        let nextHop: IPAddress
        switch route.nextHop {
        case .discard: return .discard
        case .address(let address): nextHop = address
        case .onLink(let circuit, let address):
            let own = circuits.first { $0.circuit == circuit && $0.address.address.family == .ipv6 }
            guard let own, route.prefix.family == .ipv6 else { return nil }
            return .gateway(circuit: own.number, address: .ipv6(address))
        }
        guard nextHop.family == route.prefix.family, !circuits.contains(where: { $0.address.address == nextHop }) else {
            return nil
        }
        // A link-local next hop has to name its circuit: the subnet is the same on all of them.
        guard !nextHop.isLinkLocal else { return nil }
        let longest = circuits.lazy.filter { $0.address.subnet.contains(nextHop) }.max {
            // The first by name of equal ones, as for the subnet itself.
            ($0.address.prefixLength, $1.circuit) < ($1.address.prefixLength, $0.circuit)
        }
        return longest.map { .gateway(circuit: $0.number, address: nextHop) }
    }

    /// The lower distance first, then a next hop before a discard, then the lower next hop.
    private static func precedes(_ a: StaticRouteInputs, _ b: StaticRouteInputs) -> Bool {
        guard a.distance == b.distance else { return a.distance < b.distance }
        switch (a.nextHop, b.nextHop) {
        case (.address(let first), .address(let second)): return first < second
        case (.onLink(let first, let one), .onLink(let second, let other)): return (first, one) < (second, other)
        case (.address, _), (.onLink, .discard): return true
        case (.discard, _), (.onLink, .address): return false
        }
    }
}

extension IPPrefix {
    /// The address of all hosts of an IPv4 subnet; `nil` where there is none (RFC 3021: /31, and a host's /32).
    fileprivate var broadcast: IPPrefix? {
        guard case .ipv4(let first) = address, length < 31 else { return nil }
        return IPPrefix(host: .ipv4(IPv4Address(rawValue: first.rawValue | .max >> UInt32(length))))
    }
}
