import Addressing
import CTableLayout
import Configuration

/// What stands between the box and its BGP neighbors.
struct SessionObstacles {
    let index: ConfigurationIndex
    let plan: ForwardingPlan
    let neighbors: LinkNeighbors
    let dataplane: DataplaneLink
    /// Whether there is a TUN device.
    let hasKernelLink: Bool

    /// What keeps packets from reaching a neighbor now, as far as the box itself can see; `nil` if nothing does.
    func obstacle(towards neighbor: IPAddress) -> String? {
        guard let nni = index.nni(towards: neighbor)?.interface.name.description else {
            return "no NNI has a subnet with \(neighbor)"
        }
        guard let interface = plan.interfaces[nni], interface.isInstallable else {
            return "\(nni) is not in the tables: see 'show interfaces'"
        }
        guard hasKernelLink else { return "there is no TUN device: BGP cannot send over an NNI" }
        guard dataplane.isAlive else { return "no data plane is running" }
        guard dataplane.silentSeconds(now: WallClock.secondsSince1970) == nil else {
            return "the data plane shows no sign of life"
        }
        if let state = dataplane.portStates[interface.port], stile_port_state(state) != STILE_PORT_UP {
            return
                "port \(plan.ports[interface.port]?.name.description ?? nni) is \(dataplane.state(ofPort: interface.port, plan))"
        }
        let entry = neighbors[NeighborKey(interface: interface.number, address: neighbor)]
        guard let entry, entry.state.isUsable else {
            let protocolName = neighbor.family == .ipv4 ? "ARP" : "neighbor discovery"
            return "nobody on \(nni) answers \(protocolName) for \(neighbor)"
        }
        return nil
    }
}

extension ControlPlane {
    var sessionObstacles: SessionObstacles {
        SessionObstacles(
            index: index, plan: plan, neighbors: neighbors, dataplane: dataplane, hasKernelLink: punts.hasKernelLink)
    }
}
