import Addressing
import Routing

/// What follows when ports lose their links, and when neighbors on NNIs can be reached or no longer.
extension ControlPlane {
    /// Brings tables, neighbors and sessions to what the ports are now: nothing that was learnt over a dead one is used.
    func followPorts() {
        // First: what the neighbors' loss leads to in the tables depends on it.
        tables.setUnusablePorts(dataplane.unusable)
        neighbors.portsHaveChanged()
        hostDevices.followPorts()
        followSessionLinks()
        followCoreLinks()
    }

    /// PEs that are reached over a core interface without link are reached by another way, if there is one.
    func followCoreLinks() {
        let interfaces = plan.coreInterfaces.compactMap { plan.interfaces[$0] }
        transports.setWithoutLink(Set(interfaces.lazy.filter { !self.dataplane.isUsable(port: $0.port) }.map(\.number)))
        followTransports()
    }

    /// Fast external fallover: sessions over a link that is gone end now.
    func followSessionLinks() {
        guard configuration.bgp?.endsSessionsWithLink == true else {
            sessions.setWithoutLink([])
            return
        }
        sessions.setWithoutLink(Set(plan.interfaceOfPeer.keys.filter { !hasLink($0) }))
    }

    /// Whether the NNI or circuit of a BGP neighbor has its link; one that is on none is not judged.
    private func hasLink(_ neighbor: PeerAddress) -> Bool {
        guard let nni = plan.interfaceOfPeer[neighbor].flatMap({ plan.interfaces[$0] }) else { return true }
        return !nni.isShutdown && dataplane.isUsable(port: nni.port)
    }

    /// Tells routing whether packets can be sent to the neighbors, which are the next hops of their routes. Never to be
    /// called while effects are being carried out: what follows from it would overtake them.
    func followNextHops() {
        // While the data plane is away nobody can be asked, and everything stays.
        guard dataplane.isAlive, !schedule.isStopped else { return }
        if let hosts = transports.takeChangedHosts() {
            handle(.providersKnown(bound: hosts.bound, learnt: hosts.learnt))
        }
        let changed = transports.takeUnreported()
        guard neighbors.takeNextHopChange() else { return reportTransports(to: changed) }
        for address in plan.interfaceOfPeer.keys.sorted() {
            guard let key = plan.nextHopKey(of: address), let former = routing.nextHopState(of: address) else {
                continue
            }
            // A path that is not used would not have its neighbor asked for.
            if sessions.isEstablished(with: address) { neighbors.want(key) }
            let state: NextHopState =
                if !hasLink(address) {
                    .unreachable
                } else if neighbors[key]?.state.isUsable == true {
                    .resolved
                } else {
                    .unresolved
                }
            if state != former { handle(.nextHopChanged(neighbor: address, state)) }
        }
        followCircuitGateways()
        for router in plan.core.routers.sorted() { neighbors.want(router) }
        reportTransports(to: Set(routing.transportStates.keys))
    }

    /// Tells routing whether the far ends of Option AB neighbors answer on their circuits, and asks for them.
    private func followCircuitGateways() {
        for (vrf, gateway, wasSilent) in routing.circuitGateways {
            let key = NeighborKey(interface: gateway.circuit, address: gateway.address)
            neighbors.want(key)
            // One that is asked for the first time has not been silent yet.
            guard let state = neighbors[key]?.state, state != .incomplete, !state.isUsable != wasSilent else {
                continue
            }
            let isSilent = !state.isUsable
            handle(.circuitGatewayChanged(vrf: vrf, gateway, isSilent: isSilent))
        }
    }

    /// Tells routing of PEs that internal neighbors' routes name whether transports lead there, and asks for their routers.
    private func reportTransports(to providers: Set<IPAddress>) {
        guard !providers.isEmpty else { return }
        let known = routing.transportStates
        var changed: [IPAddress: NextHopState] = [:]
        for provider in providers.sorted() {
            guard let former = known[provider] else { continue }
            transports.watch(provider)
            let router = transports.transport(to: provider)?.router
            if let router { neighbors.want(router) }
            let state = router.map(state) ?? .unreachable
            if state != former { changed[provider] = state }
        }
        if !changed.isEmpty { handle(.transportsChanged(changed)) }
    }

    /// What has been learnt of ways into the core comes into force in the tables, at once. Routing is told when it is next
    /// told of next hops, so that this may be called while effects are being carried out.
    func followTransports() {
        guard !tables.followTransports().isEmpty else { return }
        publication.commit()
        neighbors.meetNeeds()
    }

    private func state(of router: NeighborKey) -> NextHopState {
        guard let interface = plan.interface(numbered: router.interface), !interface.isShutdown else {
            return .unreachable
        }
        return neighbors[router]?.state.isUsable == true ? .resolved : .unresolved
    }
}
