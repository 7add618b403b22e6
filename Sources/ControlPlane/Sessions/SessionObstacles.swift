import Addressing
import CTableLayout
import Configuration

/// What stands between the box and its BGP neighbors.
struct SessionObstacles {
    let index: ConfigurationIndex
    let plan: ForwardingPlan
    let neighbors: LinkNeighbors
    let dataplane: DataplaneLink
    let kernel: KernelLinks
    let engine: RoutingEngine

    /// What keeps packets from reaching a neighbor now, as far as the box itself can see; `nil` if nothing does.
    func obstacle(towards neighbor: PeerAddress) -> String? {
        if neighbor.vrf == nil, index.internalSessions.contains(where: { $0.address == neighbor.address }) {
            let learnt = engine.router(towards: neighbor.address)
            guard let router = plan.core.neighbor(towards: neighbor.address) ?? learnt,
                let interface = plan.interface(numbered: router.interface)
            else { return "no route of the default table leads to \(neighbor.address)" }
            return obstacle(on: interface, towards: router.address, inVRF: nil)
        }
        let name = plan.name(of: neighbor)
        guard let nni = index.place(of: name)?.interface.name.description else {
            let place = name.vrf.map { "circuit of VRF \($0)" } ?? "NNI"
            return "no \(place) has a subnet with \(neighbor.address)"
        }
        guard let interface = plan.interfaces[nni] else {
            return "\(nni) is not in the tables: see 'show interfaces'"
        }
        return obstacle(on: interface, towards: neighbor.address, inVRF: neighbor.vrf)
    }

    private func obstacle(on interface: InterfacePlan, towards neighbor: IPAddress, inVRF vrf: VRFNumber?) -> String? {
        let name = interface.name
        guard interface.isInstallable else { return "\(name) is not in the tables: see 'show interfaces'" }
        guard kernel.hasLink(of: vrf) else { return "there is no TUN device: BGP cannot send over \(name)" }
        guard dataplane.isAlive else { return "no data plane is running" }
        guard dataplane.silentSeconds(now: WallClock.secondsSince1970) == nil else {
            return "the data plane shows no sign of life"
        }
        if let state = dataplane.portStates[interface.port], stile_port_state(state) != STILE_PORT_UP {
            return
                "port \(plan.ports[interface.port]?.name.description ?? name) is \(dataplane.state(ofPort: interface.port, plan))"
        }
        let entry = neighbors[NeighborKey(interface: interface.number, address: neighbor)]
        guard let entry, entry.state.isUsable else {
            let protocolName = neighbor.family == .ipv4 ? "ARP" : "neighbor discovery"
            return "nobody on \(name) answers \(protocolName) for \(neighbor)"
        }
        return nil
    }
}

extension ControlPlane {
    var sessionObstacles: SessionObstacles {
        SessionObstacles(
            index: index, plan: plan, neighbors: neighbors, dataplane: dataplane, kernel: kernel,
            engine: engine)
    }
}
