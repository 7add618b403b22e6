import Addressing
import BGP
import Routing

/// The same rules without any state but what the neighbors said: all else is computed from nothing each time.
struct NaiveModel {
    struct Route: Hashable {
        let neighbor: PeerAddress
        let nlri: NLRI
        var attributes: PathAttributes
        /// `nil` for a customer's route.
        let label: MPLSLabel?
        /// The one above it, where there are two.
        var outer: MPLSLabel?
        /// What a customer that is a carrier gave; packets without a label go without it.
        var carrierLabel: MPLSLabel?
        let identifier: IPv4Address
        let learnedAt: Instant
        var isStale = false

        var prefix: IPPrefix { nlri.prefix }
        var family: SessionFamily { NaiveModel.family(of: nlri) }
    }

    struct FamilyKey: Hashable {
        let neighbor: PeerAddress
        let family: SessionFamily
    }

    var inputs = RoutingInputs(autonomousSystem: 0)
    var sessions: [PeerAddress: SessionParameters] = [:]
    var nextHops: [PeerAddress: NextHopState] = [:]
    /// The far ends of each VRF that do not answer on their circuits.
    var silent: [String: Set<CircuitGateway>] = [:]
    private var routes: [PeerAddress: [NLRI: Route]] = [:]
    private var staleDeadlines: [FamilyKey: Instant] = [:]
    /// When the session ended whose routes are stale, and the limit that held then.
    private var staleLimits: [FamilyKey: Instant] = [:]

    mutating func configure(_ new: RoutingInputs) {
        for (address, former) in inputs.neighbors {
            guard let neighbor = new.neighbors[address] else { continue }
            let vrf = inputs.vrfs.values.first { $0.number == address.vrf }
            let isReplaced = vrf.map { new.vrfs[$0.name]?.identity != $0.identity } ?? false
            if neighbor.identity != former.identity || neighbor.circuit != former.circuit || isReplaced {
                routes[address] = nil
                sessions[address] = nil
                staleDeadlines = staleDeadlines.filter { $0.key.neighbor != address }
            } else if neighbor.isShutdown, sessions.removeValue(forKey: address) != nil {
                routes[address] = nil
            }
        }
        for neighbor in new.neighbors.values where !neighbor.keepsRoutesOverRestarts { flushStale(neighbor.peer) }
        silent = silent.filter { inputs.vrfs[$0.key]?.identity == new.vrfs[$0.key]?.identity }
        for name in silent.keys {
            silent[name]?.formIntersection(new.vrfs[name]?.circuitGateways.values.flatMap(\.values) ?? [])
        }
        inputs = new
        for neighbor in routes.keys where new.neighbors[neighbor] == nil { routes[neighbor] = nil }
        for neighbor in sessions.keys where new.neighbors[neighbor] == nil { sessions[neighbor] = nil }
        nextHops = nextHops.filter { new.neighbors[$0.key] != nil }
        staleDeadlines = staleDeadlines.filter { new.neighbors[$0.key.neighbor] != nil }
        forgetWhatNobodyImports()
    }

    mutating func establish(_ neighbor: PeerAddress, _ session: SessionParameters, now: Instant) {
        sessions[neighbor] = session
        for key in staleDeadlines.keys where key.neighbor == neighbor {
            let isKept =
                session.families.contains(key.family)
                && session.gracefulRestart?.forwardingPreserved[key.family.identifier] == true
            if isKept {
                staleDeadlines[key] = staleLimits[key]
            } else {
                endStale(key)
            }
        }
        routes[neighbor] = routes[neighbor]?.filter { session.families.contains($0.value.family) }
    }

    mutating func takeDown(_ neighbor: PeerAddress, _ restart: GracefulRestartCapability?, now: Instant) {
        let restart = inputs.neighbors[neighbor]?.keepsRoutesOverRestarts == true ? restart : nil
        guard let session = sessions.removeValue(forKey: neighbor) else { return }
        for family in SessionFamily.allCases {
            let key = FamilyKey(neighbor: neighbor, family: family)
            endStale(key)
            guard let restart, restart.forwardingPreserved[family.identifier] != nil, session.families.contains(family)
            else {
                routes[neighbor] = routes[neighbor]?.filter { $0.value.family != family }
                continue
            }
            routes[neighbor] = routes[neighbor]?.mapValues {
                var route = $0
                if route.family == family { route.isStale = true }
                return route
            }
            staleLimits[key] = now.advanced(bySeconds: inputs.staleRetentionSeconds)
            staleDeadlines[key] = now.advanced(
                bySeconds: min(inputs.staleRetentionSeconds, UInt32(restart.restartTimeSeconds)))
        }
    }

    mutating func endStale(_ key: FamilyKey) {
        guard staleDeadlines.removeValue(forKey: key) != nil else { return }
        routes[key.neighbor] = routes[key.neighbor]?.filter {
            !($0.value.isStale && $0.value.family == key.family)
        }
    }

    mutating func flushStale(_ neighbor: PeerAddress) {
        for family in SessionFamily.allCases { endStale(FamilyKey(neighbor: neighbor, family: family)) }
    }

    mutating func passTime(now: Instant) {
        for (key, deadline) in staleDeadlines where deadline <= now { endStale(key) }
    }

    mutating func receive(_ update: Update, from neighbor: PeerAddress, now: Instant) {
        guard let session = sessions[neighbor] else { return }
        for nlri in update.withdrawn { routes[neighbor]?[nlri] = nil }
        for announced in update.announced where session.families.contains(Self.family(of: announced.nlri)) {
            let nlri = announced.nlri
            let last = announced.labels?.labels.last
            var route = Route(
                neighbor: neighbor, nlri: nlri, attributes: update.attributes, label: neighbor.vrf == nil ? last : nil,
                outer: (announced.labels?.count ?? 0) > 1 ? announced.labels?.labels.first : nil,
                carrierLabel: neighbor.vrf == nil ? nil : last,
                identifier: session.peerIdentifier, learnedAt: now)
            let most = session.multipleLabels.contains(Self.family(of: nlri)) ? 2 : 1
            let hasGoodLabels =
                neighbor.vrf != nil
                ? Self.isGood(announced.labels, ofCarrierFor: route.prefix)
                : announced.labels.map { $0.count <= most && $0.labels.allSatisfy { $0.rawValue > 15 } } ?? true
            guard hasGoodLabels, isAcceptable(route) else {
                routes[neighbor]?[nlri] = nil
                continue
            }
            if let former = routes[neighbor]?[nlri], former.attributes == route.attributes,
                former.label == route.label, former.outer == route.outer, former.identifier == route.identifier,
                former.carrierLabel == route.carrierLabel
            {
                route = Route(
                    neighbor: neighbor, nlri: nlri, attributes: route.attributes, label: route.label,
                    outer: route.outer, carrierLabel: route.carrierLabel, identifier: route.identifier,
                    learnedAt: former.learnedAt)
            }
            routes[neighbor, default: [:]][nlri] = route
        }
        forgetWhatNobodyImports()
    }

    private mutating func forgetWhatNobodyImports() {
        routes = routes.mapValues { routes in
            routes.filter { _, route in
                isAcceptable(route)
                    && (inputs.keepsRoutesWithoutImport || isRelayed(route)
                        || inputs.vrfs.values.contains { imports(route, into: $0) })
            }
        }
    }

    /// Whether the route is kept since it could go on without a VRF: it has a target, and all are listed.
    private func isRelayed(_ route: Route) -> Bool {
        inputs.neighbors[route.neighbor]?.families[route.family]?.role == .optionB
            && !route.attributes.routeTargets.isEmpty
    }

    /// Whether the neighbor may send the route as it is configured now.
    private func isAcceptable(_ route: Route) -> Bool {
        guard let neighbor = inputs.neighbors[route.neighbor], let settings = neighbor.families[route.family] else {
            return false
        }
        let path = route.attributes.asPath.segments.flatMap(\.autonomousSystems)
        let isMartian = ["127.0.0.0/8", "fe80::/10"].contains { range in
            IPPrefix(range).map { $0.contains(route.prefix) } ?? false
        }
        guard path.first == neighbor.remoteAutonomousSystem, neighbor.acceptsMartians || !isMartian,
            path.count(where: { $0 == inputs.autonomousSystem }) <= settings.allowedOwnSystems,
            permits(settings.importFilter, route.prefix), used(route) != nil
        else { return false }
        switch settings.role {
        case .optionE, .optionB: return route.attributes.nextHop?.resolvedAddress == route.neighbor.address
        case .customer:
            return gateway(of: route) != nil && !(settings.importFilter == nil && settings.importPolicy == nil)
        case .customerCarrier:
            return route.attributes.nextHop?.resolvedAddress == route.neighbor.address && gateway(of: route) != nil
                && !(settings.importFilter == nil && settings.importPolicy == nil)
        // The random network has no internal neighbors; see RandomReflectionTests.
        case .internal, .reflectorClient, .transport, .optionC, .optionBSignalling, nil: return false
        }
    }

    /// The next hop itself if it is another host of the circuit, otherwise the link-local one beside it if there is IPv6.
    private func gateway(of route: Route) -> IPAddress? {
        guard let circuit = inputs.neighbors[route.neighbor]?.circuit, let nextHop = route.attributes.nextHop else {
            return nil
        }
        let isOwn = circuit.addresses.contains { $0.address == nextHop.address }
        if !isOwn, circuit.addresses.contains(where: { $0.subnet.contains(nextHop.address) }) { return nextHop.address }
        return circuit.addresses.contains { $0.address.family == .ipv6 } ? nextHop.linkLocal.map { .ipv6($0) } : nil
    }

    static func family(of nlri: NLRI) -> SessionFamily {
        switch nlri {
        case .vpn(let vpnPrefix): vpnPrefix.prefix.family == .ipv4 ? .vpnv4 : .vpnv6
        case .unicast(let prefix): prefix.family == .ipv4 ? .ipv4 : .ipv6
        case .labeledUnicast(let prefix): prefix.family == .ipv4 ? .ipv4LabeledUnicast : .ipv6LabeledUnicast
        case .routeTargets: .routeTargets
        case .multicastVPN(let route): route.family == .ipv4 ? .ipv4MVPN : .ipv6MVPN
        case .evpn: .evpn
        }
    }

    /// The route as the neighbor's route map leaves it, with the mark of its site.
    private func used(_ route: Route) -> Route? {
        let settings = inputs.neighbors[route.neighbor]?.families[route.family]
        var given = route.attributes.contents
        if route.neighbor.vrf != nil { given.extendedCommunities = [] }
        if let site = settings?.siteOfOrigin, !given.extendedCommunities.contains(site) {
            given.extendedCommunities.append(site)
        }
        let contents = RandomRoutePolicy.attributes(given, to: route.prefix, behind: settings?.importPolicy)
        return contents.map { contents in
            var route = route
            route.attributes = PathAttributes(contents)
            return route
        }
    }

    private func imports(_ route: Route, into vrf: VRFInputs) -> Bool {
        guard vrf.families.contains(route.prefix.family) else { return false }
        if let number = route.neighbor.vrf { return vrf.number == number }
        return vrf.eligibleNeighbors.contains(route.neighbor)
            && !targets(of: vrf, on: route.neighbor, \.importTargets, \.imported)
                .isDisjoint(with: route.attributes.routeTargets)
            && permits(vrf.importFilters[route.prefix.family], route.prefix) && used(route, in: vrf) != nil
    }

    /// The route as it is in a VRF: behind the neighbor's route map, and that of the VRF if it comes from an NNI.
    private func used(_ route: Route, in vrf: VRFInputs) -> Route? {
        guard let used = used(route) else { return nil }
        guard route.neighbor.vrf == nil else { return used }
        return RandomRoutePolicy.attributes(
            used.attributes.contents, to: route.prefix, behind: vrf.importPolicies[route.prefix.family]
        ).map { contents in
            var route = route
            route.attributes = PathAttributes(contents)
            return route
        }
    }

    /// By the neighbor's kind: an internal one is the core, all others are on NNIs.
    func targets(
        of vrf: VRFInputs, on neighbor: PeerAddress, _ everywhere: KeyPath<VRFInputs, Set<RouteTarget>>,
        _ somewhere: KeyPath<RouteTargetPolicy, Set<RouteTarget>>
    ) -> Set<RouteTarget> {
        var targets = vrf[keyPath: everywhere]
        for (side, policy) in vrf.sideTargets {
            let holds =
                switch side {
                case .core: false
                case .everyNNI: true
                case .nni(let address): address == neighbor.address
                }
            if holds { targets.formUnion(policy[keyPath: somewhere]) }
        }
        return targets
    }

    func permits(_ filter: PrefixFilter?, _ prefix: IPPrefix) -> Bool {
        guard let filter else { return true }
        return RandomFilter.permitted(by: filter).contains(prefix)
    }

    // MARK: What follows from it

    enum Choice {
        case own(ForwardingAction, VRFInputs.RedistributedSource?)
        /// The best, and what is used beside it.
        case learnt(Route, beside: [Route])
    }

    /// What is there to a prefix, be it used or not.
    func candidates(of vrf: VRFInputs) -> [IPPrefix: [Route]] {
        var learnt: [IPPrefix: [Route]] = [:]
        for route in routes.values.flatMap(\.values)
        where imports(route, into: vrf) && nextHop(of: route, in: vrf) != .unreachable {
            if let used = used(route, in: vrf) { learnt[route.prefix, default: []].append(used) }
        }
        return learnt
    }

    func choices(of vrf: VRFInputs) -> [IPPrefix: Choice] {
        let learnt = candidates(of: vrf).filter { prefix, _ in
            let isConnected = vrf.circuitAddresses.contains {
                vrf.families.contains($0.address.address.family) && $0.address.subnet.contains(prefix)
            }
            return !isConnected || vrf.acceptsConnectedSubnets
        }
        var choices = learnt.compactMapValues { best($0, vrf) }
        for route in vrf.staticRoutes where vrf.families.contains(route.prefix.family) {
            if route.distance > 20, case .learnt(let better, _)? = choices[route.prefix],
                nextHop(of: better, in: vrf) == .resolved
            {
                continue
            }
            switch route.nextHop {
            case .discard: choices[route.prefix] = .own(.discard, .staticRoutes)
            case .address(let nextHop):
                if let circuit = vrf.circuitAddresses.first(where: { $0.address.subnet.contains(nextHop) }) {
                    choices[route.prefix] = .own(.gateway(circuit: circuit.number, address: nextHop), .staticRoutes)
                }
            case .onLink(let circuit, let nextHop):
                if vrf.circuitAddresses.contains(where: { $0.circuit == circuit && $0.address.address.family == .ipv6 })
                {
                    let number = InterfaceNumber(stringLiteral: circuit)
                    choices[route.prefix] = .own(.gateway(circuit: number, address: .ipv6(nextHop)), .staticRoutes)
                }
            }
        }
        let circuits = vrf.circuitAddresses.filter { vrf.families.contains($0.address.address.family) }
        for subnet in circuits.map(\.address.subnet) where subnet.family == .ipv4 && subnet.length < 31 {
            guard case .ipv4(let first) = subnet.address else { continue }
            let hosts = UInt32(1) << (32 - UInt32(subnet.length)) - 1
            choices[IPPrefix(host: .ipv4(IPv4Address(rawValue: first.rawValue + hosts)))] = .own(.discard, nil)
        }
        for circuit in circuits {
            choices[circuit.address.subnet] = .own(.connected(circuit: circuit.number), .connected)
            let host = IPPrefix(host: circuit.address.address)
            choices[host] = .own(.receive, circuit.address.subnet == host ? .connected : nil)
        }
        return choices
    }

    private func nextHop(of route: Route, in vrf: VRFInputs) -> NextHopState {
        guard let gateways = vrf.circuitGateways[route.neighbor] else { return nextHops[route.neighbor] ?? .resolved }
        guard let gateway = gateways[route.prefix.family] else { return .unreachable }
        return silent[vrf.name]?.contains(gateway) == true ? .unresolved : .resolved
    }

    private func best(_ routes: [Route], _ vrf: VRFInputs) -> Choice? {
        func nextHop(_ route: Route) -> NextHopState { self.nextHop(of: route, in: vrf) }
        func discriminator(_ route: Route) -> UInt32 { route.attributes.multiExitDiscriminator ?? 0 }
        let leaving = Community(rawValue: 0xFFFF_0000)
        let best = routes.map(nextHop).min()
        let candidates = routes.filter { nextHop($0) == best }
        let staying = candidates.filter { !$0.attributes.communities.contains(leaving) }
        let alike = staying.isEmpty ? candidates : staying
        let preference = alike.map { $0.attributes.localPreference ?? 100 }.max()
        let routes = staying.isEmpty ? alike : alike.filter { $0.attributes.localPreference ?? 100 == preference }
        let shortest = routes.map(\.attributes.asPath.length).min()
        var left = routes.filter { $0.attributes.asPath.length == shortest }
        let origin = left.map(\.attributes.origin).min()
        left = left.filter { $0.attributes.origin == origin }
        left = left.filter { route in
            !left.contains {
                $0.attributes.asPath.first == route.attributes.asPath.first && discriminator($0) < discriminator(route)
            }
        }
        // One neighbor in the VRF and one on an NNI may have the same address: `unicast` is the lower route.
        let first = left.min {
            ($0.learnedAt, $0.identifier, $0.neighbor.address, $0.nlri)
                < ($1.learnedAt, $1.identifier, $1.neighbor.address, $1.nlri)
        }
        return first.map { .learnt($0, beside: beside($0, left, vrf)) }
    }

    /// All are external here.
    private func beside(_ best: Route, _ equal: [Route], _ vrf: VRFInputs) -> [Route] {
        guard let limits = vrf.maximumPaths[best.prefix.family] else { return [] }
        let most = limits.mixed ?? limits.external
        var targets = [target(of: best, vrf)]
        var found: [Route] = []
        let order = equal.sorted {
            ($0.identifier, $0.neighbor, $0.nlri) < ($1.identifier, $1.neighbor, $1.nlri)
        }
        for route in order where targets.count < most && !targets.contains(target(of: route, vrf)) {
            // Who is told of a customer's route would reach a far end by it.
            guard vrf.allowsTransit || best.label != nil || route.label == nil else { continue }
            guard limits.relaxesASPath || route.attributes.asPath.first == best.attributes.asPath.first else {
                continue
            }
            targets.append(target(of: route, vrf))
            found.append(route)
        }
        return found
    }

    /// Whom a route leads to, however labelled.
    private func target(of route: Route, _ vrf: VRFInputs) -> String {
        if let gateway = vrf.circuitGateways[route.neighbor]?[route.prefix.family] {
            return "\(gateway.circuit) \(gateway.address)"
        }
        if route.label != nil { return "far end \(route.neighbor.address)" }
        return "\(inputs.neighbors[route.neighbor]?.circuit?.number ?? .none) \(gateway(of: route)?.description ?? "")"
    }

    func fib() -> [String: [IPPrefix: ForwardingAction]] {
        inputs.vrfs.mapValues { vrf in
            choices(of: vrf).mapValues { choice in
                switch choice {
                case .own(let action, _): action
                case .learnt(let route, let beside):
                    beside.isEmpty
                        ? action(of: route, vrf)
                        : .multipath(inOrder([route] + beside, vrf).map { action(of: $0, vrf) })
                }
            }
        }
    }

    func action(of route: Route, _ vrf: VRFInputs) -> ForwardingAction {
        if let gateway = vrf.circuitGateways[route.neighbor]?[route.prefix.family] {
            return .gateway(circuit: gateway.circuit, address: gateway.address)
        }
        if let label = route.label {
            return .labelled(neighbor: route.neighbor, label: label, under: route.outer)
        }
        guard let circuit = inputs.neighbors[route.neighbor]?.circuit, let gateway = gateway(of: route) else {
            return .discard
        }
        return .gateway(circuit: circuit.number, address: gateway)
    }

    /// Gateways before far ends, each by their addresses.
    private func inOrder(_ routes: [Route], _ vrf: VRFInputs) -> [Route] {
        func key(_ route: Route) -> (Int, PeerAddress) {
            if let gateway = vrf.circuitGateways[route.neighbor]?[route.prefix.family] {
                return (0, PeerAddress(gateway.address))
            }
            guard route.label == nil, let gateway = gateway(of: route) else { return (1, route.neighbor) }
            return (0, PeerAddress(gateway))
        }
        return routes.sorted { key($0) < key($1) }
    }
}
