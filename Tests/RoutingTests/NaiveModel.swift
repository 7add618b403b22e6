import Addressing
import BGP
import Routing

/// The same rules without any state but what the neighbors said: all else is computed from nothing each time.
struct NaiveModel {
    struct Route: Hashable {
        let neighbor: PeerAddress
        let prefix: VPNPrefix
        var attributes: PathAttributes
        let label: MPLSLabel
        let identifier: IPv4Address
        let learnedAt: Instant
        var isStale = false
    }

    struct FamilyKey: Hashable {
        let neighbor: PeerAddress
        let family: AddressFamily
    }

    var inputs = RoutingInputs(autonomousSystem: 0)
    var sessions: [PeerAddress: SessionParameters] = [:]
    var nextHops: [PeerAddress: NextHopState] = [:]
    private var routes: [PeerAddress: [VPNPrefix: Route]] = [:]
    private var staleDeadlines: [FamilyKey: Instant] = [:]
    /// When the session ended whose routes are stale, and the limit that held then.
    private var staleLimits: [FamilyKey: Instant] = [:]

    mutating func configure(_ new: RoutingInputs) {
        for (address, former) in inputs.neighbors {
            guard let neighbor = new.neighbors[address] else { continue }
            if neighbor.identity != former.identity {
                routes[address] = nil
                sessions[address] = nil
                staleDeadlines = staleDeadlines.filter { $0.key.neighbor != address }
            } else if neighbor.isShutdown, sessions.removeValue(forKey: address) != nil {
                routes[address] = nil
            }
        }
        for neighbor in new.neighbors.values where !neighbor.keepsRoutesOverRestarts { flushStale(neighbor.peer) }
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
                session.families.contains(SessionFamily(vpn: key.family))
                && session.gracefulRestart?.forwardingPreserved[.vpn(key.family)] == true
            if isKept {
                staleDeadlines[key] = staleLimits[key]
            } else {
                endStale(key)
            }
        }
        routes[neighbor] = routes[neighbor]?.filter { session.families.contains(SessionFamily(vpn: $0.key.prefix.family)) }
    }

    mutating func takeDown(_ neighbor: PeerAddress, _ restart: GracefulRestartCapability?, now: Instant) {
        let restart = inputs.neighbors[neighbor]?.keepsRoutesOverRestarts == true ? restart : nil
        guard let session = sessions.removeValue(forKey: neighbor) else { return }
        for family in AddressFamily.allCases {
            let key = FamilyKey(neighbor: neighbor, family: family)
            endStale(key)
            guard let restart, restart.forwardingPreserved[.vpn(family)] != nil, session.families.contains(SessionFamily(vpn: family))
            else {
                routes[neighbor] = routes[neighbor]?.filter { $0.key.prefix.family != family }
                continue
            }
            routes[neighbor] = routes[neighbor]?.mapValues {
                var route = $0
                if route.prefix.prefix.family == family { route.isStale = true }
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
            !($0.value.isStale && $0.key.prefix.family == key.family)
        }
    }

    mutating func flushStale(_ neighbor: PeerAddress) {
        for family in AddressFamily.allCases { endStale(FamilyKey(neighbor: neighbor, family: family)) }
    }

    mutating func passTime(now: Instant) {
        for (key, deadline) in staleDeadlines where deadline <= now { endStale(key) }
    }

    mutating func receive(_ update: Update, from neighbor: PeerAddress, now: Instant) {
        guard let session = sessions[neighbor], let settings = inputs.neighbors[neighbor] else { return }
        for case .vpn(let prefix) in update.withdrawn { routes[neighbor]?[prefix] = nil }
        let attributes = update.attributes
        for announced in update.announced {
            guard case .vpn(let key) = announced.nlri, session.families.contains(SessionFamily(vpn: key.prefix.family)) else { continue }
            let isValid =
                settings.families[SessionFamily(vpn: key.prefix.family)]?.role == .optionE
                && attributes.nextHop?.resolvedAddress == neighbor.address
                && attributes.asPath.first == settings.remoteAutonomousSystem
                && !attributes.asPath.contains(inputs.autonomousSystem)
                && permits(settings.families[SessionFamily(vpn: key.prefix.family)]?.importFilter, key.prefix)
                && RandomRoutePolicy.attributes(
                    attributes.contents, to: key.prefix,
                    behind: settings.families[SessionFamily(vpn: key.prefix.family)]?.importPolicy) != nil
            let isMartian = ["127.0.0.0/8", "fe80::/10"].contains { range in
                IPPrefix(range).map { $0.contains(key.prefix) } ?? false
            }
            guard isValid, settings.acceptsMartians || !isMartian, let label = announced.labels?.onlyLabel,
                label.rawValue > 15
            else {
                routes[neighbor]?[key] = nil
                continue
            }
            var route = Route(
                neighbor: neighbor, prefix: key, attributes: attributes, label: label,
                identifier: session.peerIdentifier, learnedAt: now)
            if let former = routes[neighbor]?[key], former.attributes == attributes,
                former.label == label, former.identifier == session.peerIdentifier
            {
                route = Route(
                    neighbor: neighbor, prefix: key, attributes: attributes, label: label,
                    identifier: session.peerIdentifier, learnedAt: former.learnedAt)
            }
            routes[neighbor, default: [:]][key] = route
        }
        forgetWhatNobodyImports()
    }

    private mutating func forgetWhatNobodyImports() {
        routes = routes.mapValues { routes in
            routes.filter { _, route in
                inputs.neighbors[route.neighbor]?.families[SessionFamily(vpn: route.prefix.prefix.family)]?.role == .optionE
                    && permits(
                        inputs.neighbors[route.neighbor]?.families[SessionFamily(vpn: route.prefix.prefix.family)]?.importFilter,
                        route.prefix.prefix)
                    && used(route) != nil
                    && (inputs.keepsRoutesWithoutImport || inputs.vrfs.values.contains { imports(route, into: $0) })
            }
        }
    }

    /// The route as the neighbor's route map leaves it.
    private func used(_ route: Route) -> Route? {
        let prefix = route.prefix.prefix
        let contents = RandomRoutePolicy.attributes(
            route.attributes.contents, to: prefix,
            behind: inputs.neighbors[route.neighbor]?.families[SessionFamily(vpn: prefix.family)]?.importPolicy)
        return contents.map { contents in
            var route = route
            route.attributes = PathAttributes(contents)
            return route
        }
    }

    private func imports(_ route: Route, into vrf: VRFInputs) -> Bool {
        vrf.eligibleNeighbors.contains(route.neighbor) && vrf.families.contains(route.prefix.prefix.family)
            && !vrf.importTargets.isDisjoint(with: route.attributes.routeTargets)
            && permits(vrf.importFilters[route.prefix.prefix.family], route.prefix.prefix)
    }

    private func permits(_ filter: PrefixFilter?, _ prefix: IPPrefix) -> Bool {
        guard let filter else { return true }
        return RandomFilter.permitted(by: filter).contains(prefix)
    }

    // MARK: What follows from it

    enum Choice {
        case own(ForwardingAction, VRFInputs.RedistributedSource?)
        case learnt(Route)
    }

    func choices(of vrf: VRFInputs) -> [IPPrefix: Choice] {
        var learnt: [IPPrefix: [Route]] = [:]
        for route in routes.values.flatMap(\.values)
        where imports(route, into: vrf) && nextHop(of: route) != .unreachable {
            let isConnected = vrf.circuitAddresses.contains {
                vrf.families.contains($0.address.address.family) && $0.address.subnet.contains(route.prefix.prefix)
            }
            if isConnected, !vrf.acceptsConnectedSubnets { continue }
            if let used = used(route) { learnt[route.prefix.prefix, default: []].append(used) }
        }
        var choices = learnt.compactMapValues { best($0).map(Choice.learnt) }
        for route in vrf.staticRoutes where vrf.families.contains(route.prefix.family) {
            if route.distance > 20, case .learnt(let better)? = choices[route.prefix], nextHop(of: better) == .resolved
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

    private func nextHop(of route: Route) -> NextHopState { nextHops[route.neighbor] ?? .resolved }

    private func best(_ routes: [Route]) -> Route? {
        func discriminator(_ route: Route) -> UInt32 { route.attributes.multiExitDiscriminator ?? 0 }
        let leaving = Community(rawValue: 0xFFFF_0000)
        let best = routes.map(nextHop).min()
        let candidates = routes.filter { nextHop(of: $0) == best }
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
        return left.min {
            ($0.learnedAt, $0.identifier, $0.neighbor, $0.prefix.routeDistinguisher)
                < ($1.learnedAt, $1.identifier, $1.neighbor, $1.prefix.routeDistinguisher)
        }
    }

    func fib() -> [String: [IPPrefix: ForwardingAction]] {
        inputs.vrfs.mapValues { vrf in
            choices(of: vrf).mapValues { choice in
                switch choice {
                case .own(let action, _): action
                case .learnt(let route): .labelled(neighbor: route.neighbor, label: route.label)
                }
            }
        }
    }

    /// What `neighbor` is to have once everything is confirmed and sent.
    func sent(to neighbor: PeerAddress, labels: [LabelOwner: MPLSLabel]) -> [VPNPrefix: Owner.Sent] {
        guard let session = sessions[neighbor], let settings = inputs.neighbors[neighbor] else { return [:] }
        var sent: [VPNPrefix: Owner.Sent] = [:]
        for vrf in inputs.vrfs.values where vrf.eligibleNeighbors.contains(neighbor) {
            guard let identity = settings.identity,
                let label = labels[LabelOwner(vrf: vrf.identity, neighbor: identity)]
            else { continue }
            for (prefix, choice) in choices(of: vrf)
            where session.families.contains(SessionFamily(vpn: prefix.family)) && settings.families[SessionFamily(vpn: prefix.family)]?.role == .optionE
                && permits(settings.families[SessionFamily(vpn: prefix.family)]?.exportFilter, prefix)
                && permits(vrf.exportFilters[prefix.family], prefix)
            {
                guard let attributes = attributes(choice, prefix, vrf, settings) else { continue }
                let key = VPNPrefix(routeDistinguisher: vrf.routeDistinguisher, prefix: prefix)
                sent[key] = Owner.Sent(attributes: attributes, label: label)
            }
        }
        return sent
    }

    private func attributes(
        _ choice: Choice, _ prefix: IPPrefix, _ vrf: VRFInputs, _ neighbor: NeighborInputs
    ) -> PathAttributes? {
        let family = prefix.family
        var basis = PathAttributes.Contents(origin: .incomplete)
        switch choice {
        case .own(_, let source):
            guard let source, vrf.redistributed[family]?.contains(source) == true else { return nil }
        case .learnt(let route):
            guard vrf.allowsTransit, route.neighbor != neighbor.peer else { return nil }
            basis.origin = route.attributes.origin
            basis.asPath = route.attributes.asPath
            basis.communities = route.attributes.communities
        }
        let policy = neighbor.families[SessionFamily(vpn: family)]?.exportPolicy
        guard var contents = RandomRoutePolicy.attributes(basis, to: prefix, behind: policy) else { return nil }
        contents.localPreference = nil
        contents.asPath = ASPath(
            sequence: [inputs.autonomousSystem] + contents.asPath.segments.flatMap(\.autonomousSystems))
        if case .ipv4(let own) = neighbor.localAddress, family == .ipv6 {
            contents.nextHop = BGPNextHop(.ipv6(IPv6Address(mapping: own)))
        } else {
            contents.nextHop = BGPNextHop(neighbor.localAddress)
        }
        contents.extendedCommunities = vrf.exportTargets.sorted().map { ExtendedCommunity($0) }
        return PathAttributes(contents)
    }
}
