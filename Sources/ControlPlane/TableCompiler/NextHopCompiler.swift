import Addressing
import CTableLayout
import ForwardingTables
import Routing

/// From what identifies a next hop to what it is now: a pure function of the plan and the records that are installed.
struct NextHopCompiler {
    let plan: ForwardingPlan
    /// The records that are installed, by the names of their interfaces.
    let records: [String: InstalledRecord]
    /// Those by which swapped packets leave, by NNI and for the core.
    let swapRecords: [String: InstalledRecord]

    /// The link by which a next hop leads to its neighbor; `nil` if it leads to none.
    func link(of nextHop: NextHopKey) -> LinkKey? {
        switch nextHop {
        case .receive, .discard, .subnet, .group: nil
        case .gateway(_, let circuit, let address, let family):
            plan.interface(numbered: circuit).map {
                LinkKey(.neighbor(NeighborKey(interface: $0.number, address: address), .init(family)))
            }
        case .labelled(_, let neighbor, _, let outer):
            interface(of: neighbor).map {
                LinkKey(
                    .neighbor(NeighborKey(interface: $0.number, address: neighbor.address), .labelled), under: outer)
            }
        case .overCore(_, let provider, _, _): LinkKey(.provider(provider))
        case .swap(let target): link(of: target)
        }
    }

    private func link(of target: SwapTarget) -> LinkKey? {
        let outer = target.labels.count > 1 ? target.labels.first : nil
        switch target.way {
        case .provider(let provider): return LinkKey(.provider(provider), under: outer)
        case .neighbor(let neighbor):
            guard let nni = plan.interfaces[neighbor.nni], nni.hasLabels else { return nil }
            let key = NeighborKey(interface: nni.number, address: neighbor.address)
            return LinkKey(.neighbor(key, .labelled), under: outer)
        }
    }

    /// Without a way out there is none, and packets are refused as those of a label that is withdrawn.
    private func nextHop(_ target: SwapTarget, link: UInt32) -> NextHop {
        guard link != 0, target.labels.count <= SwapTarget.mostLabels, let record = swapRecords[target.place] else {
            return .none
        }
        // What stands above the innermost label is the link's.
        return .swap(UInt16(truncatingIfNeeded: record.index), link: link, label: target.labels.last?.rawValue)
    }

    /// The next hop, but for a group, whose number `InstalledGroups` gives. Without an installed interface of its VRF there is
    /// no way out, and packets are refused with ICMP.
    ///
    /// - Parameter link: the number of its link; 0: it has none.
    func nextHop(_ key: NextHopKey, link: UInt32) -> NextHop {
        if case .swap(let target) = key { return nextHop(target, link: link) }
        guard let vrf = plan.vrf(numbered: key.vrf) else { return .discard(vrf: 0) }
        let number = vrf.number.rawValue
        switch key {
        case .swap, .group: break
        case .receive: return .receive(vrf: number)
        case .discard: return .discard(vrf: number)
        case .subnet(_, let circuit, _):
            let egress = egress(plan.interface(numbered: circuit), vrf: vrf.identity.name)
            return egress.map { .subnet($0) } ?? .unreachable(vrf: number)
        case .gateway(_, let circuit, _, _):
            guard link != 0, let egress = egress(plan.interface(numbered: circuit), vrf: vrf.identity.name) else {
                break
            }
            return .circuit(egress, link: link)
        case .labelled(_, let neighbor, let label, _):
            guard link != 0, let nni = interface(of: neighbor),
                let egress = egress(plan.unit(nni: nni.number, vrf: vrf.number), vrf: vrf.identity.name)
            else { break }
            return .labelled(egress, link: link, label: label.rawValue)
        case .overCore(_, _, let label, let isMarked):
            let unit = plan.unit(nni: ForwardingPlan.coreName, vrf: vrf.identity.name)
            guard link != 0, let egress = egress(unit, vrf: vrf.identity.name) else { break }
            return .labelled(egress, link: link, label: label.rawValue, isMarked: isMarked)
        }
        return .unreachable(vrf: number)
    }

    private func interface(of neighbor: PeerAddress) -> InterfacePlan? {
        plan.interfaceOfPeer[neighbor].flatMap { plan.interfaces[$0] }
    }

    /// The record by which packets of the VRF leave.
    private func egress(_ interface: InterfacePlan?, vrf: String) -> UInt16? {
        guard let interface, interface.vrf == vrf, let record = records[interface.name] else { return nil }
        return UInt16(truncatingIfNeeded: record.index)
    }
}

extension SwapTarget {
    /// Where packets leave: the NNI or circuit, or what stands for the core.
    var place: String {
        switch way {
        case .neighbor(let neighbor): neighbor.nni
        case .provider: ForwardingPlan.coreName
        }
    }

    /// The neighbor or PE there.
    var address: IPAddress {
        switch way {
        case .neighbor(let neighbor): neighbor.address
        case .provider(let address): address
        }
    }

    /// Whether that is an NNI or a circuit.
    var leadsToNNI: Bool { if case .neighbor = way { true } else { false } }
}
